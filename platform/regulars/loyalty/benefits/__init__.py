"""Benefits: what a tier entitles its members to, how often, and what they used of it."""
