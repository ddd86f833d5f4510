"""The first screen: the card, the points, the path and what is worth knowing today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from regulars.loyalty.coupons.selectors import count_usable
from regulars.organisation import selectors as organisations
from regulars.people.models import Member
from regulars.portal import codes, selectors
from regulars.portal.admission import members_only
from regulars.portal.amounts import count
from regulars.portal.days import said
from regulars.portal.pages import page
from regulars.portal.paths import further_paths, path_of


@members_only
@require_safe
@ensure_csrf_cookie
def card(request: HttpRequest, member: Member) -> HttpResponse:
    """The member's home."""
    home = selectors.home_of(member)
    progress = home.progress
    is_new = not home.points and not home.expiring
    context = {
        "home": home,
        "progress": progress,
        "path": path_of(progress) if progress else None,
        "further": further_paths(member),
        "rules": selectors.earning_words() if is_new else [],
        "pattern": organisations.organisation().pattern,
        "called": str(member),
        "tier": str(progress.current) if progress else "",
        "points": count(home.points),
        "coupons": count(count_usable(member)),
        "points_note": _points_note(home),
        "qr": codes.qr_code(home.card.code),
        "barcode": codes.bar_code(home.card.number),
    }
    return page(request, member, "portal/card.html", section="card", context=context)


def _points_note(home: selectors.Home) -> str:
    """What is special about the balance, if anything."""
    if home.points < 0:
        return _("Your next purchases make up for it.")
    if home.pending:
        return _("%(points)s of them usable later") % {"points": count(home.pending)}
    if home.expiring and home.expiring[0].is_soon:
        soonest = home.expiring[0]
        words = {"points": count(soonest.amount), "day": said(soonest.last_day)}
        is_all = soonest.amount >= home.points
        return (_("Use them by %(day)s") if is_all else _("Use %(points)s of them by %(day)s")) % words
    return ""
