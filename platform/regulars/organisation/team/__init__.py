"""The team: who works here, in which role, where, and how they come and go."""
