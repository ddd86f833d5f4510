"""How passwords are kept: argon2id at the strength that OWASP recommends.

The library's default takes 100 MB and eight threads for each sign-in, which at a busy hour is a way to bring the server
down. Source: OWASP Password Storage Cheat Sheet, argon2id with 19 MiB, two passes, one lane.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """argon2id, `memory_cost` in KiB; a password kept at another strength is hashed anew at its next sign-in."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
