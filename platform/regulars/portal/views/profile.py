"""What a member decides: the profile, offers and news, taking the data along, and signing out."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import phonenumbers
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars import clock, hooks, plugins, visitors
from regulars.errors import RegularsError
from regulars.organisation.models import Language
from regulars.outreach import services as outreach
from regulars.people import profile
from regulars.people import selectors as people
from regulars.people import services as people_services
from regulars.people.models import Member, Source
from regulars.people.profile_forms import as_answer, initial_of, value_of
from regulars.portal import admission
from regulars.portal.admission import members_only
from regulars.portal.forms import ProfileForm, refuse
from regulars.portal.own_data import member_data
from regulars.portal.pages import page

UNDO = "portal_profile_before"
"""What the profile said before the last change, kept in the session so that it can be undone."""


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest, member: Member) -> HttpResponse:
    """The profile and everything a member decides."""
    if request.method != "POST":
        known = {**_profile_of(member), **initial_of(member, profile.asked_of_themselves())}
        return _profile_page(request, member, ProfileForm(initial=known))
    if "undo" in request.POST:
        return _undo(request, member)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, member, form)
    return _change(request, member, form)


@members_only
@require_POST
def marketing(request: HttpRequest, member: Member) -> HttpResponse:
    """Agree to offers and news, or stop them: one press either way, by one channel or by all of them."""
    is_given, channel = request.POST.get("is_given") == "yes", request.POST.get("channel", "")
    answers = people.marketing_answers(member)
    asked = [channel] if channel in answers else list(answers) if not channel else []
    if any(answers[each] != is_given for each in asked):
        address = visitors.address_of(request)
        if is_given:
            people_services.set_marketing_consent(
                member=member, is_given=True, source=Source.SITE, address=address, channel=channel
            )
        else:
            outreach.stop_offers(member=member, channel=channel, address=address)
    return redirect("portal:me")


@members_only
@require_safe
def download(request: HttpRequest, member: Member) -> HttpResponse:
    """Everything this business keeps about the member, as a file."""
    response = JsonResponse(member_data(member), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="my-data-{clock.today().isoformat()}.json"'
    return response


def _profile_page(request: HttpRequest, member: Member, form: ProfileForm) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "contact": _contact(member),
        "agrees_to_marketing": people.agrees_to_marketing(member),
        "offers": _offers(member),
        "can_undo": "changed" in request.GET and UNDO in request.session,
        "menu": sorted(
            plugins.ask(hooks.menu_items, door="portal", staff=None, member=member), key=lambda item: item.order
        ),
    }
    return page(request, member, "portal/me.html", section="me", context=context, status=400 if form.errors else 200)


def _offers(member: Member) -> list[dict[str, Any]]:
    """The ways by which offers can reach the member, and whether they may."""
    ways = [
        ("sms", _("By text message"), member.phone),
        ("email", _("By e-mail"), member.email),
        ("inbox", _("In this inbox"), member.public_id),
    ]
    answers = people.marketing_answers(member)
    return [{"channel": way, "label": label, "comes": answers[way]} for way, label, address in ways if address]


def _contact(member: Member) -> str:
    """The phone as people write it, else the e-mail."""
    if not member.phone:
        return member.email
    number = phonenumbers.parse(member.phone)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _profile_of(member: Member) -> dict[str, Any]:
    return {"name": member.name, "birthday": member.birthday, "language": member.language}


def _change(request: HttpRequest, member: Member, form: ProfileForm) -> HttpResponse:
    before, answered = _profile_of(member), _answers_of(member)
    changed = {field: value for field, value in form.about().items() if value != before[field]}
    answers = {code: value for code, value in form.answers().items() if value != answered[code]}
    if not changed and not answers:
        messages.info(request, _("Everything was like that already."))
        return redirect("portal:me")
    try:
        _save(member, changed, answers)
    except RegularsError as error:
        refuse(form, error)
        return _profile_page(request, member, form)
    request.session[UNDO] = json.loads(json.dumps({**before, "answers": answered}, cls=DjangoJSONEncoder))
    return _told(request, member, {**changed, **({"answers": answers} if answers else {})})


@transaction.atomic
def _save(member: Member, about: dict[str, Any], answers: dict[str, Any]) -> None:
    """Both or nothing. Raises what the acts raise."""
    if about:
        people_services.change_profile(member=member, **about)
    if answers:
        profile.answer(member=member, answers=answers)


def _answers_of(member: Member) -> dict[str, Any]:
    return {asked.code: value_of(member, asked) for asked in profile.asked_of_themselves()}


def _undo(request: HttpRequest, member: Member) -> HttpResponse:
    before = request.session.pop(UNDO, None)
    if isinstance(before, dict):
        birthday, answers = before["birthday"], before.pop("answers", {})
        before = before | {"birthday": dt.date.fromisoformat(birthday) if birthday else None}
        asked = {each.code: each for each in profile.asked_of_themselves()}
        answers = {code: as_answer(asked[code], value) for code, value in answers.items() if code in asked}
        _save(member, before, answers)
        return _told(request, member, {**before, **({"answers": answers} if answers else {})})
    return redirect("portal:me")


def _told(request: HttpRequest, member: Member, changed: dict[str, Any]) -> HttpResponse:
    """Say what the profile says now, in the language it now asks for."""
    speaks = get_language()
    if "language" in changed and changed["language"] in Language.values:
        translation.activate(member.language)
    words = {
        "name": _("your name"),
        "birthday": _("your birthday"),
        "language": _("your language"),
        "answers": _("your answers"),
    }
    listed = _(", ").join(words[field] for field in words if field in changed)
    messages.success(request, _("Changed: %(fields)s.") % {"fields": listed})
    response = redirect(f"{reverse('portal:me')}?changed" if UNDO in request.session else "portal:me")
    if "language" in changed and member.language != speaks:
        admission.speak(response, member.language)
    return response
