"""The form of a points rule: it reads and checks, the service writes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.fields import MoneyField
from regulars.loyalty.points.models import PointsRule


class PointsRuleForm(forms.Form):
    """So many points for every so much spent."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Members read it beside the points it gave."))
    points = forms.IntegerField(label=_("Points"), min_value=1)
    per_amount = MoneyField(label=_("for every full amount of"))
    pending_days = forms.IntegerField(label=_("Days until they can be used"), min_value=0, help_text=_("0: at once."))
    expires_after_months = forms.IntegerField(
        label=_("Expire after so many months"),
        min_value=0,
        help_text=_("At the end of that month. 0: never."),
    )
    is_active = forms.BooleanField(label=_("In force"), required=False)

    def __init__(self, *args: Any, rule: PointsRule | None, currency: str, **options: Any) -> None:
        names = ("name", "points", "per_amount", "pending_days", "expires_after_months", "is_active")
        start: dict[str, Any] = {"points": 1, "pending_days": 0, "expires_after_months": 12, "is_active": True}
        initial = {name: getattr(rule, name) for name in names} if rule else start
        super().__init__(*args, **{**options, "initial": initial})
        per_amount = self.fields["per_amount"]
        assert isinstance(per_amount, MoneyField)
        per_amount.in_currency(currency)
