"""Referral: a member brings a friend, and both get points once the friend's first purchase has outlived its hold.

Depth is one, always: a friend has one referral, ever, and a reward is a column of that row, so that there is no place
to write one for anybody further up.
"""
