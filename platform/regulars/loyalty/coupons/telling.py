"""What members are told about their coupons: that they were given one, and that some end soon.

What comes with the membership is told like points that arrive. What is meant to bring somebody back, or goes to many at
once, is an offer: it goes to those who agreed to offers, by the ways they agreed to, and not more often than is right.
The coupon is theirs either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from regulars import hooks, plugins
from regulars.loyalty.coupons.models import Coupon, Occasion
from regulars.loyalty.coupons.sentences import gives, until
from regulars.outreach.models import Channel
from regulars.outreach.services import Letter, send, send_to_many
from regulars.people.models import Member
from regulars.words import in_language

GIVEN, OFFER, ENDING = "coupon_given", "coupon_offer", "coupon_ending"


def tell(coupons: Iterable[int], *, is_offer: bool = False) -> None:
    """Tell the owners of these coupons (by database id) that they have them; each is told of once.

    Of what wakes somebody up, and with `is_offer`, as an offer.
    """
    found = Coupon.objects.select_related("template", "batch", "member__branch").filter(pk__in=list(coupons))
    rows = list(found.filter(member__is_active=True).order_by("pk"))
    letters: dict[str, list[Letter]] = {GIVEN: [], OFFER: []}
    for row in rows:
        if row.member is not None:
            kind = OFFER if is_offer or row.template.occasion == Occasion.WAKE_UP else GIVEN
            letters[kind].append(Letter(member=row.member, variables=_words(row), key=_key(row)))
    for kind, theirs in letters.items():
        send_to_many(kind=kind, letters=theirs)


def tell_in_the_inbox(coupon: Coupon) -> None:
    """Tell the owner of a coupon without a sound: another message comes in the same moment."""
    send(kind=GIVEN, member=coupon.member, channel=Channel.INBOX, variables=_words(coupon), key=_key(coupon))


def remind(members: Sequence[tuple[Member, Sequence[Coupon]]], *, key: str) -> None:
    """Remind each of the coupons that end, with one message for all of them."""
    address = portal("/me/coupons/")
    letters = [
        Letter(
            member=member,
            variables={"coupons": _listed(coupons, member.language), "address": address},
            key=f"{ENDING}:{member.public_id}:{key}",
        )
        for member, coupons in members
    ]
    send_to_many(kind=ENDING, letters=letters)


def portal(path: str) -> str:
    """The whole address of a page of the members' portal."""
    return plugins.first(hooks.site_address, path=path) or path


def _key(coupon: Coupon) -> str:
    return f"coupon:{coupon.public_id}"


def _words(coupon: Coupon) -> dict[str, Any]:
    """The variables of a message about one coupon, as its owner's language says them."""
    language = coupon.member.language if coupon.member is not None else ""
    with translation.override(language or translation.get_language()):
        return {
            "coupon": _name(coupon, language),
            "gives": gives(coupon.template),
            "until": until(coupon.ends_at),
            "address": portal(f"/me/coupons/{coupon.public_id}/"),
        }


def _listed(coupons: Sequence[Coupon], language: str) -> str:
    with translation.override(language):
        said = [
            _("%(coupon)s %(until)s") % {"coupon": _name(coupon, language), "until": until(coupon.ends_at)}
            for coupon in coupons
        ]
        return _(", ").join(said)


def _name(coupon: Coupon, language: str) -> str:
    return in_language(coupon.template.words, language) or gives(coupon.template)
