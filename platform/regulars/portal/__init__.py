"""The door for members on their phones."""
