"""Regions, branches and tills: one page that shows how the business is spread, and the forms that change it."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from regulars.backoffice.views.acts import ActPage, OfficePage
from regulars.errors import RegularsError
from regulars.organisation.models import Branch, Region, Terminal
from regulars.organisation.places import services
from regulars.organisation.places.forms import BranchForm, RegionForm, TillForm
from regulars.organisation.scope import regions_of

PLACES = reverse_lazy("office_settings:places")
TRAIL = ((PLACES, gettext_lazy("Places")),)


class Places(OfficePage):
    """The regions as a tree, the branches with their tills in it."""

    template_name = "backoffice/places.html"
    page_title = gettext_lazy("Places")
    header_icon = "site"
    permission = "team.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Rows of the tree, as far as the asker's rights hold."""
        branches = self.scope.limit(Branch.objects.prefetch_related("terminals"), field="")
        found: dict[str, Any] = super().get_context_data(
            rows=_tree(list(branches), list(regions_of(self.staff))), scope=self.scope, **context
        )
        return found


def _tree(branches: list[Branch], regions: list[Region]) -> list[tuple[int, Region | None, list[Branch]]]:
    """Regions from the top down with their depth and branches, then what lies in none; empty regions stay visible."""
    known = {region.pk for region in regions}
    inside: dict[int | None, list[Branch]] = {}
    for branch in branches:
        inside.setdefault(branch.region_id, []).append(branch)
    rows: list[tuple[int, Region | None, list[Branch]]] = []

    def descend(parent: int | None, depth: int) -> None:
        for region in regions:
            if (region.parent_id if region.parent_id in known else None) == parent:
                rows.append((depth, region, inside.get(region.pk, [])))
                descend(region.pk, depth + 1)

    descend(None, 0)
    return [*rows, (0, None, inside.get(None, []))] if None in inside or not rows else rows


class PlaceForm(ActPage):
    """A form about a place, on the way back to the tree."""

    success_url = PLACES
    header_icon = "site"
    permission = "places.manage"
    trail = TRAIL


class BranchPlaceForm(PlaceForm):
    """A form about a branch: offers the regions that whoever asks knows of."""

    form_class = BranchForm

    def get_form(self, form_class: Any = None) -> Form:
        """Only the own regions."""
        form: Form = super().get_form(form_class)
        form.fields["region"].queryset = regions_of(self.staff)  # type: ignore[attr-defined]
        return form


class NewBranch(BranchPlaceForm):
    """Open a branch."""

    page_title = gettext_lazy("New branch")
    submit_label = gettext_lazy("Open the branch")

    def act(self, form: Form) -> Branch:
        """Open it through the service."""
        return services.open_branch(by=self.staff, **form.cleaned_data)

    def words_of_success(self, done: Branch) -> str:
        """Which branch it was."""
        return _("%(branch)s is open.") % {"branch": done}


class ChangeBranch(BranchPlaceForm):
    """A branch's name, address, region, zone."""

    template_name = "backoffice/branch.html"

    @cached_property
    def branch(self) -> Branch:
        """The branch of the address, 404 beyond the asker's scope."""
        found: Branch = _one(
            self.scope.limit(Branch.objects.select_related("region"), field=""), self.kwargs["public_id"]
        )
        return found

    @property
    def history_of(self) -> str:
        """The branch."""
        return str(self.branch.public_id)

    def get_page_title(self) -> str:
        """Which branch it is."""
        return self.branch.name

    def get_initial(self) -> dict[str, Any]:
        """As it is."""
        branch = self.branch
        region = branch.region.public_id if branch.region else None
        return {"name": branch.name, "address": branch.address, "zone": branch.zone, "region": region}

    def act(self, form: Form) -> Branch:
        """Change it through the service."""
        return services.change_branch(branch=self.branch, by=self.staff, **form.cleaned_data)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The branch, for what is done to it besides."""
        return super().get_context_data(branch=self.branch, **context)


class SaveRegion(PlaceForm):
    """Draw a region, or change one."""

    form_class = RegionForm
    template_name = "backoffice/region.html"

    @cached_property
    def region(self) -> Region | None:
        """The region of the address, None for a new one. 404 for whoever's rights do not hold everywhere."""
        if not self.scope.is_whole:
            raise Http404
        public_id = self.kwargs.get("public_id")
        return _one(Region.objects.select_related("parent"), public_id) if public_id else None

    @property
    def history_of(self) -> str:
        """The region."""
        return str(self.region.public_id) if self.region else ""

    def get_page_title(self) -> str:
        """Which region it is."""
        return self.region.name if self.region else _("New region")

    def get_initial(self) -> dict[str, Any]:
        """As it is."""
        region = self.region
        if region is None:
            return {}
        return {"name": region.name, "parent": region.parent.public_id if region.parent else None}

    def act(self, form: Form) -> Region:
        """Save it through the service."""
        return services.save_region(by=self.staff, region=self.region, **form.cleaned_data)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The region, for taking it away."""
        return super().get_context_data(region=self.region, **context)


class NewTill(PlaceForm):
    """Add a till to a branch."""

    form_class = TillForm
    page_title = gettext_lazy("New till")

    def get_form(self, form_class: Any = None) -> Form:
        """Only branches within the asker's scope."""
        form: Form = super().get_form(form_class)
        field: Any = form.fields["branch"]
        field.queryset = self.scope.limit(Branch.objects.filter(is_open=True), field="")
        return form

    def act(self, form: Form) -> Terminal:
        """Add it through the service."""
        return services.add_terminal(by=self.staff, **form.cleaned_data)

    def words_of_success(self, done: Terminal) -> str:
        """Which till it was."""
        return _("%(till)s is ready.") % {"till": done}


class PlaceAct(OfficePage):
    """One press of a button: closing, opening again, taking out of use, taking a region away."""

    permission = "places.manage"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponse:
        """Do it and say what was done, or why not. 404 for a place beyond the asker's scope or an unknown act."""
        try:
            messages.success(request, self._done(public_id, act))
        except RegularsError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("office_settings:places"))

    def _done(self, public_id: str, act: str) -> str:
        if act in ("close", "reopen"):
            branch = _one(self.scope.limit(Branch.objects.all(), field=""), public_id)
            if act == "close":
                services.close_branch(branch=branch, by=self.staff)
                return _("%(branch)s is closed. Its sales and members stay; you can open it again.") % {
                    "branch": branch
                }
            services.reopen_branch(branch=branch, by=self.staff)
            return _("%(branch)s is open.") % {"branch": branch}
        if act == "delete-region":
            region = _one(Region.objects.all() if self.scope.is_whole else Region.objects.none(), public_id)
            services.delete_region(region=region, by=self.staff)
            return _("%(region)s is gone. Its branches lie in the region above it now.") % {"region": region}
        return self._done_to_till(public_id, act)

    def _done_to_till(self, public_id: str, act: str) -> str:
        till = _one(self.scope.limit(Terminal.objects.select_related("branch")), public_id)
        if act not in ("switch-on", "switch-off"):
            raise Http404
        services.switch_terminal(terminal=till, is_active=act == "switch-on", by=self.staff)
        if act == "switch-on":
            return _("%(till)s is in use again.") % {"till": till}
        return _("%(till)s is out of use; its tokens no longer work.") % {"till": till}


def _one(records: Any, public_id: str) -> Any:
    found = records.filter(public_id=public_id[:40]).first()
    if found is None:
        raise Http404
    return found
