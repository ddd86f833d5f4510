"""Where the business sells: regions, branches and tills."""
