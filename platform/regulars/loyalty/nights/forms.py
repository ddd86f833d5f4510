"""The form of what happens to points in the course of time: it reads and checks, the service writes."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class DaysField(forms.CharField):
    """Numbers of days as people list them; its value is a list of whole numbers."""

    def prepare_value(self, value: Any) -> Any:
        """A list as people write it."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[int]:
        """Raises `ValidationError` for what is no list of whole numbers."""
        parts = [part for part in re.split(r"[\s,，、;；]+", str(super().clean(value) or "")) if part]
        if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
            raise ValidationError(_("Enter whole numbers with commas between them, for example 30, 7, 1."))
        return [int(part) for part in parts]


class NightRulesForm(forms.Form):
    """When members are reminded of points and coupons that end, and whether points end for want of a purchase."""

    notice_days = DaysField(
        label=gettext_lazy("Remind so many days before points end"),
        required=False,
        max_length=60,
        help_text=gettext_lazy(
            "For example 30, 7, 1. Each member gets one message a day with all that ends. Empty: nobody is reminded."
        ),
    )
    coupon_notice_days = DaysField(
        label=gettext_lazy("Remind so many days before coupons end"),
        required=False,
        max_length=60,
        help_text=gettext_lazy(
            "For example 7, 3. One message a day for all coupons that end. Empty: nobody is reminded."
        ),
    )
    idle_months = forms.IntegerField(
        label=gettext_lazy("Points end after so many months without a purchase"),
        min_value=0,
        max_value=120,
        help_text=gettext_lazy(
            "0: never. Months count from the last purchase, and at the earliest from the day you set this, so that"
            " nobody loses points at once. Members are reminded on the days above."
        ),
    )
