"""Who works here and in which role: the list of people, inviting, changing, dismissing, and the roles themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from regulars import clock
from regulars.access.models import Session
from regulars.backoffice.views.acts import ActPage, OfficePage
from regulars.errors import RegularsError
from regulars.organisation.models import CustomRole, Role, Staff
from regulars.organisation.permissions import HELD, is_powerful, permissions
from regulars.organisation.scope import Scope
from regulars.organisation.selectors import organisation
from regulars.organisation.team import invitations, second_factor, services
from regulars.organisation.team.forms import InvitationForm, PersonForm, RoleForm

PEOPLE = reverse_lazy("office_team:people")
ROLES = reverse_lazy("office_team:roles")


def people_within(scope: Scope) -> QuerySet[Staff]:
    """The staff whose role holds within a scope: those of its branches and of regions that lie in it."""
    everybody = Staff.objects.select_related("user", "branch", "region", "custom_role", "invitation")
    if scope.branches is None:
        return everybody
    here = Q(branch__in=scope.branches)
    outside = Q(region__branches__isnull=False) & ~Q(region__branches__in=scope.branches)
    inside = Staff.objects.filter(region__branches__in=scope.branches).exclude(pk__in=Staff.objects.filter(outside))
    return everybody.filter(here | Q(pk__in=inside))


class People(OfficePage):
    """Everybody within the asker's scope, with role, place, second factor and when they were last here."""

    template_name = "backoffice/people.html"
    page_title = gettext_lazy("People")
    header_icon = "group"
    permission = "team.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """A row for each, three questions however many they are."""
        seen = Session.objects.filter(user_id=OuterRef("user_id")).values("user_id").annotate(last=Max("seen_at"))
        people = people_within(self.scope).annotate(seen_at=Subquery(seen.values("last")))
        found: dict[str, Any] = super().get_context_data(
            people=people.order_by("-is_active", "name"),
            proved=second_factor.users_with_one(),
            now=clock.now(),
            **context,
        )
        return found


class Invite(ActPage):
    """Appoint somebody; they choose their password by a link in their mail."""

    form_class = InvitationForm
    success_url = PEOPLE
    page_title = gettext_lazy("Invite somebody")
    header_icon = "group"
    permission = "team.manage"
    trail = ((PEOPLE, gettext_lazy("People")),)
    submit_label = gettext_lazy("Send the invitation")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Only what the asker may give."""
        initial = {"language": organisation().language, "role": Role.CASHIER}
        return {**super().get_form_kwargs(), "giver": self.staff, "initial": initial}

    def act(self, form: Any) -> Staff:
        """Appoint and send the link through the service."""
        typed = form.cleaned_data
        return invitations.invite(
            by=self.staff, name=typed["name"], email=typed["email"], language=typed["language"], **form.place()
        )

    def words_of_success(self, done: Staff) -> str:
        """Who it was and what they got."""
        return _("%(name)s is on the team and gets mail: a link to choose a password, good for seven days.") % {
            "name": done
        }


class Person(ActPage):
    """One member of staff: name, role, place, sessions."""

    form_class = PersonForm
    template_name = "backoffice/person.html"
    success_url = PEOPLE
    header_icon = "user"
    permission = "team.manage"
    trail = ((PEOPLE, gettext_lazy("People")),)

    @cached_property
    def person(self) -> Staff:
        """The member of staff of the address, 404 beyond the asker's scope."""
        found: Staff = _one(people_within(self.scope), self.kwargs["public_id"])
        return found

    @property
    def history_of(self) -> str:
        """The member of staff."""
        return str(self.person.public_id)

    def get_page_title(self) -> str:
        """Whose page it is."""
        return self.person.name

    def get_form_kwargs(self) -> dict[str, Any]:
        """As it is, and only what the asker may give."""
        options = super().get_form_kwargs()
        options.pop("initial")
        return {**options, "giver": self.staff, "staff": self.person}

    def act(self, form: Any) -> Staff:
        """Change through the service."""
        return services.change_staff(staff=self.person, by=self.staff, name=form.cleaned_data["name"], **form.place())

    def words_of_success(self, done: Staff) -> str:
        """What holds now."""
        return _("%(name)s is %(role)s now, from the next page they open.") % {"name": done, "role": done.role_name}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Where the person is signed in, and what may be done besides."""
        person = self.person
        found: dict[str, Any] = super().get_context_data(
            person=person,
            sessions=Session.objects.filter(user_id=person.user_id, expire_date__gt=clock.now()).order_by("-seen_at"),
            has_second_factor=person.user_id in second_factor.users_with_one(),
            needs_second_factor=is_powerful(person),
            **context,
        )
        return found


class PersonAct(OfficePage):
    """One press of a button: dismissing, taking back, a new invitation, signing out everywhere."""

    permission = "team.manage"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponse:
        """Do it and say what was done, or why not. 404 beyond the asker's scope and for an unknown act."""
        person = _one(people_within(self.scope), public_id)
        doing = ACTS.get(act)
        if doing is None:
            raise Http404
        try:
            doing[0](staff=person, by=self.staff)
        except RegularsError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(doing[1]) % {"name": person})
        return HttpResponseRedirect(reverse("office_team:person", args=(person.public_id,)))


