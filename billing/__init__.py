"""Money between members, businesses and us; its rooms are built when the first payment needs them."""
