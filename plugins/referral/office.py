"""The pages of the back office: all invitations with their report, and those that wait for a decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plugins.referral import selectors, services
from plugins.referral.models import Referral, State
from plugins.referral.suspicion import WORDS
from regulars.errors import NotFound
from regulars.plugins.pages import ActPage, OfficePage, actor_of

LIST = reverse_lazy("referral:office")
PAGE = 50


class Referrals(OfficePage):
    """Every invitation, how far it came, and the figures of all of them."""

    template_name = "referral/office.html"
    page_title = gettext_lazy("Invitations")
    header_icon = "gift"
    permission = "referral.view"

    def referrals(self) -> QuerySet[Referral]:
        """Those in the scope of whoever asks: a friend belongs to the branch where they joined."""
        return self.scope.limit(selectors.listed(), "friend__branch")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The figures of all, and one page of those in the chosen state."""
        state = self.request.GET.get("state", "")
        chosen = state if state in State.values else ""
        shown = self.referrals().filter(state=chosen) if chosen else self.referrals()
        found: dict[str, Any] = super().get_context_data(
            report=selectors.report(self.referrals().order_by()),
            states=State.choices,
            chosen=chosen,
            page=Paginator(shown, PAGE).get_page(self.request.GET.get("p")),
            is_limited=not self.scope.is_whole,
            **context,
        )
        return found


class Decision(forms.Form):
    """One decision on one invitation."""

    referral = forms.CharField(max_length=24)
    answer = forms.ChoiceField(choices=[("sound", ""), ("reject", "")])


class ToReview(ActPage):
    """What looks odd and waits for a person: give the points, or let it end."""

    template_name = "referral/review.html"
    form_class = Decision
    page_title = gettext_lazy("To review")
    header_icon = "gift"
    permission = "referral.review"
    success_url = reverse_lazy("referral:review")
    trail = ((LIST, gettext_lazy("Invitations")),)

    def waiting(self) -> QuerySet[Referral]:
        """Those in the scope of whoever asks."""
        return self.scope.limit(selectors.to_review(), "friend__branch")

    def act(self, form: Any) -> Referral:
        """Decide through the service. Raises `NotFound` for one that is not in the scope of whoever asks."""
        public_id = form.cleaned_data["referral"]
        if not self.waiting().filter(public_id=public_id).exists():
            raise NotFound(_("This invitation waits for no decision any more."))
        is_sound = form.cleaned_data["answer"] == "sound"
        return services.review(public_id=public_id, is_sound=is_sound, by=actor_of(self.request))

    def words_of_success(self, done: Referral) -> str:
        """What was decided."""
        if done.state == State.REJECTED:
            return _("It ends here: neither of the two gets points.")
        return _("It goes on: both get their points when the time has come.")

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """The queue again, with what was wrong above it."""
        for field in ("referral", "answer"):
            for error in form.errors.pop(field, []):
                form.add_error(None, error)
        return super().form_invalid(form)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Those that wait, each with what is odd about it in words."""
        page = Paginator(self.waiting(), PAGE).get_page(self.request.GET.get("p"))
        odd = [(row, [WORDS[code] for code in row.suspicions if code in WORDS]) for row in page]
        found: dict[str, Any] = super().get_context_data(page=page, odd=odd, **context)
        return found
