"""Tiers in the back office: tracks and their ladders, a change seen before it is saved, and one member's tier."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from regulars import clock
from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.errors import InvalidInput, NotFound, RegularsError
from regulars.insights.charts import Cell, Chart, Sheet
from regulars.loyalty.models import Standing, Tier, Track, TrackStanding
from regulars.loyalty.tiers import services as tiers
from regulars.loyalty.tiers import words
from regulars.loyalty.tiers.distribution import distribution
from regulars.loyalty.tiers.forms import ChangeForm, LiftForm, SetTierForm, TierForm, TrackForm
from regulars.loyalty.tiers.overriding import end_override, set_by_hand
from regulars.loyalty.tiers.preview import Preview, preview, with_change
from regulars.loyalty.tiers.selectors import benefits_of, moves_of, progress_of
from regulars.operations import jobs
from regulars.operations.models import Job
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.people.selectors import member_by_public_id

LOYALTY = reverse_lazy("office_loyalty:programme")
TRACKS = reverse_lazy("office_loyalty:tracks")

PRESETS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "points": (
        gettext_lazy("More points, bigger discount"),
        gettext_lazy("Members climb by the points they have earned, whether they spent them or not."),
        {
            "code": "points",
            "words": {"en": "Points level", "zh-hans": "积分等级"},
            "basis": {"combine": "any", "measures": ["points_earned"]},
        },
    ),
    "visits": (
        gettext_lazy("Come often"),
        gettext_lazy("Ten purchases in a year make a regular, however small they are."),
        {
            "code": "visits",
            "words": {"en": "Regulars", "zh-hans": "常客"},
            "basis": {"combine": "any", "measures": ["visits"]},
        },
    ),
    "year": (
        gettext_lazy("A new race every year"),
        gettext_lazy("Spend of the calendar year counts; on the first of January everybody begins anew."),
        {
            "code": "year",
            "words": {"en": "Year", "zh-hans": "年度等级"},
            "basis": {"combine": "any", "measures": ["spend"]},
            "window": "year",
            "keep_months": 0,
            "evaluated": "year",
            "downgrade": "requalify",
            "grace_days": 0,
        },
    ),
    "dealers": (
        gettext_lazy("Given by hand"),
        gettext_lazy("For dealers, partners and guests of honour: you decide who stands where."),
        {
            "code": "partners",
            "words": {"en": "Partners", "zh-hans": "合作伙伴"},
            "basis": {"combine": "any", "measures": []},
        },
    ),
}
"""Tracks to begin with: what they are called, what they are for, and their figures."""


class Tracks(OfficePage):
    """Every track with its ladder and rules in sentences, and how the tiers filled over the last year."""

    template_name = "backoffice/tracks.html"
    page_title = gettext_lazy("Tiers")
    header_icon = "tier"
    permission = "loyalty.view"
    trail = ((LOYALTY, gettext_lazy("Loyalty")),)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The tracks, their tiers with how many stand on each, and the chart."""
        found_tracks = list(Track.objects.prefetch_related("tiers"))
        on_first = _counts(Standing)
        on_others = _counts(TrackStanding)
        found: dict[str, Any] = super().get_context_data(
            tracks=[self._track(track, on_first if track.is_default else on_others) for track in found_tracks],
            charts=[chart for track in found_tracks if (chart := _chart(track, found_tracks)) is not None],
            presets=[(code, title, use) for code, (title, use, _figures) in PRESETS.items()],
            may_change=allows(self.staff, "loyalty.change"),
            **context,
        )
        return found

    def _track(self, track: Track, counts: dict[int, int]) -> dict[str, Any]:
        currency, today = organisation().currency, clock.today()
        steps = []
        for tier in sorted(track.tiers.all(), key=lambda each: each.threshold):
            tier.track = track
            steps.append(
                {
                    "tier": tier,
                    "asks": words.entry_words(track, tier, currency, today),
                    "discount": tier.on(today, "discount"),
                    "benefits": benefits_of(tier),
                    "pack": words.pack_words(tier.pack),
                    "members": counts.get(tier.pk, 0),
                    "is_changing": tier.changed_until is not None and tier.changed_until >= today,
                }
            )
        return {"track": track, "rules": words.rules_words(track), "steps": steps}


