"""Rewards in the back office: the shelf, its stock, and what was redeemed."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.db.models import Count, Q
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse_lazy
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.errors import NotFound
from regulars.loyalty.rewards import selectors, services, shelving
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.forms import CancelForm, RewardForm, StockForm
from regulars.loyalty.rewards.models import OPEN_STATES, Redemption, RedemptionState, Reward
from regulars.loyalty.rewards.pictures import picture_of, with_pictures
from regulars.operations import trail
from regulars.organisation.permissions import allows

LOYALTY = reverse_lazy("office_loyalty:programme")
REWARDS = reverse_lazy("office_loyalty:rewards")
NEWEST = 50
MOST_ROWS = 5000


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if str(value)[:1] in "=+-@" else value


class Rewards(OfficePage):
    """The shelf, and the newest redemptions of the branches this person may see."""

    template_name = "backoffice/rewards.html"
    page_title = gettext_lazy("Rewards")
    header_icon = "gift"
    permission = "loyalty.view"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The page, or the redemptions as a file."""
        if request.GET.get("export") == "csv":
            return self.download()
        return super().get(request, *args, **options)

    def redemptions(self) -> Any:
        """What was redeemed, the newest first; of a branch only what is collected there."""
        found = self.scope.limit(selectors.redemptions()).order_by("-pk")
        state = self.request.GET.get("state", "")
        return found.filter(state=state) if state in RedemptionState.values else found

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Rewards with how many were redeemed and wait."""
        counted = Reward.objects.annotate(
            redeemed=Count("redemptions", filter=Q(redemptions__number__isnull=False)),
            waiting=Count("redemptions", filter=Q(redemptions__state__in=OPEN_STATES)),
        )
        found: dict[str, Any] = super().get_context_data(
            rewards=[(one, picture_of(one)) for one in with_pictures(counted.order_by("-is_active", "points", "pk"))],
            redemptions=[(one, shown_code(one.code)) for one in self.redemptions()[:NEWEST]],
            states=RedemptionState.choices,
            state=self.request.GET.get("state", ""),
            may_change=allows(self.staff, "loyalty.change"),
            **context,
        )
        return found

    def download(self) -> HttpResponse:
        """The redemptions as CSV, without names: who it was is a public id."""
        file = io.StringIO()
        writer = csv.writer(file)
        head = (_("Ordered at"), _("Reward"), _("Points"), _("State"), _("Branch"), _("Member"), _("Closed at"))
        writer.writerow(head)
        records = list(self.redemptions()[:MOST_ROWS])
        for one in records:
            closed = localtime(one.closed_at).strftime("%Y-%m-%d %H:%M") if one.closed_at else ""
            cells = (
                localtime(one.ordered_at).strftime("%Y-%m-%d %H:%M"),
                str(one.reward),
                one.points,
                one.get_state_display(),
                one.branch.name if one.branch else "",
                one.member.public_id,
                closed,
            )
            writer.writerow([_cell(cell) for cell in cells])
        trail.seen(by=self.staff, subject="rewards", what="export", detail={"records": len(records)})
        response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="redemptions.csv"'
        return response


class RewardPage(ActPage):
    """One reward: a new one, or the one the address names."""

    template_name = "backoffice/reward.html"
    form_class: Any = RewardForm
    success_url = REWARDS
    header_icon = "gift"
    permission = "loyalty.change"
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (REWARDS, gettext_lazy("Rewards")))
    fields_of_refusals = {"words": "name_en", "details": "details_en"}

    @cached_property
    def reward(self) -> Reward | None:
        """The reward to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        try:
            return selectors.reward_by_public_id(named)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.reward) if self.reward else _("New reward")

    @property
    def history_of(self) -> str:
        """The reward."""
        return str(self.reward.public_id) if self.reward else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the reward."""
        return {**super().get_form_kwargs(), "reward": self.reward}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The reward, with how many are left."""
        picture = picture_of(self.reward) if self.reward else None
        found: dict[str, Any] = super().get_context_data(reward=self.reward, picture=picture, **context)
        return found

    def act(self, form: Any) -> Reward:
        """Save it through the service."""
        return shelving.save_reward(reward=self.reward, by=actor_of(self.request), **form.reward_values())

    def words_of_success(self, done: Reward) -> str:
        """Which reward it was."""
        return _("%(reward)s is saved. Members see it at once.") % {"reward": done}


