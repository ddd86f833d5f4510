"""A key for each member: what is encrypted with it can be read until the member is erased, and then never again.

For tables that are never changed. A key is random; it is kept wrapped (AES-GCM) by a key of the business, which is
derived (HKDF) from the installation's secret and the name of the business's schema and stored nowhere. Destroying a
member's key leaves the rows as they are, so that their hashes still hold, and makes the values unreadable for ever.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Collection
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection, transaction

from regulars import clock
from regulars.people.models import Member, MemberKey

KEY = 32
NONCE = 12
PURPOSE = b"regulars: keys of members"


class Unreadable(Exception):
    """The key is destroyed or another one, or the words were changed."""


def encrypted(member: Member, value: Any) -> str | None:
    """A JSON value as text that only this member's key reads; None where that key was destroyed.

    Makes the key where the member has none yet, so it belongs into the transaction of an act.
    """
    key = _key_of(member)
    if key is None:
        return None
    words = json.dumps(value, ensure_ascii=False).encode()
    return _closed(key, words, about=member.public_id)


def keys_of(members: Collection[str]) -> dict[str, bytes]:
    """The keys of members by public id, in one question; those without a key, or with a destroyed one, are missing."""
    wrapped = MemberKey.objects.filter(member__public_id__in=members, destroyed_at__isnull=True)
    found: dict[str, bytes] = {}
    for public_id, text in wrapped.values_list("member__public_id", "wrapped") if members else ():
        try:
            found[public_id] = _unwrapped(text, about=public_id)
        except Unreadable:
            continue
    return found


def decrypted(key: bytes, text: str, *, about: str) -> Any:
    """What was encrypted for the member `about` (public id). Raises `Unreadable`."""
    return json.loads(_opened(key, text, about=about))


@transaction.atomic
def destroy_key(*, member: Member) -> None:
    """Make everything unreadable for ever that was encrypted for this member; later values are not kept at all."""
    now = clock.now()
    MemberKey.objects.update_or_create(member=member, defaults={"wrapped": "", "made_at": now, "destroyed_at": now})


def _key_of(member: Member) -> bytes | None:
    row = MemberKey.objects.filter(member=member).first()
    if row is None:
        fresh = secrets.token_bytes(KEY)
        wrapped = _closed(_keys_of_the_business()[0], fresh, about=member.public_id)
        row, is_new = MemberKey.objects.get_or_create(
            member=member, defaults={"wrapped": wrapped, "made_at": clock.now()}
        )
        if is_new:
            return fresh
    return None if row.destroyed_at else _unwrapped(row.wrapped, about=member.public_id)


def _unwrapped(text: str, *, about: str) -> bytes:
    for key in _keys_of_the_business():
        try:
            return _opened(key, text, about=about)
        except Unreadable:
            continue
    raise Unreadable


def _keys_of_the_business() -> list[bytes]:
    """Derived from the secret, and from those that were the secret before."""
    salt = str(connection.schema_name).encode()  # type: ignore[attr-defined]
    return [
        HKDF(algorithm=hashes.SHA256(), length=KEY, salt=salt, info=PURPOSE).derive(secret.encode())
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def _closed(key: bytes, words: bytes, *, about: str) -> str:
    nonce = secrets.token_bytes(NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, words, about.encode())).decode()


def _opened(key: bytes, text: str, *, about: str) -> bytes:
    try:
        whole = base64.b64decode(text, validate=True)
        return AESGCM(key).decrypt(whole[:NONCE], whole[NONCE:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
