"""How members are found by a few characters, so that an index answers however many they are.

Trigrams answer any three characters in a row, and fewer at the start or end of a word: a surname, a given name, the
tail of a phone number.
"""

from __future__ import annotations

from django.db.models import Q

from regulars.people.models import Card

ENOUGH = 3
"""Characters that are looked for anywhere; fewer must stand at the start or the end."""

MOST_CARDS = 500
"""Members found through a few figures of their card number; whoever wants another types on."""


def found_by(typed: str, *, sees_contacts: bool = True) -> Q:
    """The members that a search means: by name, card, phone or its end, and e-mail.

    Whoever may not see contacts in full finds by a whole phone number or address only, or could guess them piecemeal.
    """
    words = " ".join(typed.replace("\0", "").split())[:100]
    squeezed = "".join(char for char in words if not char.isspace() and char != "-")
    found = _anywhere("name", words)
    if sees_contacts:
        found |= _anywhere("email", words)
        if any(char.isdigit() for char in squeezed):
            found |= Q(phone__contains=squeezed) if len(squeezed) >= ENOUGH else Q(phone__endswith=squeezed)
    else:
        found |= Q(email=words.lower()) | Q(phone=squeezed)
    if squeezed.isdigit() and len(squeezed) >= ENOUGH:
        # asked first: a question within the question would keep the others from their index
        cards = Card.objects.filter(number__contains=squeezed).values_list("member", flat=True)
        found |= Q(pk__in=list(cards[:MOST_CARDS]))
    return found


def _anywhere(field: str, words: str) -> Q:
    if len(words) >= ENOUGH:
        return Q(**{f"{field}__icontains": words})
    return Q(**{f"{field}__istartswith": words}) | Q(**{f"{field}__iendswith": words})
