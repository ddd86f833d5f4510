"""What a page can be put together from: blocks of the house and blocks of plugins."""
