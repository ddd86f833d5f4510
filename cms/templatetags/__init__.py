"""Words and links that templates of the site need."""
