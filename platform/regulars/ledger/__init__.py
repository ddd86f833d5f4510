"""How value moves: accounts, transactions, postings and lots, append-only."""
