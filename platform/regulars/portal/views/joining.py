"""The way in and out: a contact, its code, and for new members the few words of joining. Two screens, no password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars import clock, visitors
from regulars.errors import RegularsError
from regulars.organisation import selectors as organisations
from regulars.organisation.models import Language
from regulars.people import selectors as people
from regulars.people import services as people_services
from regulars.people.contacts import normal_contact
from regulars.people.models import Member, Source
from regulars.portal import admission
from regulars.portal.admission import Pending, unkept
from regulars.portal.forms import CodeForm, ContactForm, JoiningForm, refuse
from regulars.portal.views.rewards import first_benefits


@dataclass(frozen=True)
class Way:
    """Joining and signing in differ in their words; who turns out to be whom is seen after the code."""

    name: str

    @property
    def start(self) -> str:
        """The screen that asks for the contact."""
        return f"portal:{self.name}"

    @property
    def step(self) -> str:
        """The screen that asks for the code."""
        return f"portal:{self.name}_code"


JOIN, SIGN_IN = Way("join"), Way("sign_in")


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """First screen of joining: how can we reach you?"""
    return _ask_contact(request, JOIN)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """First screen of signing in."""
    return _ask_contact(request, SIGN_IN)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def join_code(request: HttpRequest) -> HttpResponse:
    """Second screen of joining: the code, a name, the terms."""
    return _ask_code(request, JOIN)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Second screen of signing in: the code."""
    return _ask_code(request, SIGN_IN)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave this device; only a sent form signs out, a link to it does not."""
    if request.method != "POST":
        return redirect("portal:me")
    logout(request)
    messages.success(request, _("You are signed out, and your card is no longer kept on this device."))
    return redirect("portal:sign_in")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The membership terms on a page of their own, for reading and keeping."""
    return render(request, "portal/terms.html", {"terms": people.terms(_language())})


def _ask_contact(request: HttpRequest, way: Way) -> HttpResponse:
    after = admission.own_path(request.POST.get("next") or request.GET.get("next"))
    if admission.member_here(request) is not None:
        return redirect(after)
    pending = admission.pending_here(request)
    if request.method != "POST":
        form = ContactForm(initial={"contact": pending.value if pending else ""})
        return _contact_page(request, way, form, after)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _contact_page(request, way, form, after)
    try:
        country = organisations.organisation().country
        contact = normal_contact(form.cleaned_data["contact"], country=country)
        admission.send_code(request, contact=contact, language=_language())
    except RegularsError as error:
        refuse(form, error)
        return _contact_page(request, way, form, after)
    admission.remember(request, contact=contact, after=after)
    return redirect(way.step)


def _contact_page(request: HttpRequest, way: Way, form: ContactForm, after: str) -> HttpResponse:
    other = SIGN_IN if way == JOIN else JOIN
    context: dict[str, Any] = {"form": form, "after": after, "other": reverse(other.start)}
    if way == JOIN:
        context |= {"benefits": first_benefits(), "introduction": admission.introduction_here(request)}
    return render(request, f"portal/{way.name}.html", context, status=400 if form.errors else 200)


def _ask_code(request: HttpRequest, way: Way) -> HttpResponse:
    pending = admission.pending_here(request)
    if pending is None:
        if admission.member_here(request) is not None:
            return redirect("portal:card")
        if request.method == "POST":
            messages.info(request, _("That took too long. Please ask for a new code."))
        return redirect(way.start)
    if request.method != "POST":
        return _code_page(request, way, pending, CodeForm(), _joining_form(request))
    if "again" in request.POST:
        return _send_again(request, way, pending)
    code_form = CodeForm(request.POST)
    if not pending.is_proven:
        if not _is_proven(code_form, pending):
            return _code_page(request, way, pending, code_form, _joining_form(request))
        pending = admission.remember(request, contact=pending.contact, after=pending.after, is_proven=True)
    member = people.member_with_contact(pending.contact)
    if member is not None:
        return _welcome_back(request, way, pending, member)
    if way == SIGN_IN:
        messages.info(request, _("Nobody is a member with this contact yet. You can join right here."))
        return redirect(JOIN.step)
    return _join(request, pending)


def _is_proven(form: CodeForm, pending: Pending) -> bool:
    if not form.is_valid():
        return False
    try:
        people_services.check_code(contact=pending.contact, code=form.cleaned_data["code"])
    except RegularsError as error:
        refuse(form, error)
        return False
    return True


