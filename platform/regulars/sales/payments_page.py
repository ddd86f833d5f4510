"""Payments on their way, in the back office: what waits, and money that came too late with what to do about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.views.acts import ActPage
from regulars.errors import NotFound
from regulars.organisation.permissions import allows, require
from regulars.sales import holding
from regulars.sales.listeners import PERMISSION
from regulars.sales.models import SaleOnHold


class PaidBackForm(forms.Form):
    """Which payment was given back."""

    hold = forms.CharField(max_length=40)


class PaymentsPage(ActPage):
    """Two lists; a button beside each payment that is to be given back."""

    form_class = PaidBackForm
    template_name = "backoffice/payments.html"
    success_url = reverse_lazy("office_payments:list")
    page_title = _("Payments on their way")
    header_icon = "time"
    permission = "sales.view"
    success_message = _("Noted: this money was given back.")

    def act(self, form: Any) -> SaleOnHold:
        """Note it, for those who may refund at that branch. Raises `NotFound` for what is none of theirs."""
        found = holding.on_hold(form.cleaned_data["hold"])
        if not self.scope.covers(found.branch):
            raise NotFound
        require(self.staff, PERMISSION, branch=found.branch)
        return holding.note_paid_back(hold=found, by=self.staff)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The newest of both."""
        owed = self.scope.limit(holding.to_pay_back(), "branch").select_related("branch", "terminal__branch")
        waiting = self.scope.limit(holding.waiting_anywhere(), "branch").select_related("branch", "terminal__branch")
        found: dict[str, Any] = super().get_context_data(
            owed=owed[:100], waiting=waiting[:100], may_note=allows(self.staff, PERMISSION), **context
        )
        return found
