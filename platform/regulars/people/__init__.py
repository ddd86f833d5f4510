"""Members and what identifies them: wallets, cards, consents, sign-in codes."""
