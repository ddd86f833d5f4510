"""Every message a business sends, and the page on which it is said in the business's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST
from wagtail.admin import messages as notices

from regulars import clock
from regulars.backoffice.needs import needs
from regulars.backoffice.views.acts import ActPage, OfficePage
from regulars.errors import NotFound, RegularsError
from regulars.hooks import MessageTemplate
from regulars.organisation.models import Language
from regulars.organisation.permissions import allows
from regulars.outreach import editing, mail, selectors
from regulars.outreach.costs import cost_words
from regulars.outreach.forms import WordingForm
from regulars.outreach.models import Channel, Message, Purpose, Wording
from regulars.outreach.services import write
from regulars.outreach.templates import templates_here
from regulars.outreach.texts import Measure, measure
from regulars.outreach.wording import (
    MEANINGS,
    Words,
    built_in,
    checked,
    examples_of,
    fill,
    label_of,
    spoken_language,
    variables_of,
    words_for,
)

LIST = reverse_lazy("office_messages:list")


class MessageList(OfficePage):
    """Every kind of message with its purpose, and in which languages it is in the business's own words."""

    template_name = "outreach/messages.html"
    page_title = gettext_lazy("Messages")
    header_icon = "mail"
    permission = "messages.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Messages to members and messages to staff."""
        own = set(Wording.objects.values_list("kind", "language"))
        reads = spoken_language(self.request.LANGUAGE_CODE)
        rows = [self._row(template, own, reads) for template in templates_here()]
        found: dict[str, Any] = super().get_context_data(
            groups=[
                {"title": _("To members"), "rows": [row for row in rows if row["template"].audience == "member"]},
                {"title": _("To your team"), "rows": [row for row in rows if row["template"].audience == "staff"]},
            ],
            may_change=allows(self.staff, "messages.change"),
            **context,
        )
        return found

    def _row(self, template: MessageTemplate, own: set[tuple[str, str]], reads: str) -> dict[str, Any]:
        return {
            "template": template,
            "label": label_of(template, reads),
            "purpose": purpose_of(template),
            "subject": fill(built_in(template, reads).subject, examples_of(template, reads)),
            "languages": [
                {"code": code, "name": name, "is_own": (template.kind, code) in own} for code, name in Language.choices
            ],
        }


@dataclass(frozen=True)
class Preview:
    """How a message looks on each way: as a mail, as a text with its length, in the inbox."""

    subject: str
    body: str
    html: str
    text: Measure
    cost: str
    refusal: str = ""


class WordingPage(ActPage):
    """One message in one language: its words, the variables it may use, how it looks, a test to oneself."""

    form_class = WordingForm
    template_name = "outreach/wording.html"
    header_icon = "mail"
    permission = "messages.change"
    trail = ((LIST, gettext_lazy("Messages")),)

    @cached_property
    def template(self) -> MessageTemplate:
        """The message the address names; 404 for one that this business has not."""
        return _template_or_404(self.kwargs["kind"], self.kwargs["language"])

    @property
    def language(self) -> str:
        """The language the address names."""
        return str(self.kwargs["language"])

    def get_page_title(self) -> str:
        """What the message is called, and in which language."""
        label = label_of(self.template, spoken_language(self.request.LANGUAGE_CODE))
        return f"{label} · {Language(self.language).label}"

    def get_success_url(self) -> str:
        """The same page."""
        return reverse("office_messages:wording", args=(self.template.kind, self.language))

    def get_initial(self) -> dict[str, Any]:
        """The words as they are."""
        words = words_for(self.template, self.language)
        return {"subject": words.subject, "body": words.body}

    def get_form(self, form_class: Any = None) -> Any:
        """The fields, which say to a screen reader in which language they are read."""
        form = super().get_form(form_class)
        for field in form.fields.values():
            field.widget.attrs["lang"] = self.language
        return form

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Save, try on oneself, or go back to our words: which one says the button."""
        if request.POST.get("act") == "restore":
            if editing.restore(kind=self.template.kind, language=self.language, by=self.staff.public_id):
                notices.success(request, _("This message is in our words again."))
            return HttpResponseRedirect(self.get_success_url())
        response = super().post(request, *args, **options)
        assert isinstance(response, HttpResponse)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, or send a test and stay: nothing typed is lost."""
        if not (channel := self.request.POST.get("act", "").removeprefix("test-")) or channel not in Channel.values:
            return super().form_valid(form)
        try:
            editing.send_test(
                kind=self.template.kind,
                language=self.language,
                channel=channel,
                staff=self.staff,
                subject=form.cleaned_data["subject"],
                body=form.cleaned_data["body"],
            )
        except RegularsError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        notices.success(self.request, _("A test is on its way to you. Your words are not saved yet."))
        return self.render_to_response(self.get_context_data(form=form))

    def act(self, form: Any) -> Words:
        """Save through the service."""
        return editing.reword(
            kind=self.template.kind, language=self.language, by=self.staff.public_id, **form.cleaned_data
        )

    def words_of_success(self, done: Words) -> str:
        """From when on it counts."""
        return _("Saved. The next message of this kind says it.")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The variables with what they mean, the preview, our own words, the other language."""
        form = context.get("form") or self.get_form()
        context["form"] = form
        shown = form.data if form.is_bound else form.initial
        others = [(code, name) for code, name in Language.choices if code != self.language]
        context |= {
            "template": self.template,
            "language": self.language,
            "purpose": purpose_of(self.template),
            "variables": [{"name": name, "means": str(MEANINGS.get(name, ""))} for name in variables_of(self.template)],
            "is_own": words_for(self.template, self.language).is_own,
            "preview": preview_of(
                self.template, self.language, subject=shown.get("subject", ""), body=shown.get("body", "")
            ),
            "tests": [
                (f"test-{channel}", Channel(channel).label, to) for channel, to in editing.ways_to_test(self.staff)
            ],
            "others": others,
        }
        found: dict[str, Any] = super().get_context_data(**context)
        return found


@require_POST
@needs("messages.change")
def preview(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """How the words would look that are being typed; nothing is written."""
    template = _template_or_404(kind, language)
    shown = preview_of(template, language, subject=request.POST.get("subject", ""), body=request.POST.get("body", ""))
    return render(request, "outreach/_preview.html", {"preview": shown, "template": template, "language": language})


def preview_of(template: MessageTemplate, language: str, *, subject: str, body: str) -> Preview:
    """How these words would look to an example member, or why they cannot be."""
    refusal = ""
    try:
        words = checked(template, subject=subject, body=body)
    except RegularsError as error:
        refusal, words = str(error), built_in(template, language)
    with override(language):
        filled = write(words, examples_of(template, language))
        message = Message(
            kind=template.kind,
            purpose=Purpose.SERVICE,
            channel=Channel.EMAIL,
            language=language,
            subject=filled[0],
            body=filled[1],
            written_at=clock.now(),
        )
        html = mail.render_mail(mail.letter_of(message))
    length = measure(filled[1])
    price = cost_words(length.parts * selectors.rules().sms_price)
    return Preview(subject=filled[0], body=filled[1], html=html, text=length, cost=price, refusal=refusal)


def purpose_of(template: MessageTemplate) -> str:
    """Why a message is sent, in words; what goes to the team says so."""
    return _("To your team") if template.audience == "staff" else str(Purpose(template.purpose).label)


def _template_or_404(kind: str, language: str) -> MessageTemplate:
    try:
        template = editing.template_of(kind, language)
    except NotFound as error:
        raise Http404 from error
    if template not in templates_here():
        raise Http404
    return template