def _counts(model: Any) -> dict[int, int]:
    """How many members stand on each tier, by its database id."""
    return dict(model.objects.values_list("tier").annotate(Count("pk")).order_by())


def _chart(track: Track, of: list[Track]) -> Chart | None:
    """How the tiers of a track filled, month by month, as a chart and the table that says the same."""
    months = distribution(track) if track.is_active else []
    if not months:
        return None
    names = [str(tier) for tier in Tier.objects.filter(track=track).order_by("threshold")]
    rows = tuple(
        (
            Cell(value=month.first.strftime("%Y-%m"), words=str(date_format(month.first, "YEAR_MONTH_FORMAT"))),
            *(Cell(value=count) for count in month.members),
        )
        for month in months
    )
    title = _("Members by tier: %(track)s") % {"track": track} if len(of) > 1 else gettext_lazy("Members by tier")
    name = "tiers" if track.is_default else f"tiers-{track.code}"
    sheet = Sheet(name=name, title=title, heads=(gettext_lazy("Month"), *names), rows=rows)
    now = months[-1].members
    said = _(", ").join(f"{name} {count}" for name, count in zip(names, now, strict=True))
    return Chart(
        kind="layers",
        sheet=sheet,
        shown=tuple(range(1, len(names) + 1)),
        summary=_("Today: %(tiers)s.") % {"tiers": said},
        labels=tuple(str(date_format(month.first, "YEAR_MONTH_FORMAT")) for month in months),
    )


class PreviewingPage(ActPage):
    """A form with a second button that says who would move, and saves nothing."""

    template_name = "backoffice/tier_form.html"
    header_icon = "tier"
    permission = "loyalty.change"
    seen: Preview | None = None

    def form_valid(self, form: Any) -> HttpResponse:
        """Show what would happen, or do it."""
        if "preview" not in self.request.POST:
            return super().form_valid(form)
        try:
            self.seen = self.preview_of(form)
        except RegularsError as refusal:
            field = self.fields_of_refusals.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form))

    def preview_of(self, form: Any) -> Preview | None:
        """Who would move. Raises `RegularsError` where it could not be saved."""
        raise NotImplementedError

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What was seen."""
        found: dict[str, Any] = super().get_context_data(seen=self.seen, can_preview=True, **context)
        return found


class TierPage(PreviewingPage):
    """One tier: a new one (on the track that `?track=` names), or the one whose code the address names."""

    form_class = TierForm
    success_url = TRACKS
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (TRACKS, gettext_lazy("Tiers")))
    fields_of_refusals = {"words": "name_en", "benefits": "benefits_en", "further": "threshold"}

    @cached_property
    def tier(self) -> Tier | None:
        """The tier to change, None for a new one."""
        code = self.kwargs.get("code")
        if code is None:
            return None
        found = Tier.objects.select_related("track").filter(code=code).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def track(self) -> Track:
        """The track it stands on."""
        if self.tier is not None:
            return self.tier.track
        named = self.request.GET.get("track", "").replace("\0", "")[:20]
        found = Track.objects.filter(code=named).first() if named else None
        return found or Track.objects.filter(is_default=True).first() or Track()

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.tier) if self.tier else _("New tier")

    def get_success_url(self) -> str:
        """Back to the programme, or to the tracks for a tier of another one."""
        return str(LOYALTY if self.track.is_default or not self.track.pk else TRACKS)

    @property
    def history_of(self) -> str:
        """The tier, by its code."""
        return self.tier.code if self.tier else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the tier, its track and the currency."""
        track = self.track if self.track.pk else None
        currency = organisation().currency
        return {**super().get_form_kwargs(), "tier": self.tier, "currency": currency, "track": track}

    def act(self, form: Any) -> Tier:
        """Save it through the service."""
        track = self.track if self.track.pk else None
        return tiers.save_tier(tier=self.tier, track=track, by=actor_of(self.request), **form.tier_values())

    def preview_of(self, form: Any) -> Preview | None:
        """Who would stand where with these figures."""
        if not self.track.pk:
            return None
        values = form.tier_values()
        tier = self.tier or Tier(code=values["code"], track=self.track, words=values["words"])
        figures = {name: values[name] for name in ("threshold", "retain_threshold", "further")}
        return preview(track=self.track, tiers=with_change(tier, **figures))

    def words_of_success(self, done: Tier) -> str:
        """Which tier it was."""
        return _("%(tier)s is saved. Members see it at once.") % {"tier": done}


