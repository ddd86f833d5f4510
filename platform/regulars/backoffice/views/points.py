"""Giving and taking points by hand, from a member's page."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage
from regulars.errors import NotFound
from regulars.ledger.approvals import LARGEST, adjust_or_ask, words_of_parts
from regulars.ledger.selectors import balance
from regulars.organisation.approvals import Asked, Done, limit_for
from regulars.organisation.approvals.selectors import amount_words
from regulars.people.models import Member
from regulars.people.selectors import member_by_public_id


class PointsForm(forms.Form):
    """How many points, and why. `key` makes a second click do nothing twice."""

    key = forms.RegexField(r"^[\w-]{8,80}$", widget=forms.HiddenInput, required=False)
    direction = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[("give", gettext_lazy("Give points")), ("take", gettext_lazy("Take points away"))],
        widget=forms.RadioSelect,
    )
    points = forms.IntegerField(label=gettext_lazy("Points"), min_value=1, max_value=LARGEST)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("The member reads it beside the points."),
    )

    def signed(self) -> int:
        """The points, below zero when they are taken."""
        points: int = self.cleaned_data["points"]
        return points if self.cleaned_data["direction"] == "give" else -points


class AdjustPoints(ActPage):
    """Give or take; beyond one's limit it is asked for."""

    template_name = "backoffice/points.html"
    form_class = PointsForm
    permission = "points.adjust"
    header_icon = "points"
    page_title = gettext_lazy("Give or take points")
    submit_label = gettext_lazy("Do it")
    fields_of_refusals = {"amount": "points"}

    @cached_property
    def member(self) -> Member:
        """The member of this address, 404 for none and for one outside this person's scope."""
        try:
            found = member_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error
        if not self.scope.covers(found.branch):
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        """Giving, which is what happens more."""
        return {"direction": "give", "key": secrets.token_hex(16)}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Through the members and this one."""
        steps = super().get_breadcrumbs_items()
        return [
            *steps[:-1],
            {"url": reverse("office_members:list"), "label": _("Members")},
            {"url": self.get_success_url(), "label": str(self.member)},
            steps[-1],
        ]

    def get_success_url(self) -> str:
        """Back to the member."""
        return reverse("office_members:inspect", args=[self.member.public_id])

    def act(self, form: Any) -> Done | Asked:
        """Do it or ask."""
        values = form.cleaned_data
        return adjust_or_ask(
            member=self.member,
            points=form.signed(),
            reason=values["reason"],
            by=self.staff,
            key=values["key"] or secrets.token_hex(16),
        )

    def form_valid(self, form: Any) -> Any:
        """Back to the member when it is done, to the request when it has to wait."""
        self.asked: Asked | None = None
        response = super().form_valid(form)
        if self.asked is not None and isinstance(response, HttpResponseRedirect):
            return HttpResponseRedirect(reverse("office_approvals:one", args=[self.asked.approval.public_id]))
        return response

    def words_of_success(self, done: Done | Asked) -> str:
        """The new balance, or that it waits."""
        if isinstance(done, Asked):
            self.asked = done
            beyond = _("This is beyond your limit, so it was asked for. Nothing is done before somebody approves.")
            return words_of_parts(done) or beyond
        return _("Done. %(member)s now has %(points)s.") % {
            "member": self.member,
            "points": amount_words("points", balance(self.member.wallet)),
        }

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What the member has, and up to where this person acts alone."""
        limit = limit_for(self.staff, "points.adjust", branch=self.member.branch)
        found: dict[str, Any] = super().get_context_data(
            member=self.member,
            held=amount_words("points", balance(self.member.wallet)),
            limit=amount_words("points", limit) if limit is not None else "",
            **context,
        )
        return found


ADDRESSES = [path("<slug:public_id>/points/", AdjustPoints.as_view(), name="adjust")]
