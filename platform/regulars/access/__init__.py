"""Who signs in: the user behind a member, a member of staff or an operator."""
