"""Quote, sale and refund: what a member buys and how it is undone."""
