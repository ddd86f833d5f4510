"""Rewards: the shelf of what points are redeemed for, and what became of each redemption."""
