"""What a business decides about its messages: its own words, trying them on oneself, the rules of sending."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from regulars import clock
from regulars.errors import InvalidInput, NotFound, TooMany
from regulars.hooks import MessageTemplate
from regulars.operations.outbox import wake_after_commit
from regulars.operations.trail import record
from regulars.organisation.models import Language, Staff
from regulars.outreach import selectors
from regulars.outreach.models import Channel, Message, Purpose, SendingRules, Wording
from regulars.outreach.services import write
from regulars.outreach.templates import templates
from regulars.outreach.wording import Words, checked, examples_of, words_for
from regulars.public_ids import random_code
from regulars.text import plain_text

TESTS_PER_HOUR = 20
LONGEST_KEPT = 120
"""Months; what is kept longer than ten years is kept for no reason."""


def template_of(kind: str, language: str) -> MessageTemplate:
    """A declared message, in a language of ours. Raises `NotFound`."""
    template = templates().get(kind)
    if template is None or language not in Language.values:
        raise NotFound
    return template


@transaction.atomic
def reword(*, kind: str, language: str, subject: str, body: str, by: str) -> Words:
    """Say a message in the business's own words from now on. What was written before stays as it was.

    Raises `NotFound` for a kind nobody declared, `UnknownVariable` naming what the message does not have, and
    `InvalidInput` naming the field for what is empty, too long or lacks the code.
    """
    template = template_of(kind, language)
    words = checked(template, subject=subject, body=body)
    before = words_for(template, language)
    Wording.objects.update_or_create(
        kind=kind,
        language=language,
        defaults={"subject": words.subject, "body": words.body, "changed_at": clock.now(), "changed_by": by[:80]},
    )
    record(
        act="message.reworded",
        actor=by,
        subject=f"{kind}:{language}"[:40],
        detail={"before": [before.subject, before.body], "after": [words.subject, words.body]},
    )
    return words


@transaction.atomic
def restore(*, kind: str, language: str, by: str) -> bool:
    """Go back to our words; False where they were ours already. Raises `NotFound` for a kind nobody declared."""
    template_of(kind, language)
    deleted, _rows = Wording.objects.filter(kind=kind, language=language).delete()
    if deleted:
        record(act="message.restored", actor=by, subject=f"{kind}:{language}"[:40])
    return bool(deleted)


def ways_to_test(staff: Staff) -> list[tuple[str, str]]:
    """How a member of staff can try a message on themselves: their own e-mail and phone."""
    own = [(Channel.EMAIL, staff.user.email), (Channel.SMS, staff.user.phone)]
    return [(str(channel), to) for channel, to in own if to]


@transaction.atomic
def send_test(*, kind: str, language: str, subject: str, body: str, channel: str, staff: Staff) -> Message:
    """Send these words, filled with examples, to whoever asks. Nothing is kept of the words but this one message.

    Raises as `reword` does, `InvalidInput` for a channel by which this person has no address, and `TooMany` after
    twenty tests of the business in an hour.
    """
    template = template_of(kind, language)
    words = checked(template, subject=subject, body=body)
    to = dict(ways_to_test(staff)).get(channel)
    if to is None:
        raise InvalidInput(_("Your own account has no address for this."), field="channel")
    now = clock.now()
    recent = Message.objects.filter(written_at__gt=now - dt.timedelta(hours=1), key__startswith="test:")
    if recent.count() >= TESTS_PER_HOUR:
        raise TooMany(_("Too many tests were sent. Please try again in an hour."))
    with override(language):
        filled = write(words, examples_of(template, language))
        title = _("Test: %(subject)s") % {"subject": filled[0]}
    message = Message.objects.create(
        key=f"test:{random_code(20)}",
        kind=kind,
        purpose=Purpose.TRANSACTIONAL,
        channel=channel,
        language=language,
        recipient=to,
        subject=title[:200],
        body=filled[1],
        written_at=now,
        not_before=now,
    )
    wake_after_commit()
    return message


@transaction.atomic
def change_rules(*, by: str, **changes: Any) -> SendingRules:
    """Change the rules of sending: names of `SendingRules`. Raises `InvalidInput` naming the field."""
    rules = SendingRules.objects.select_for_update().first() or SendingRules(id=1)
    before = {name: getattr(rules, name) for name in changes}
    for name, value in changes.items():
        setattr(rules, name, _RULES[name](value))
    rules.save()
    after = {name: getattr(rules, name) for name in changes}
    changed = {name: [str(before[name]), str(after[name])] for name in changes if before[name] != after[name]}
    record(
        act="messages.rules_changed",
        actor=by,
        detail={"changed": {name: [str(a), str(b)] for name, (a, b) in changed.items()}},
    )
    transaction.on_commit(lambda: cache.delete(selectors.RULES_KEY))
    cache.delete(selectors.RULES_KEY)
    return rules


def _number(field: str, least: int, most: int) -> Any:
    def check(value: int) -> int:
        if not least <= value <= most:
            raise InvalidInput(
                _("Enter a number from %(least)s to %(most)s.") % {"least": least, "most": most}, field=field
            )
        return value

    return check


def _time(value: dt.time) -> dt.time:
    return value.replace(second=0, microsecond=0, tzinfo=None)


_RULES: dict[str, Any] = {
    "quiet_from": _time,
    "quiet_until": _time,
    "offers_per_week": _number("offers_per_week", 0, 21),
    "sms_price": _number("sms_price", 0, 1000 * selectors.MICRO),
    "mail_price": _number("mail_price", 0, 1000 * selectors.MICRO),
    "keep_months": _number("keep_months", 1, LONGEST_KEPT),
    "postal_address": lambda value: plain_text(value, field="postal_address", longest=200, required=False),
}
"""How each rule is checked."""
