"""What a token may be for. Each scope rests on a permission of the person in whose name the token acts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MODULES = "modules"


@dataclass(frozen=True, kw_only=True)
class ApiScope:
    """One thing a token may be for; `permission` is what its person must hold, empty where being staff is enough."""

    code: str
    label: str | Promise
    permission: str = ""


SCOPES: tuple[ApiScope, ...] = (
    ApiScope(code="members.read", label=_("Find members and see their points"), permission="counter.sell"),
    ApiScope(code="members.join", label=_("Take in new members"), permission="counter.sell"),
    ApiScope(code="products.read", label=_("Look up products and prices"), permission="counter.sell"),
    ApiScope(code="sales.sell", label=_("Price baskets and sell"), permission="counter.sell"),
    ApiScope(code="sales.read", label=_("Read the sales of the branch"), permission="counter.sell"),
    ApiScope(code="sales.refund", label=_("Give money back"), permission="counter.refund"),
    ApiScope(code="approvals.read", label=_("See how requests for approval stand")),
    ApiScope(code="points.adjust", label=_("Give and take points by hand"), permission="points.adjust"),
    ApiScope(code="rewards.give", label=_("Redeem rewards and hand them over"), permission="counter.sell"),
    ApiScope(code="events.report", label=_("Report events and tasks of members")),
    ApiScope(code=MODULES, label=_("Use what modules offer other systems")),
)
BY_CODE = {scope.code: scope for scope in SCOPES}
