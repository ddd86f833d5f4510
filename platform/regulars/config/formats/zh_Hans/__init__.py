"""Chinese, as it is read on the mainland."""
