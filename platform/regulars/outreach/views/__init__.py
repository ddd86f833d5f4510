"""Pages about messages: for staff in the back office, and the one by which a member ends offers."""
