"""Settings of the business: what it is called and looks like, its places and tills, its staff."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.organisation import selectors, services
from regulars.organisation.forms import BranchForm, BusinessForm, StaffForm, TillForm
from regulars.organisation.models import Branch, Staff

BUSINESS = reverse_lazy("office_settings:business")
PLACES = reverse_lazy("office_settings:places")


class BusinessPage(ActPage):
    """Name, brand colour, language, zone."""

    form_class = BusinessForm
    success_url = BUSINESS
    page_title = gettext_lazy("Business")
    header_icon = "cog"
    permission = "organisation.change_organisation"
    success_message = gettext_lazy("Saved. Cards, pages and messages show it at once.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The settings as they are."""
        return {**super().get_form_kwargs(), "organisation": selectors.organisation()}

    def act(self, form: Any) -> Any:
        """Change them through the service."""
        return services.change(by=actor_of(self.request), **form.changes())


class Places(OfficePage):
    """Branches with their tills, and who works there."""

    template_name = "backoffice/places.html"
    page_title = gettext_lazy("Places and staff")
    header_icon = "site"
    permission = "organisation.view_branch"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Every branch with its tills, every member of staff."""
        found: dict[str, Any] = super().get_context_data(
            branches=Branch.objects.prefetch_related("terminals"),
            staff=Staff.objects.select_related("branch", "user").order_by("-is_active", "name"),
            **context,
        )
        return found


class NewBranch(ActPage):
    """Open a branch."""

    form_class = BranchForm
    success_url = PLACES
    page_title = gettext_lazy("New branch")
    header_icon = "site"
    permission = "organisation.add_branch"
    trail = ((PLACES, gettext_lazy("Places and staff")),)
    submit_label = gettext_lazy("Open the branch")

    def act(self, form: Any) -> Branch:
        """Open it through the service."""
        return services.open_branch(**form.cleaned_data)

    def words_of_success(self, done: Branch) -> str:
        """Which branch it was."""
        return _("%(branch)s is open.") % {"branch": done}


class NewTill(ActPage):
    """Add a till to a branch; its token is shown this once."""

    form_class = TillForm
    page_title = gettext_lazy("New till")
    header_icon = "site"
    permission = "organisation.change_branch"
    trail = ((PLACES, gettext_lazy("Places and staff")),)
    success_url = PLACES

    def act(self, form: Any) -> tuple[Any, str]:
        """Add it through the service."""
        return services.add_terminal(**form.cleaned_data)

    def words_of_success(self, done: tuple[Any, str]) -> str:
        """The token, for a till program or another system."""
        return _("%(till)s is ready. Its token, shown only now: %(token)s") % {"till": done[0], "token": done[1]}


class NewStaff(ActPage):
    """Appoint somebody; they choose their password by a link in their mail."""

    form_class = StaffForm
    success_url = PLACES
    page_title = gettext_lazy("Invite somebody")
    header_icon = "user"
    permission = "organisation.add_staff"
    trail = ((PLACES, gettext_lazy("Places and staff")),)
    submit_label = gettext_lazy("Send the invitation")

    def act(self, form: Any) -> Staff:
        """Appoint through the service, then send the link."""
        staff = services.appoint(**form.cleaned_data, appointed_by=selectors.staff_of(self.request.user))
        invitation = ResetPasswordForm(data={"email": staff.user.email})
        if invitation.is_valid():
            invitation.save(self.request)
        return staff

    def words_of_success(self, done: Staff) -> str:
        """Who it was and what they got."""
        return _("%(name)s is on the team and has mail: a link to choose a password.") % {"name": done}
