"""What time alone brings about: points that arrive, remind of their end and end, birthdays, anniversaries, idleness."""
