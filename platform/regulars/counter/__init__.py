"""The door for staff at the till."""
