"""Members, found by name, phone, card or e-mail within the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.columns import Asker
from regulars.backoffice.search import MOST, Hit, searchable
from regulars.people.contacts import Contact
from regulars.people.finding import found_by
from regulars.people.models import Member


@searchable("members", label=_("Members"), permission="members.view", order=10)
def members(typed: str, asker: Asker) -> Iterator[Hit]:
    """Without an order: the index answers, and whoever wants another types on."""
    sees = asker.may("members.contacts")
    found = asker.scope.limit(Member.objects.filter(found_by(typed, sees_contacts=sees))).order_by()
    for member in found.select_related("standing__tier")[:MOST]:
        contact = Contact("phone", member.phone) if member.phone else Contact("email", member.email)
        reached = contact.value if sees else contact.masked
        standing = getattr(member, "standing", None)
        yield Hit(
            label=member.name or reached,
            detail=" · ".join(words for words in (str(standing.tier) if standing else "", reached) if words),
            url=reverse("office_members:inspect", args=(member.public_id,)),
            icon="members",
        )
