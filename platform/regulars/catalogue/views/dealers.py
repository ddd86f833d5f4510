"""Dealers in the back office: who asks to become one, who is one and of which level, and the levels."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.urls import path, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.catalogue import selectors
from regulars.catalogue.dealer_forms import DealerForm, DecisionForm, LevelForm
from regulars.catalogue.models import ApplicationState, Dealer, DealerApplication, DealerLevel
from regulars.catalogue.services import dealers as services
from regulars.errors import InvalidInput, NotFound

DEALERS = reverse_lazy("office_catalogue:dealers")
CATALOGUE = reverse_lazy("office_catalogue:products")
TRAIL = ((CATALOGUE, gettext_lazy("Products")), (DEALERS, gettext_lazy("Dealers")))
MOST_SHOWN = 200


class Dealers(OfficePage):
    """Applications that wait, the dealers below whom they stand, and the levels."""

    template_name = "catalogue/dealers.html"
    page_title = gettext_lazy("Dealers")
    header_icon = "members"
    permission = services.DECIDE
    trail = ((CATALOGUE, gettext_lazy("Products")),)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """All of it."""
        levels = DealerLevel.objects.annotate(count=Count("dealers", filter=Q(dealers__is_active=True)))
        dealers = Dealer.objects.select_related("member", "level", "parent").order_by("-is_active", "company", "pk")
        found: dict[str, Any] = super().get_context_data(
            waiting=selectors.waiting_applications()[:MOST_SHOWN],
            dealers=dealers[:MOST_SHOWN],
            levels=levels,
            **context,
        )
        return found


class LevelPage(ActPage):
    """One level: a new one, or the one the address names."""

    form_class: Any = LevelForm
    success_url = DEALERS
    header_icon = "members"
    permission = services.DECIDE
    trail = TRAIL
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def level(self) -> DealerLevel | None:
        """The level to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        try:
            return selectors.level_by_public_id(named)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.level) if self.level else _("New dealer level")

    @property
    def history_of(self) -> str:
        """The level."""
        return str(self.level.public_id) if self.level else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the level."""
        return {**super().get_form_kwargs(), "level": self.level}

    def act(self, form: Any) -> DealerLevel:
        """Save it through the service."""
        return services.save_level(level=self.level, by=actor_of(self.request), **form.values())


class ApplicationPage(ActPage):
    """One application: who asks, and the answer."""

    template_name = "catalogue/application.html"
    form_class: Any = DecisionForm
    success_url = DEALERS
    header_icon = "members"
    permission = services.DECIDE
    trail = TRAIL
    submit_label = gettext_lazy("Decide")

    @cached_property
    def application(self) -> DealerApplication:
        """The application of this address, 404 for none."""
        try:
            return selectors.application_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Who asks."""
        return str(self.application)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The application."""
        is_open = self.application.state == ApplicationState.REQUESTED
        found: dict[str, Any] = super().get_context_data(application=self.application, is_open=is_open, **context)
        return found

    def act(self, form: Any) -> DealerApplication | Dealer:
        """Accept or refuse."""
        typed = form.cleaned_data
        if typed["decision"] == "refuse":
            return services.refuse(application=self.application, by=self.staff, answer=typed["answer"])
        if typed["level"] is None:
            raise InvalidInput(_("Choose the level that the dealer begins with."), field="level")
        return services.accept(
            application=self.application,
            level=typed["level"],
            parent=typed["parent"],
            by=self.staff,
            answer=typed["answer"],
        )

    def words_of_success(self, done: DealerApplication | Dealer) -> str:
        """What became of it."""
        if isinstance(done, Dealer):
            return _("%(company)s is a dealer now and sees dealer prices at once.") % {"company": done}
        return _("Refused. The member reads the answer in the portal.")


class DealerPage(ActPage):
    """One dealer's terms."""

    form_class: Any = DealerForm
    success_url = DEALERS
    header_icon = "members"
    permission = services.DECIDE
    trail = TRAIL

    @cached_property
    def dealer(self) -> Dealer:
        """The dealer of this address, 404 for none."""
        try:
            return selectors.dealer_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """The company."""
        return str(self.dealer)

    @property
    def history_of(self) -> str:
        """The member behind it."""
        return str(self.dealer.member.public_id)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the dealer."""
        return {**super().get_form_kwargs(), "dealer": self.dealer}

    def act(self, form: Any) -> Dealer:
        """Change the terms."""
        return services.change_dealer(dealer=self.dealer, by=self.staff, **form.cleaned_data)

    def words_of_success(self, done: Dealer) -> str:
        """From when on."""
        return _("%(company)s is saved. The next quote has it.") % {"company": done}


ADDRESSES = [
    path("dealers/", Dealers.as_view(), name="dealers"),
    path("dealers/levels/new/", LevelPage.as_view(), name="new_level"),
    path("dealers/levels/<slug:public_id>/", LevelPage.as_view(), name="level"),
    path("dealers/applications/<slug:public_id>/", ApplicationPage.as_view(), name="application"),
    path("dealers/<slug:public_id>/", DealerPage.as_view(), name="dealer"),
]
