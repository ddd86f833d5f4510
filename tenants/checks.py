"""System checks of the businesses."""
