"""Members found by a condition, and how many one means while it is put together, in the scope of whoever asks."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
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
from regulars.conditions.forms import ConditionField, ConditionWidget
from regulars.money import babel_locale
from regulars.organisation.scope import Scope

LONGEST = 4_000
"""Characters of a condition that the address of a list can carry."""
LIMIT = "4s"
"""How long the database may count before the page says that it is too much to count."""


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
    """How many active members are meant now, in words."""
    about_members = condition.for_members()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [LIMIT]
            )
            before = cursor.fetchone()
            number = about_members.count(scope)
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", before[:1])
    except OperationalError:
        return _("This takes too long to count here; it works all the same.")
    words = ngettext("%(count)s member", "%(count)s members", number) % {
        "count": format_decimal(number, locale=babel_locale())
    }
    if condition.is_for_sets:
        return _("Now it means: %(members)s.") % {"members": words}
    return _("Now it can mean: %(members)s. The purchase at hand decides the rest.") % {"members": words}


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
