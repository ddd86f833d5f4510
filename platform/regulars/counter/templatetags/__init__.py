"""How the counter's templates write amounts."""
