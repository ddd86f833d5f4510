"""What approvals add to the house: the mails about a request, and on the first page how many wait for whoever looks."""

from __future__ import annotations

from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.hooks import MessageTemplate, NeedsYou, hookimpl
from regulars.organisation.approvals.selectors import count_waiting_for
from regulars.organisation.models import Staff

EXAMPLES: dict[str, str | Promise] = {
    "what": _("Adjust points"),
    "amount": "1,200",
    "place": _("the whole business"),
    "who": _("Lin"),
    "reason": _("Wrong sale"),
    "address": "https://example.com/office/approvals/…/",
}

TEMPLATES = (
    MessageTemplate(
        kind="approval_requested",
        purpose="transactional",
        at_once=True,
        audience="staff",
        label=_("Somebody asks for approval"),
        words={
            "en": (
                "{who} asks you to approve: {what}, {amount}",
                "{who} asks you to approve: {what}, {amount} ({place}).\nReason: {reason}\n\n"
                "See what would happen and decide: {address}",
            ),
            "zh-hans": (
                "{who} 请您审批：{what}，{amount}",
                "{who} 请您审批：{what}，{amount}（{place}）。\n原因：{reason}\n\n查看详情并作出决定：{address}",
            ),
        },
        examples=EXAMPLES,
    ),
    MessageTemplate(
        kind="approval_decided",
        purpose="transactional",
        at_once=True,
        audience="staff",
        label=_("What was asked for is decided"),
        words={
            "en": (
                "{what}, {amount}: {outcome}",
                "What you asked for is decided: {what}, {amount} ({place}): {outcome}.\nNote: {note}\n\n{address}",
            ),
            "zh-hans": (
                "{what}，{amount}：{outcome}",
                "您提交的审批已有结果：{what}，{amount}（{place}）：{outcome}。\n备注：{note}\n\n{address}",
            ),
        },
        examples={**EXAMPLES, "outcome": _("approved and done"), "note": "—"},
    ),
)


@hookimpl
def message_templates() -> list[MessageTemplate]:
    """The mails to those who decide and to whoever asked."""
    return [*TEMPLATES]


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """The requests that this person can decide; counted already where the menu of the same page says it."""
    url = reverse_lazy("office_approvals:inbox")
    known: int | None = getattr(staff, "requests_waiting", None)
    count = count_waiting_for(staff) if known is None else known
    return [NeedsYou(label=_("Requests to decide"), count=count, url=url, order=100)]
