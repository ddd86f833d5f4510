"""Words of the members' door for its templates."""
