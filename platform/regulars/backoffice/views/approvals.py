"""What needs somebody's approval: what waits, what was asked for, what was decided, and the limits behind it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice import approval_forms, needs
from regulars.backoffice.limits import sentences
from regulars.backoffice.views.acts import ActPage, OfficePage
from regulars.errors import NotFound, RegularsError
from regulars.organisation.approvals import limits, registry, selectors, services
from regulars.organisation.approvals.refusals import ActRefused, OwnRequest, UnknownAct
from regulars.organisation.models import Approval, ApprovalState
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import organisation

INBOX = reverse_lazy("office_approvals:inbox")
LIMITS = reverse_lazy("office_approvals:limits")
APPROVALS = gettext_lazy("Approvals")


class Inbox(OfficePage):
    """What waits for me, what I asked for, what was decided."""

    template_name = "backoffice/approvals/inbox.html"
    page_title = APPROVALS
    header_icon = "check"
    permission = needs.ANYBODY

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Three lists, the oldest to decide first, the rest newest first."""
        found: dict[str, Any] = super().get_context_data(
            decides=allows(self.staff, "approvals.decide"),
            waiting=_shown(selectors.waiting_for(self.staff, scope=self.scope)),
            mine=_shown(selectors.asked_by(self.staff)),
            decided=_shown(selectors.decided_in(self.staff, scope=self.scope)),
            **context,
        )
        return found


def _shown(approvals: list[Approval]) -> list[dict[str, Any]]:
    return [{"approval": approval, **_words(approval)} for approval in approvals]


def _words(approval: Approval) -> dict[str, Any]:
    return {
        "label": selectors.words_of(approval),
        "amount": selectors.amount_words(approval.unit, approval.amount),
        "tone": {"requested": "waiting", "approved": "good", "refused": "bad"}.get(approval.state, "quiet"),
        "state": _state(approval),
    }


def _state(approval: Approval) -> str:
    is_over = approval.is_waiting and not selectors.is_open(approval)
    return str(ApprovalState.EXPIRED.label if is_over else approval.get_state_display())


class ApprovalPage(ActPage):
    """One request: what would happen, and the decision. What it shows is asked anew each time."""

    template_name = "backoffice/approvals/approval.html"
    form_class = approval_forms.DecisionForm
    permission = needs.ANYBODY
    header_icon = "check"
    trail = ((INBOX, APPROVALS),)

    @property
    def approval(self) -> Approval:
        """The request of this address; 404 for one that this person may not see, or of another business."""
        try:
            found = selectors.approval_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error
        if not selectors.seen_by(self.staff, found):
            raise Http404
        return found

    def get_page_title(self) -> str:
        """What it is about."""
        return selectors.words_of(self.approval)

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The page, or 404."""
        _found = self.approval
        return super().get(request, *args, **options)

    def get_success_url(self) -> str:
        """The page itself, which then says what became of it."""
        return self.request.path

    def act(self, form: Any) -> Approval:
        """Approve, refuse or take back; the button says which."""
        decision, note = form.cleaned_data["decision"], form.cleaned_data["note"]
        if decision == "withdraw":
            return services.withdraw(approval=self.approval, by=self.staff)
        if decision == "refuse":
            return services.refuse(approval=self.approval, by=self.staff, note=note)
        try:
            return services.approve(approval=self.approval, by=self.staff, note=note)
        except ActRefused as refusal:
            raise ActRefused(_("Nothing was done: %(why)s") % {"why": refusal}) from refusal

    def words_of_success(self, done: Approval) -> str:
        """What became of it."""
        return {
            ApprovalState.APPROVED: _("Approved and done. %(name)s is told."),
            ApprovalState.REFUSED: _("Refused; nothing was done. %(name)s is told."),
        }.get(ApprovalState(done.state), _("Taken back. Nothing was done.")) % {"name": done.requested_by.name}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The request, what would happen now, and what this person can do about it."""
        approval = self.approval
        found: dict[str, Any] = super().get_context_data(
            approval=approval, job=self._job(approval), **_words(approval), **self._open(approval), **context
        )
        return found

    def _job(self, approval: Approval) -> str:
        """Where whoever asked follows the job that came of it; empty for everybody else and without one."""
        is_job = approval.result.startswith("job_") and approval.requested_by_id == self.staff.pk
        return reverse("office_jobs:job", args=[approval.result]) if is_job else ""

    def _open(self, approval: Approval) -> dict[str, Any]:
        """While it waits: what would happen, whether it still can, and who may decide."""
        if not selectors.is_open(approval):
            return {"is_open": False}
        answer: dict[str, Any] = {"is_open": True, "is_mine": approval.requested_by_id == self.staff.pk}
        try:
            answer["changes"] = selectors.changes_of(approval)
        except RegularsError as refusal:
            answer["impossible"] = str(refusal)
        answer["deciders"] = selectors.deciders(approval)
        try:
            act = registry.act_of(approval.act)
            services.require_decider(approval, self.staff, act, is_refusing=True)
            answer["may_refuse"] = True
            services.require_decider(approval, self.staff, act)
            answer["may_approve"] = "impossible" not in answer
        except OwnRequest:
            pass
        except RegularsError as refusal:
            answer["why_not"] = str(refusal)
        return answer


class Limits(OfficePage):
    """Up to which amount who does what alone, as sentences."""

    template_name = "backoffice/approvals/limits.html"
    page_title = gettext_lazy("Limits")
    header_icon = "check"
    permission = "settings.change"
    trail = ((INBOX, APPROVALS),)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Every act that can be limited, with what holds for whom."""
        found: dict[str, Any] = super().get_context_data(limits=sentences(), **context)
        return found


class LimitPage(ActPage):
    """One limit: whom it is for, where, and up to how much."""

    template_name = "backoffice/approvals/limit.html"
    form_class = approval_forms.LimitForm
    success_url = LIMITS
    permission = "settings.change"
    header_icon = "check"
    trail = ((INBOX, APPROVALS), (LIMITS, gettext_lazy("Limits")))
    fields_of_refusals = {"custom_role": "role", "amount": "limit"}

    @cached_property
    def limited(self) -> registry.Act:
        """The act of this address, 404 for none."""
        try:
            return registry.act_of(self.kwargs["act"])
        except UnknownAct as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """The act."""
        return str(self.limited.label)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the act and the currency; the sentence that led here fills it."""
        asked = {name: self.request.GET.get(name, "")[:40] for name in ("role", "branch")}
        return {
            **super().get_form_kwargs(),
            "act": self.limited,
            "currency": organisation().currency,
            "asked": asked,
        }

    def act(self, form: Any) -> Any:
        """Set the limit, or let the default hold again."""
        if "default" in self.request.POST:
            return limits.use_default(act=self.limited.code, by=self.staff, **form.place())
        return limits.set_limit(act=self.limited.code, by=self.staff, limit=form.cleaned_data["limit"], **form.place())

    def words_of_success(self, done: Any) -> str:
        """What holds now."""
        if done is None:
            return _("The default holds again, from now on.")
        return _("Saved. It holds from the next one on; what waits already still waits.")


ADDRESSES = [
    path("", Inbox.as_view(), name="inbox"),
    path("limits/", Limits.as_view(), name="limits"),
    path("limits/<str:act>/", LimitPage.as_view(), name="limit"),
    path("<slug:public_id>/", ApprovalPage.as_view(), name="one"),
]
