"""Migrations of the public schema."""
