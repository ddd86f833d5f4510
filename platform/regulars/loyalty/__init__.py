"""What loyalty earns: the points rule, tiers and their benefits."""