class TrackPage(PreviewingPage):
    """One track: a new one (with the figures of `?preset=`), or the one whose code the address names."""

    form_class = TrackForm
    success_url = TRACKS
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (TRACKS, gettext_lazy("Tiers")))
    fields_of_refusals = {"words": "name_en", "measures": "leading"}

    @cached_property
    def track(self) -> Track | None:
        """The track to change, None for a new one."""
        code = self.kwargs.get("track")
        if code is None:
            return None
        found = Track.objects.filter(code=code).first()
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.track) if self.track else _("New track")

    @property
    def history_of(self) -> str:
        """The track, by its code."""
        return self.track.code if self.track else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the track, or what a new one begins with."""
        _title, _use, preset = PRESETS.get(self.request.GET.get("preset", ""), ("", "", {}))
        return {**super().get_form_kwargs(), "track": self.track, "preset": preset}

    def act(self, form: Any) -> Track:
        """Save it through the service."""
        kept = self.track.is_active if self.track else True
        return tiers.save_track(track=self.track, is_active=kept, by=actor_of(self.request), **form.track_values())

    def preview_of(self, form: Any) -> Preview | None:
        """Who would stand where with these rules."""
        if self.track is None:
            return None
        values = form.track_values()
        changed = Track.objects.get(pk=self.track.pk)
        changed.basis = {"combine": values["combine"], "measures": values["measures"]}
        for name in ("window", "window_months", "keep_months", "downgrade", "refunds"):
            setattr(changed, name, values[name])
        return preview(track=changed)

    def words_of_success(self, done: Track) -> str:
        """What comes next."""
        return _("%(track)s is saved. It counts from the next sale; nobody was moved yet.") % {"track": done}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """A new track has nobody to preview."""
        return super().get_context_data(**context) | {"can_preview": self.track is not None}


class LiftNow(ActPage):
    """Lift those who have reached a higher tier by now, counted before; the workers do it, piece by piece."""

    template_name = "backoffice/tier_lift.html"
    permission = "loyalty.change"
    header_icon = "tier"
    page_title = gettext_lazy("Lift members now")
    submit_label = gettext_lazy("Lift them")
    success_message = gettext_lazy("They are being lifted. Here you see how far it is.")
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (TRACKS, gettext_lazy("Tiers")))
    begun: Job | None = None

    form_class = LiftForm

    @cached_property
    def track(self) -> Track:
        """The track of the address."""
        found = Track.objects.filter(code=self.kwargs["track"], is_active=True).first()
        if found is None:
            raise Http404
        return found

    def act(self, form: Any) -> Job:
        """Leave it to the workers. Raises `InvalidInput` where nobody would rise."""
        params = {"track": self.track.code, "gives_packs": form.cleaned_data["gives_packs"]}
        try:
            self.begun = jobs.start(kind="tiers.lift", by=self.staff, params=params, key=form.cleaned_data["key"])
        except jobs.Nothing:
            raise InvalidInput(_("Nobody has reached a higher tier by now.")) from None
        return self.begun

    def get_success_url(self) -> str:
        """Where its progress stands."""
        assert self.begun is not None
        return reverse("office_jobs:job", args=(self.begun.public_id,))

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Who would rise."""
        found: dict[str, Any] = super().get_context_data(**context)
        return found | {"track": self.track, "seen": preview(track=self.track)}


