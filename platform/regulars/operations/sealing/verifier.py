"""Is everything as it was? Walks a chain of seals and the rows under it, and names each that is not.

Found are rows that were changed (their hash or their seal no longer fits), deleted (sealed but not there), inserted
(there but not sealed) or exchanged with another, links that were changed or cut off, and a chain that was replaced as
a whole: its newest link is also noted outside of the business. What is not sealed yet is told: a row of it that was
changed and hashed anew, or deleted, cannot be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.db import connection

from regulars import hooks, plugins
from regulars.operations.models import Seal
from regulars.operations.sealing.canonical import hash_of
from regulars.operations.sealing.chains import Chain, Row
from regulars.operations.sealing.sealer import leaves_of, named, seal_hash

Kind = Literal["changed", "deleted", "inserted", "exchanged", "seal", "cut", "replaced"]
BEFORE_ALL = -(2**63)
SEALS_AT_ONCE = 20


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was: a row (`id` of the table) or a link (its number), and what is wrong with it."""

    kind: Kind
    id: int
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass
class Verdict:
    """What a check found: `sealed` rows and `links` walked, `unsealed` rows behind the last link, and the `head`."""

    findings: list[Finding] = field(default_factory=list)
    sealed: int = 0
    links: int = 0
    unsealed: int = 0
    head: str = ""

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(chain: Chain) -> Verdict:
    """Check every row and every link of a chain in the business this thread is in. Reads all of it, writes nothing."""
    verdict = Verdict()
    end, previous, number = BEFORE_ALL, "", 0
    for link in links(chain):
        verdict.findings += _wrong_with_link(link, previous=previous, expected=number + 1, begin=end)
        verdict.findings += _wrong_under(chain, link, begin=end)
        verdict.sealed += link.count
        verdict.links += 1
        end, previous, number = max(end, link.last_id), link.hash, link.number
    verdict.head = previous
    verdict.findings += _wrong_with_head(chain, number=number, digest=previous)
    tail = _beyond(chain)
    for row in chain.rows(after=end):
        verdict.unsealed += 1
        if tail is not None and row.id > tail:
            verdict.findings.append(Finding("inserted", row.id, f"row {row.id} was inserted: no such id was given out"))
        elif hash_of(row.values) != row.hash:
            verdict.findings.append(Finding("changed", row.id, f"row {row.id} was changed before it was sealed"))
    return verdict


def links(chain: Chain) -> Iterator[Seal]:
    """The links of a chain in order, a few at a time."""
    last = 0
    while found := list(Seal.objects.filter(chain=chain.name, number__gt=last).order_by("number")[:SEALS_AT_ONCE]):
        yield from found
        last = found[-1].number


def _wrong_with_link(link: Seal, *, previous: str, expected: int, begin: int) -> Iterator[Finding]:
    if link.number != expected:
        missing = f"{expected}" if link.number == expected + 1 else f"{expected} to {link.number - 1}"
        yield Finding("seal", expected, f"seal {missing} is missing")
    elif link.previous != previous:
        yield Finding("seal", link.number, f"seal {link.number} does not follow the one before it")
    if seal_hash(link) != link.hash:
        yield Finding("seal", link.number, f"seal {link.number} was changed; it covers rows up to {link.last_id}")
    kept = [row_id for row_id, _hash in leaves_of(link)]
    is_whole = len(kept) == link.count and kept == sorted(set(kept)) and bool(kept)
    if not is_whole or kept[0] <= begin or kept[-1] != link.last_id:
        yield Finding("seal", link.number, f"seal {link.number} does not say which rows it covers")


def _wrong_under(chain: Chain, link: Seal, *, begin: int) -> Iterator[Finding]:
    """What is wrong with the rows that a link covers."""
    sealed = dict(leaves_of(link))
    by_hash = {written: row_id for row_id, written in sealed.items()}
    left = dict(sealed)
    for row in chain.rows(after=begin, upto=link.last_id):
        expected = left.pop(row.id, None)
        if expected is None:
            yield Finding("inserted", row.id, f"row {row.id} was inserted below seal {link.number}")
            continue
        yield from _wrong_with_row(row, expected, by_hash)
    for row_id in left:
        yield Finding("deleted", row_id, f"row {row_id} was deleted; seal {link.number} covers it")


def _wrong_with_row(row: Row, expected: str, by_hash: dict[str, int]) -> Iterator[Finding]:
    present = hash_of(row.values)
    if present == expected == row.hash:
        return
    other = by_hash.get(present)
    if other is not None and other != row.id:
        yield Finding("exchanged", row.id, f"row {row.id} holds what was sealed as row {other}")
    elif present != row.hash:
        yield Finding("changed", row.id, f"row {row.id} was changed: it does not fit the hash it was written with")
    else:
        yield Finding("changed", row.id, f"row {row.id} was changed and hashed anew: it does not fit its seal")


def _wrong_with_head(chain: Chain, *, number: int, digest: str) -> Iterator[Finding]:
    """Compare the last link with what was noted outside of the business; nobody may have noted anything."""
    noted = plugins.first(hooks.chain_head, chain=chain.name)
    if noted is None:
        return
    if noted.number > number:
        yield Finding("cut", number, f"the chain ends at seal {number}, but seal {noted.number} was noted outside")
    elif noted.number < number:
        yield Finding("replaced", number, f"the chain has {number} seals, but only {noted.number} were noted outside")
    elif noted.digest != digest:
        yield Finding("replaced", number, f"seal {number} is not the one noted outside: the chain was replaced")


def _beyond(chain: Chain) -> int | None:
    """The highest id that the table's sequence has given out; None when that is not known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_catalog.pg_sequence_last_value(pg_catalog.pg_get_serial_sequence(%s, 'id')::regclass)",
            [named(chain)],
        )
        found: int | None = cursor.fetchone()[0]
        return found
