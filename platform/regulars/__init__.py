"""Regulars (熟客): the core, which knows one business: its members, their assets and its sales."""
