"""The business itself: its settings, brand, branches, terminals, staff and enabled plugins."""
