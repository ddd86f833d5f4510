"""Many businesses: sign-up, trial, one PostgreSQL schema each, opening, closing and moving them."""
