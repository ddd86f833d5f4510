"""The screens of the members' door, one module for each part of the bottom bar and for the way in."""