ACTS: dict[str, tuple[Any, Any]] = {
    "dismiss": (
        services.dismiss,
        gettext_lazy("%(name)s no longer works here and is signed out everywhere. You can take them back."),
    ),
    "take-back": (services.take_back, gettext_lazy("%(name)s works here again, in the same role.")),
    "invite-again": (
        invitations.send_again,
        gettext_lazy("%(name)s gets a new link. The earlier one no longer works."),
    ),
    "sign-out": (services.sign_out, gettext_lazy("%(name)s is signed out everywhere.")),
    "reset-second-factor": (
        second_factor.reset,
        gettext_lazy("%(name)s signs in without the second factor and sets up a new one."),
    ),
}


class Roles(OfficePage):
    """The table of what each role may do, and the business's own roles."""

    template_name = "backoffice/roles.html"
    page_title = gettext_lazy("Roles")
    header_icon = "key"
    permission = "team.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The permissions by heading, a mark for each role that holds one."""
        own = list(CustomRole.objects.all())
        held = [HELD[role] for role in Role if role != Role.CUSTOM] + [frozenset(role.permissions) for role in own]
        rows: dict[str, list[tuple[Any, list[bool]]]] = {}
        for permission in permissions():
            marks = [permission.code in codes for codes in held]
            marks[0] = True  # owners hold what modules add, too
            rows.setdefault(str(permission.group), []).append((permission, marks))
        found: dict[str, Any] = super().get_context_data(
            columns=[role.label for role in Role if role != Role.CUSTOM] + [role.name for role in own],
            groups=list(rows.items()),
            own=own,
            **context,
        )
        return found


class SaveRole(ActPage):
    """Make a role of the business's own, or change one."""

    form_class = RoleForm
    template_name = "backoffice/role.html"
    success_url = ROLES
    header_icon = "key"
    permission = "team.manage"
    trail = ((ROLES, gettext_lazy("Roles")),)

    @cached_property
    def role(self) -> CustomRole | None:
        """The role of the address, None for a new one. 404 for whoever's rights do not hold everywhere."""
        if not self.scope.is_whole:
            raise Http404
        public_id = self.kwargs.get("public_id")
        return _one(CustomRole.objects.all(), public_id) if public_id else None

    @property
    def history_of(self) -> str:
        """The role."""
        return str(self.role.public_id) if self.role else ""

    def get_page_title(self) -> str:
        """Which role it is."""
        return self.role.name if self.role else _("New role")

    def get_form_kwargs(self) -> dict[str, Any]:
        """As it is, and only what the asker may give."""
        role = self.role
        initial = {"name": role.name, "permissions": role.permissions} if role else {}
        return {**super().get_form_kwargs(), "giver": self.staff, "initial": initial}

    def act(self, form: Form) -> CustomRole:
        """Save through the service."""
        typed = form.cleaned_data
        return services.save_custom_role(by=self.staff, name=typed["name"], codes=typed["permissions"], role=self.role)

    def words_of_success(self, done: CustomRole) -> str:
        """What holds now."""
        return _("“%(role)s” is saved. Whoever holds it may do this from the next page they open.") % {"role": done}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The role, for taking it away."""
        found: dict[str, Any] = super().get_context_data(role=self.role, **context)
        return found


class RoleDelete(OfficePage):
    """Take a role away that nobody holds."""

    permission = "team.manage"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Do it, or say why not. 404 for whoever's rights do not hold everywhere."""
        if not self.scope.is_whole:
            raise Http404
        role = _one(CustomRole.objects.all(), public_id)
        try:
            services.delete_custom_role(role=role, by=self.staff)
        except RegularsError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("“%(role)s” is gone.") % {"role": role})
        return HttpResponseRedirect(reverse("office_team:roles"))


def _one(records: Any, public_id: str) -> Any:
    found = records.filter(public_id=public_id[:40]).first()
    if found is None:
        raise Http404
    return found
