"""Coupons: what a business promises off a purchase, the codes it gives out, and what became of each of them."""
