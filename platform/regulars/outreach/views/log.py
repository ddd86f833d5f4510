"""What was sent, to whom, by which way, at what cost, and why something was not."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages as notices

from regulars import clock
from regulars.backoffice.needs import needs
from regulars.backoffice.views.acts import OfficePage
from regulars.errors import NotFound, RegularsError
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows
from regulars.outreach import delivery, selectors
from regulars.outreach.channels import words_of
from regulars.outreach.costs import cost_words
from regulars.outreach.forms import LogForm
from regulars.outreach.models import Channel, Message, MessageState
from regulars.outreach.templates import templates
from regulars.outreach.wording import label_of, spoken_language
from regulars.people.contacts import Contact

LOG = reverse_lazy("office_messages:log")
PER_PAGE = 50


def reached(message: Message, staff: Staff) -> str:
    """The address of a message: in full for those who may see contacts, else with its middle hidden."""
    if message.channel == Channel.INBOX or not message.recipient:
        return ""
    if allows(staff, "members.contacts"):
        return message.recipient
    return Contact("phone" if message.channel == Channel.SMS else "email", message.recipient).masked


def described(message: Message, staff: Staff, language: str) -> dict[str, Any]:
    """A message as the log shows it."""
    template = templates().get(message.kind)
    return {
        "message": message,
        "label": label_of(template, language) if template else message.kind,
        "to": reached(message, staff),
        "reason": words_of(message.detail),
        "cost": cost_words(message.cost),
    }


class DeliveryLog(OfficePage):
    """The messages of some days, with what they came to."""

    template_name = "outreach/log.html"
    page_title = gettext_lazy("Delivery log")
    header_icon = "mail"
    permission = "messages.view"

    @cached_property
    def form(self) -> LogForm:
        """Which messages are asked for."""
        return LogForm(self.request.GET or None, language=spoken_language(self.request.LANGUAGE_CODE))

    def found(self) -> QuerySet[Message]:
        """The messages that are asked for, within the scope of whoever asks; a filter that cannot be is left out."""
        asked: dict[str, Any] = {}
        if self.form.is_bound:
            self.form.full_clean()
            asked = self.form.cleaned_data
        messages = selectors.messages_in(self.scope)
        if day := asked.get("day"):
            return _filtered(messages, asked).filter(
                written_at__gte=clock.start_of(day), written_at__lt=clock.start_of(day + dt.timedelta(days=1))
            )
        days = int(asked.get("days") or 7)
        first = clock.today() - dt.timedelta(days=days - 1)
        return _filtered(messages, asked).filter(written_at__gte=clock.start_of(first))

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """One page of messages, newest first, and the totals of all of them."""
        found = self.found().order_by("-written_at", "-pk")
        totals = selectors.totals_of(found)
        paginator = Paginator(found, PER_PAGE)
        paginator.__dict__["count"] = sum(totals[state] for state in MessageState.values)
        shown = paginator.get_page(self.request.GET.get("p"))
        language = spoken_language(self.request.LANGUAGE_CODE)
        asked = {name: value for name, value in self.request.GET.items() if name != "p" and value}
        result: dict[str, Any] = super().get_context_data(
            form=self.form,
            rows=[described(message, self.staff, language) for message in shown],
            shown=shown,
            totals=totals,
            cost=cost_words(totals["cost"]),
            asked=f"{urlencode(asked)}&" if asked else "",
            is_filtered=bool(asked),
            may_open_members=allows(self.staff, "members.view"),
            **context,
        )
        return result


def _filtered(messages: QuerySet[Message], asked: dict[str, Any]) -> QuerySet[Message]:
    wanted = {name: asked[name] for name in ("kind", "purpose", "channel", "state") if asked.get(name)}
    return messages.filter(**wanted)


class MessagePage(OfficePage):
    """One message: what it said, what became of it, and sending it again where it failed."""

    template_name = "outreach/message.html"
    header_icon = "mail"
    permission = "messages.view"
    trail = ((LOG, gettext_lazy("Delivery log")),)

    @cached_property
    def message(self) -> Message:
        """The message the address names; 404 for one outside the scope."""
        try:
            return selectors.message_by_public_id(self.kwargs["public_id"], self.scope)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its subject."""
        return str(self.message)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The message, and whether it can be sent again."""
        may = allows(self.staff, "messages.change")
        found: dict[str, Any] = super().get_context_data(
            row=described(self.message, self.staff, spoken_language(self.request.LANGUAGE_CODE)),
            may_send_again=may and self.message.state == MessageState.FAILED and bool(self.message.body),
            may_open_members=allows(self.staff, "members.view"),
            **context,
        )
        return found


@require_POST
@needs("messages.change")
def again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let a failed message be tried again, then show it."""
    try:
        message = selectors.message_by_public_id(public_id, request.scope)  # type: ignore[attr-defined]
    except NotFound as error:
        raise Http404 from error
    try:
        delivery.send_again(message=message, by=request.staff.public_id)  # type: ignore[attr-defined]
    except RegularsError as refusal:
        notices.error(request, str(refusal))
    else:
        notices.success(request, _("It is on its way again. This page shows what becomes of it."))
    return redirect("office_messages:message", public_id)