def _send_again(request: HttpRequest, way: Way, pending: Pending) -> HttpResponse:
    """Another code to the same contact; what was typed into the other fields stays."""
    typed = _joining_form(request, is_checked=False)
    code_form = CodeForm()
    if pending.is_proven:
        return _code_page(request, way, pending, code_form, typed)
    try:
        if clock.now() < pending.may_resend_at:
            raise RegularsError(
                _("A code is on its way. Please wait a minute before you ask for another."), field="code"
            )
        admission.send_code(request, contact=pending.contact, language=_language())
    except RegularsError as error:
        code_form = CodeForm({"code": ""})
        code_form.errors.clear()
        code_form.add_error("code", str(error.message))
        return _code_page(request, way, pending, code_form, typed)
    pending = admission.remember(request, contact=pending.contact, after=pending.after)
    return _code_page(request, way, pending, code_form, typed, is_sent_again=True)


def _welcome_back(request: HttpRequest, way: Way, pending: Pending, member: Member) -> HttpResponse:
    if not member.is_active:
        form = CodeForm({})
        form.errors.clear()
        form.add_error(None, _("This membership is closed. Please ask at the counter; they can open it again."))
        return _code_page(request, way, pending, form, _joining_form(request, is_checked=False))
    admission.let_in(request, member=member)
    if way == JOIN:
        messages.info(request, _("You were a member already. Welcome back."))
    return redirect(pending.after)


def _join(request: HttpRequest, pending: Pending) -> HttpResponse:
    form = _joining_form(request)
    chosen = request.POST.get("language", "")
    if chosen in Language.values and chosen != _language():
        return _in_their_language(request, pending, chosen)
    if not form.is_valid():
        return _code_page(request, JOIN, pending, CodeForm(), form)
    try:
        member = people_services.join(
            contact=pending.contact,
            name=form.cleaned_data["name"],
            language=form.cleaned_data["language"],
            source=Source.SITE,
            agrees_to_marketing=form.cleaned_data["marketing"],
            address=visitors.address_of(request),
            introduction=form.cleaned_data.get("introduction"),
        )
    except people_services.AlreadyMember as present:
        return _welcome_back(request, JOIN, pending, present.member)
    except RegularsError as error:
        refuse(form, error)
        return _code_page(request, JOIN, pending, CodeForm(), form)
    admission.let_in(request, member=member)
    messages.success(request, _("Welcome. This is your card: show it when you pay, and every purchase counts."))
    response = redirect(pending.after)
    admission.speak(response, member.language)
    return response


def _in_their_language(request: HttpRequest, pending: Pending, language: str) -> HttpResponse:
    """Agreement counts for words in the language they were read in, so they are shown once in the one just chosen."""
    translation.activate(language)
    request.LANGUAGE_CODE = language
    form = _joining_form(request, is_checked=False)
    response = _code_page(request, JOIN, pending, CodeForm(), form, is_language_new=True)
    admission.speak(response, language)
    return response


def _joining_form(request: HttpRequest, *, is_checked: bool = True) -> JoiningForm:
    """The form as sent, as typed but not judged yet (`is_checked=False`), or empty before anything was sent."""
    shown = people.terms(_language())
    start = {"language": _language(), "version": shown.version}
    start["introduction"] = request.session.get(admission.INTRODUCTION, "")
    if request.method == "POST" and is_checked:
        return JoiningForm(request.POST, shown=shown)
    if request.method == "POST":
        start |= {"name": request.POST.get("name", "")[:80], "language": request.POST.get("language", _language())}
        start["introduction"] = request.POST.get("introduction", start["introduction"])[:40]
    return JoiningForm(initial=start, shown=shown)


def _code_page(
    request: HttpRequest, way: Way, pending: Pending, code_form: CodeForm, joining_form: JoiningForm, **more: Any
) -> HttpResponse:
    context = {
        "pending": pending,
        "masked": pending.contact.masked,
        "code_form": code_form,
        "form": joining_form,
        "may_resend_at": pending.may_resend_at,
        "may_resend": clock.now() >= pending.may_resend_at,
        "start": reverse(way.start),
        **more,
    }
    has_errors = bool(code_form.errors or (way == JOIN and joining_form.is_bound and joining_form.errors))
    return render(request, f"portal/{way.name}_code.html", context, status=400 if has_errors else 200)


def _language() -> str:
    """The language this page is in, one of ours."""
    return Language.CHINESE.value if (get_language() or "").startswith("zh") else Language.ENGLISH.value
