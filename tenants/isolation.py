"""Guards that hold querysets, objects and content types in the business they came from."""


def guard() -> None:
    """Switch the guards on."""
