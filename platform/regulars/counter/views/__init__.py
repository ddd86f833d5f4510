"""What staff see at the till: the sale itself, the sales that were, and the place they stand at."""
