"""Migrations of the room `backoffice`."""
