"""The specimen: what a stranger's module looks like, with one of everything that a module may have."""
