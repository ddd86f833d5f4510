"""Our own optional modules, each a plugin through the same door as a stranger's."""
