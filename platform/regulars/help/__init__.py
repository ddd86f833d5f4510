"""Help inside the product: pages for each role in both languages, the way from a page to its topic, and first tours.

The pages in `pages/<language>/` are the one source: `docs/` points at them.
"""
