"""Words and data of charts in templates."""
