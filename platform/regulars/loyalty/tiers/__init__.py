"""Tiers: the tracks and ladders, where each member stands, and why they moved."""
