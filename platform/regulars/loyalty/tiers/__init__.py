"""Tiers: the ladder, and where each member stands on it."""
