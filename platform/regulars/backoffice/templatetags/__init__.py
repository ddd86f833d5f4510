"""Words that templates of the back office need."""
