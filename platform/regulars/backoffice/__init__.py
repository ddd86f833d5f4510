"""What staff see in the back office that is no single room's: menu, checklist, lists."""
