"""What runs behind the doors: the outbox of facts, due work and their deliveries."""
