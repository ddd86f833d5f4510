"""Members found by a condition, and how many one means while it is put together, in the scope of whoever asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from regulars.backoffice.needs import needs
from regulars.backoffice.views.acts import ActPage
from regulars.conditions import Condition, contradictions, parse
from regulars.conditions.estimate import about
from regulars.conditions.forms import ConditionField, ConditionWidget
from regulars.money import format_count
from regulars.organisation.scope import Scope

LONGEST = 4_000
"""Characters of a condition that the address of a list can carry."""
LIMIT = "3s"
"""How long the database may count before the page asks a sample instead."""
LIMIT_OF_A_SAMPLE = "2s"
"""How long that may take before the page says that it is too much to count."""


@require_POST
@needs("members.view")
def count(request: HttpRequest) -> HttpResponse:
    """`{words, count, problem, warnings}` of the condition that was sent under `name`, all for people to read."""
    name = request.POST.get("name", "")
    if not re.fullmatch(r"[\w-]{1,60}", name):
        return JsonResponse({"problem": _("This condition could not be read.")}, status=400)
    sent = ConditionWidget().value_from_datadict(request.POST, {}, name)
    try:
        condition = parse(ConditionField().clean(sent))
    except ValidationError as refusal:
        return JsonResponse({"words": "", "problem": " ".join(refusal.messages)})
    scope: Scope = request.scope  # type: ignore[attr-defined]
    said: dict[str, Any] = {
        "words": "" if condition.is_always else condition.words(),
        "count": counted(condition, scope),
    }
    return JsonResponse({**said, "warnings": contradictions(condition)})


def counted(condition: Condition, scope: Scope) -> str:
    """How many active members are meant now, in words; about how many where counting them takes too long."""
    about_members = condition.for_members()
    try:
        try:
            with _at_most(LIMIT):
                number, is_exact = about_members.count(scope), True
        except OperationalError:
            with _at_most(LIMIT_OF_A_SAMPLE):
                number, is_exact = about(about_members, scope), False
    except OperationalError:
        return _("This takes too long to count here; it works all the same.")
    words = ngettext("%(count)s member", "%(count)s members", number) % {"count": format_count(number)}
    return _said(condition, is_exact=is_exact) % {"members": words}


@contextmanager
def _at_most(limit: str) -> Iterator[None]:
    """A transaction in which no question to the database takes longer. Raises `OperationalError` when one does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [limit]
        )
        before = cursor.fetchone()
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", before[:1])


def _said(condition: Condition, *, is_exact: bool) -> str:
    if condition.is_for_sets:
        return _("Now it means: %(members)s.") if is_exact else _("Now it means about %(members)s, by a sample.")
    if is_exact:
        return _("Now it can mean: %(members)s. The purchase at hand decides the rest.")
    return _("Now it can mean about %(members)s, by a sample. The purchase at hand decides the rest.")


class MembersForm(forms.Form):
    """Which members."""

    condition = ConditionField(label=gettext_lazy("Members of whom this is true"), with_occasion=False, required=True)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        condition = self.fields["condition"]
        assert isinstance(condition, ConditionField)
        condition.in_scope(scope)


class FindMembers(ActPage):
    """Members put together by a condition: it leads to their list, where they are seen, kept as a view and acted on."""

    form_class = MembersForm
    permission = "members.view"
    header_icon = "members"
    page_title = gettext_lazy("Members by a condition")
    submit_label = gettext_lazy("Show these members")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Through the members."""
        *above, here = super().get_breadcrumbs_items()
        return [*above, {"url": reverse("office_members:list"), "label": _("Members")}, here]

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form offers nothing beyond the scope of whoever asks."""
        return {**super().get_form_kwargs(), "scope": self.scope}

    def get_initial(self) -> dict[str, Any]:
        """The condition of the list that one came from."""
        return {"condition": self.request.GET.get("who", "")[:LONGEST]}

    def form_valid(self, form: Any) -> HttpResponse:
        """Lead to the list."""
        who = json.dumps(form.cleaned_data["condition"], ensure_ascii=False, separators=(",", ":"))
        if len(who) > LONGEST:
            form.add_error("condition", _("This condition is too long."))
            return self.form_invalid(form)
        return HttpResponseRedirect(f"{reverse('office_members:list')}?{urlencode({'who': who})}")
