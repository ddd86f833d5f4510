"""Benefits in the back office: which tier grants what, and how much of it is used."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from dateutil.relativedelta import relativedelta
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.errors import NotFound
from regulars.loyalty.benefits import selectors
from regulars.loyalty.benefits.forms import BenefitForm
from regulars.loyalty.benefits.models import Benefit
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.models import Tier
from regulars.operations import trail
from regulars.organisation.permissions import allows

LOYALTY = reverse_lazy("office_loyalty:programme")
BENEFITS = reverse_lazy("office_loyalty:benefits")
MONTHS = 12


class Benefits(OfficePage):
    """Every benefit with its tiers, and what nobody uses first."""

    template_name = "backoffice/benefits.html"
    page_title = gettext_lazy("Benefits")
    header_icon = "benefit"
    permission = "loyalty.view"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The page, or the report as a file."""
        if request.GET.get("export") == "csv":
            return self.download()
        return super().get(request, *args, **options)

    @cached_property
    def rows(self) -> list[selectors.Usage]:
        """What was used in the last twelve months."""
        return selectors.usage(self.first, clock.today())

    @property
    def first(self) -> dt.date:
        """The first day the report counts."""
        return clock.today() - relativedelta(months=MONTHS) + dt.timedelta(days=1)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """All benefits and their use."""
        found: dict[str, Any] = super().get_context_data(
            benefits=list(Benefit.objects.prefetch_related("grants__tier").order_by("-is_active", "pk")),
            rows=self.rows,
            first=self.first,
            unused=[row for row in self.rows if row.is_unused],
            may_change=allows(self.staff, "loyalty.change"),
            **context,
        )
        return found

    def download(self) -> HttpResponse:
        """The report as CSV; it holds figures only."""
        file = io.StringIO()
        writer = csv.writer(file)
        head = (_("Benefit"), _("Tier"), _("Members on it"), _("Uses"), _("Who used it"), _("Share in percent"))
        writer.writerow(head)
        for row in self.rows:
            cells = (str(row.benefit), str(row.tier), row.entitled, row.uses, row.users, row.share)
            writer.writerow([f"'{cell}" if str(cell)[:1] in "=+-@" else cell for cell in cells])
        trail.seen(by=self.staff, subject="benefits", what="export", detail={"records": len(self.rows)})
        response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="benefits.csv"'
        return response


class BenefitPage(ActPage):
    """One benefit: a new one, or the one whose code the address names."""

    form_class = BenefitForm
    success_url = BENEFITS
    header_icon = "benefit"
    permission = "loyalty.change"
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (BENEFITS, gettext_lazy("Benefits")))
    fields_of_refusals = {"words": "name_en", "details": "details_en"}

    @cached_property
    def benefit(self) -> Benefit | None:
        """The benefit to change, None for a new one."""
        code = self.kwargs.get("code")
        if code is None:
            return None
        try:
            return selectors.benefit_by_code(code)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.benefit) if self.benefit else _("New benefit")

    @property
    def history_of(self) -> str:
        """The benefit, by its code."""
        return self.benefit.code if self.benefit else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the benefit and every tier."""
        tiers = list(Tier.objects.order_by("track_id", "threshold"))
        return {**super().get_form_kwargs(), "benefit": self.benefit, "tiers": tiers}

    def act(self, form: Any) -> Benefit:
        """Save it through the service."""
        return save_benefit(benefit=self.benefit, by=actor_of(self.request), **form.benefit_values())

    def words_of_success(self, done: Benefit) -> str:
        """Which benefit it was."""
        return _("%(benefit)s is saved. Members see it at once.") % {"benefit": done}


ADDRESSES = [
    path("benefits/", Benefits.as_view(), name="benefits"),
    path("benefits/new/", BenefitPage.as_view(), name="new_benefit"),
    path("benefits/<slug:code>/", BenefitPage.as_view(), name="benefit"),
]
