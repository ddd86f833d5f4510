"""The frame: settings, URL maps, processes. It names everything and nobody imports it."""
