"""What the business asks of its members, and what one of them answered."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path, reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.errors import NotFound
from regulars.people import profile
from regulars.people.models import Member, ProfileField
from regulars.people.profile_forms import READY, AnswersForm, ProfileFieldForm, answers_in
from regulars.people.selectors import member_by_public_id

ASKED = reverse_lazy("office_profile:fields")
TITLE = gettext_lazy("What you ask of members")


class ProfileFields(OfficePage):
    """The questions there are, and ready ones to begin with."""

    template_name = "backoffice/profile_fields.html"
    page_title = TITLE
    header_icon = "members"
    permission = "settings.change"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What is asked, what was put away, and what others ask."""
        fields = list(ProfileField.objects.all())
        known = {field.code for field in fields}
        ready = [(code, each["name"]) for code, each in READY.items() if code not in known]
        found: dict[str, Any] = super().get_context_data(fields=fields, ready=ready, **context)
        return found


class ProfileFieldPage(ActPage):
    """One question: a new one, perhaps begun with a ready one, or the one the address names."""

    form_class = ProfileFieldForm
    success_url = ASKED
    header_icon = "members"
    permission = "settings.change"
    trail = ((ASKED, TITLE),)
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def field(self) -> ProfileField | None:
        """The question to change, None for a new one. Raises `Http404`."""
        code = self.kwargs.get("code")
        if code is None:
            return None
        found = ProfileField.objects.filter(code=code).first()
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.field) if self.field else _("New question")

    @property
    def history_of(self) -> str:
        """The question."""
        return self.field.code if self.field else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the question; a new one may begin with a ready one."""
        options: dict[str, Any] = {**super().get_form_kwargs(), "field": self.field}
        ready = READY.get(self.request.GET.get("ready", "")) if self.field is None else None
        return {**options, "initial": ready["initial"]} if ready else options

    def act(self, form: Any) -> ProfileField:
        """Save it through the service."""
        kept = {name: form.cleaned_data[name] for name in ("code", "kind", "position", "is_shown", "is_active")}
        return profile.save_field(
            field=self.field, words=form.words(), choices=form.choice_words(), by=actor_of(self.request), **kept
        )


class MemberAnswers(ActPage):
    """What one member answered, to be filled in or put right by staff."""

    form_class = AnswersForm
    header_icon = "members"
    permission = "members.change"

    @cached_property
    def member(self) -> Member:
        """The member of the address. Raises `Http404` beyond the scope of whoever asks."""
        try:
            member = member_by_public_id(self.kwargs["code"])
        except NotFound:
            raise Http404 from None
        if not self.scope.covers(member.branch):
            raise Http404
        return member

    def get_page_title(self) -> str:
        """Whose answers they are."""
        return _("Profile of %(member)s") % {"member": self.member}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the member."""
        return {**super().get_form_kwargs(), "member": self.member}

    def get_success_url(self) -> str:
        """Back to the member."""
        return reverse("office_members:inspect", args=(self.member.public_id,))

    def act(self, form: Any) -> Member:
        """Note them through the service."""
        return profile.answer(member=self.member, answers=answers_in(form.cleaned_data), by=actor_of(self.request))


ADDRESSES = [
    path("", ProfileFields.as_view(), name="fields"),
    path("new/", ProfileFieldPage.as_view(), name="new"),
    path("<slug:code>/", ProfileFieldPage.as_view(), name="field"),
]
