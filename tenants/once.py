"""A form sent twice does its act once, whichever processes answer.

The form carries a random key. The first request that claims it goes ahead; another with the same key waits for what the
first one made. Claims live an hour among the public schema's sessions: the one store every process shares, with a
primary key that lets in exactly one, cleared with the old sessions. The row's name is an HMAC of the key, so nobody can
present it as a session.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

from django.contrib.sessions.backends.base import CreateError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.access.sessions import SessionStore
from regulars.errors import RegularsError

KEPT_FOR = 3600
LONGEST_WAIT = 60.0
"""Seconds a second request waits for the first; a claim older than twice that was left by a process that died."""
STEP = 0.1


class StillUnderWay(RegularsError):
    """The first request with this key has not ended yet."""

    message = _("Your first attempt is still under way. Wait a moment, then press the button again.")


def new_key() -> str:
    """A key for a form about to be shown."""
    return secrets.token_urlsafe(24)


@dataclass
class Claim:
    """The right to do an act, or, in `result`, what whoever had it made."""

    store: SessionStore
    result: str = ""

    def keep(self, result: str) -> None:
        """Remember what was made for everybody who comes with the same key."""
        self.store["result"] = result
        self.store.save()

    def give_up(self) -> None:
        """Nothing was made: the same key may try again."""
        self.store.delete()


def claim(key: str) -> Claim:
    """Claim a key; a claim with a `result` was made before and is not to be repeated.

    A key that is no key of ours claims nothing in common with anybody. Raises StillUnderWay after a minute of waiting.
    """
    name = salted_hmac("tenants.once", key if re.fullmatch(r"[\w-]{16,64}", key) else new_key()).hexdigest()[:40]
    begun = time.monotonic()
    while True:
        store = SessionStore(session_key=name)
        try:
            store.save(must_create=True)
        except CreateError:
            before = SessionStore(session_key=name)
        else:
            return _begun(store)
        if result := before.get("result", ""):
            return Claim(before, str(result))
        if clock.now().timestamp() - before.get("begun", clock.now().timestamp()) > 2 * LONGEST_WAIT:
            before.delete()
            continue
        if time.monotonic() - begun > LONGEST_WAIT:
            raise StillUnderWay
        time.sleep(STEP)


def _begun(store: SessionStore) -> Claim:
    store.set_expiry(KEPT_FOR)
    store["begun"] = clock.now().timestamp()
    store.save()
    return Claim(store)
