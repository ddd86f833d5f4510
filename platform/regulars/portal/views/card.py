"""The first screen: the card, the points, the path and what is worth knowing today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from regulars.loyalty.tiers.selectors import Progress
from regulars.loyalty.tiers.words import amount_of
from regulars.organisation import selectors as organisations
from regulars.people.models import Member
from regulars.portal import codes, selectors
from regulars.portal.admission import members_only
from regulars.portal.amounts import count, rounded_money
from regulars.portal.days import said
from regulars.portal.pages import page


@members_only
@require_safe
@ensure_csrf_cookie
def card(request: HttpRequest, member: Member) -> HttpResponse:
    """The member's home."""
    home = selectors.home_of(member)
    progress, currency = home.progress, organisations.organisation().currency
    is_new = not home.points and not home.expiring
    context = {
        "home": home,
        "progress": progress,
        "path_words": selectors.path_words(progress) if progress else "",
        "keep_words": selectors.keep_words(progress) if progress else "",
        "keep_percent": _keep_percent(progress),
        "rules": selectors.earning_words() if is_new else [],
        "pattern": organisations.organisation().pattern,
        "called": str(member),
        "tier": str(progress.current) if progress else "",
        "path_start": amount_of(progress.measure.code, 0, currency)
        if progress and not progress.is_plain
        else rounded_money(0, currency),
        "path_end": _path_end(progress, currency),
        "counted": amount_of(progress.measure.code, progress.spent, currency) if progress else "",
        "points": count(home.points),
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


def _path_end(progress: Progress | None, currency: str) -> str:
    """What the next tier asks for, at the end of the bar."""
    if progress is None or not progress.steps:
        return ""
    step = progress.steps[0]
    if progress.is_plain:
        return rounded_money(step.needed, currency)
    return amount_of(step.measure.code, step.needed, currency)


def _keep_percent(progress: Progress | None) -> int | None:
    """Where on the way to the next tier the present one is kept, in percent; None where there is no such mark."""
    if progress is None or progress.next is None or not progress.current.threshold:
        return None
    return min(100, progress.keep_enough * 100 // max(1, progress.steps[0].needed if progress.steps else 1))
