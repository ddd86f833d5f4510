"""Messages to members: purpose, consent, channels and the in-app inbox."""