class StockPage(RewardPage):
    """How many came or went, added to whatever is there by then."""

    template_name = "backoffice/reward_stock.html"
    form_class = StockForm
    submit_label = gettext_lazy("Count them in")

    def get_page_title(self) -> str:
        """Whose stock it is."""
        return _("Stock of %(reward)s") % {"reward": self.reward}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form needs to know nothing."""
        kwargs = super().get_form_kwargs()
        del kwargs["reward"]
        return kwargs

    def act(self, form: Any) -> Reward:
        """Count them in."""
        assert self.reward is not None
        how_many = form.cleaned_data["stock"]
        return shelving.restock(reward=self.reward, by_how_many=how_many, actor=actor_of(self.request))

    def words_of_success(self, done: Reward) -> str:
        """How many there are now."""
        if done.stock is None:
            return _("There is no end of %(reward)s now.") % {"reward": done}
        return _("There are %(stock)s of %(reward)s now.") % {"stock": done.stock, "reward": done}


class CancelRedemption(ActPage):
    """Undo a redemption that was not collected: the points go back to the lots they came from."""

    template_name = "backoffice/redemption.html"
    form_class: Any = CancelForm
    success_url = REWARDS
    header_icon = "gift"
    permission = "loyalty.change"
    submit_label = gettext_lazy("Cancel it and give the points back")
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (REWARDS, gettext_lazy("Rewards")))

    @cached_property
    def redemption(self) -> Redemption:
        """The redemption of this address, 404 for none and for one outside this person's scope."""
        try:
            found = selectors.redemption_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error
        if not self.scope.covers(found.branch):
            raise Http404
        return found

    def get_page_title(self) -> str:
        """What was redeemed."""
        return str(self.redemption.reward)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The redemption with its code and day."""
        found: dict[str, Any] = super().get_context_data(
            redemption=self.redemption,
            code=shown_code(self.redemption.code),
            is_open=self.redemption.state in OPEN_STATES,
            can_be_put_ready=self.redemption.state == RedemptionState.ORDERED,
            last_day=selectors.last_day_of(self.redemption),
            **context,
        )
        return found

    def act(self, form: Any) -> Redemption:
        """Cancel it."""
        return services.cancel(
            redemption=self.redemption, reason=form.cleaned_data["reason"], actor=actor_of(self.request)
        )

    def words_of_success(self, done: Redemption) -> str:
        """How many points went back."""
        return _("Cancelled. %(points)s points went back to the lots they came from.") % {"points": done.points}


class ReadyRedemption(CancelRedemption):
    """Note that it lies ready: the member is told, and the counter shows it."""

    form_class = Form
    submit_label = gettext_lazy("It lies ready")

    def act(self, form: Any) -> Redemption:
        """Mark it."""
        branch = self.redemption.branch
        staff = self.staff
        return services.mark_ready(redemption=self.redemption, branch=branch, by=staff)

    def words_of_success(self, done: Redemption) -> str:
        """Who knows now."""
        return _("%(reward)s lies ready. The member is told.") % {"reward": done.reward}


ADDRESSES = [
    path("rewards/", Rewards.as_view(), name="rewards"),
    path("rewards/new/", RewardPage.as_view(), name="new_reward"),
    path("rewards/redemptions/<slug:public_id>/", CancelRedemption.as_view(), name="redemption"),
    path("rewards/redemptions/<slug:public_id>/ready/", ReadyRedemption.as_view(), name="redemption_ready"),
    path("rewards/<slug:public_id>/", RewardPage.as_view(), name="reward"),
    path("rewards/<slug:public_id>/stock/", StockPage.as_view(), name="reward_stock"),
]
