"""How fast it is: each figure a ratio measured in one run against a reference on the same server."""
