"""What a plugin author's tests need: a business, a member, an enabled plugin, a clock to turn."""