class ChangePage(ActPage):
    """Other figures for a tier from one day to another."""

    template_name = "backoffice/tier_change.html"
    form_class = ChangeForm
    permission = "loyalty.change"
    header_icon = "tier"
    page_title = gettext_lazy("Change for a time")
    success_url = TRACKS
    trail = ((LOYALTY, gettext_lazy("Loyalty")), (TRACKS, gettext_lazy("Tiers")))
    fields_of_refusals = {"retain_threshold": "threshold", "benefits": "benefits_en"}

    @cached_property
    def tier(self) -> Tier:
        """The tier of the address."""
        found = Tier.objects.select_related("track").filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def post(self, request: Any, *args: Any, **options: Any) -> HttpResponse:
        """End it with its own button."""
        if "end" in request.POST:
            tiers.end_change(tier=self.tier, by=actor_of(request))
            messages.success(request, _("The lasting figures hold again."))
            return HttpResponseRedirect(str(TRACKS))
        response = super().post(request, *args, **options)
        assert isinstance(response, HttpResponse)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the tier and the currency."""
        return {**super().get_form_kwargs(), "tier": self.tier, "currency": organisation().currency}

    def act(self, form: Any) -> Tier:
        """Save it."""
        return tiers.change_for_a_time(tier=self.tier, by=actor_of(self.request), **form.change_values())

    def words_of_success(self, done: Tier) -> str:
        """Until when."""
        until = date_format(done.changed_until or clock.today(), "DATE_FORMAT")
        return _("%(tier)s changes until %(until)s, and back by itself.") % {"tier": done, "until": until}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Which tier."""
        found: dict[str, Any] = super().get_context_data(tier=self.tier, **context)
        return found


class MemberTier(ActPage):
    """One member's tier: why it is what it is, and setting it by hand with a reason and an end."""

    template_name = "backoffice/member_tier.html"
    form_class = SetTierForm
    permission = "loyalty.change"
    header_icon = "tier"
    page_title = gettext_lazy("Tier")
    submit_label = gettext_lazy("Set the tier")

    @cached_property
    def member(self) -> Member:
        """The member of this address, 404 for none and for one outside this person's scope."""
        try:
            found = member_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error
        if not self.scope.covers(found.branch):
            raise Http404
        return found

    @cached_property
    def tiers(self) -> list[Tier]:
        """Every tier of a track in force."""
        found = Tier.objects.filter(track__is_active=True).select_related("track")
        return list(found.order_by("-track__is_default", "track_id", "threshold"))

    def get_success_url(self) -> str:
        """Back to the member."""
        return reverse("office_members:inspect", args=[self.member.public_id])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the tiers."""
        return {**super().get_form_kwargs(), "tiers": self.tiers}

    def post(self, request: Any, *args: Any, **options: Any) -> HttpResponse:
        """Ending what was set has its own button."""
        if "end" in request.POST:
            tier = next((tier for tier in self.tiers if tier.code == request.POST["end"]), None)
            try:
                if tier is not None:
                    end_override(member=self.member, tier=tier, by=actor_of(request))
                    messages.success(request, _("The figures decide again."))
            except RegularsError as refusal:
                messages.error(request, str(refusal))
            return HttpResponseRedirect(self.get_success_url())
        response = super().post(request, *args, **options)
        assert isinstance(response, HttpResponse)
        return response

    def act(self, form: Any) -> Any:
        """Set it."""
        values = form.cleaned_data
        tier = next(tier for tier in self.tiers if tier.code == values["tier"])
        return set_by_hand(
            member=self.member,
            tier=tier,
            until=values["until"],
            reason=values["reason"],
            by=actor_of(self.request),
        )

    def words_of_success(self, done: Any) -> str:
        """Where the member stands now."""
        return _("%(member)s is now %(tier)s.") % {"member": self.member, "tier": done.tier}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Where the member stands on each track, and why they moved."""
        currency = organisation().currency
        standing = getattr(self.member, "standing", None)
        others = TrackStanding.objects.filter(member=self.member).select_related("tier", "track")
        found: dict[str, Any] = super().get_context_data(
            member=self.member,
            progress=progress_of(self.member) if standing else None,
            places=[place for place in (standing, *others) if place is not None],
            moves=[{"move": move, "why": words.why_words(move, currency)} for move in moves_of(self.member)],
            currency=currency,
            **context,
        )
        return found
