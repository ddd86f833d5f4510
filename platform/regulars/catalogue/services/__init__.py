"""Acts on the catalogue: products and categories, books of prices and the calendar, dealers and who becomes one."""
