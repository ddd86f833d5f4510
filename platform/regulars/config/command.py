"""The command `regulars`: everything an operator does from a shell."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a command of this project: `regulars open-business …`, `regulars migrate`, `regulars plugin list`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    from django.core.management import execute_from_command_line

    arguments = [
        sys.argv[0],
        *(_django_name(argument) if i == 0 else argument for i, argument in enumerate(sys.argv[1:])),
    ]
    execute_from_command_line(arguments)


def _django_name(command: str) -> str:
    """Commands are typed with hyphens; Django finds them as modules."""
    if command == "migrate":
        return "migrate_businesses"
    return command.replace("-", "_") if not command.startswith("-") else command


if __name__ == "__main__":
    main()
