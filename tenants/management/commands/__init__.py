"""Management commands of the businesses."""
