"""Points: the rules that give them."""
