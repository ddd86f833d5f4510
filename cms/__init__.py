"""What members see of a business: Wagtail pages, blocks and the presets of each trade."""
