"""What the specimen answers: every hook that a module may answer, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from regulars import events
from regulars.conditions import Field
from regulars.errors import NotFound
from regulars.hooks import (
    Asset,
    ChecklistStep,
    Credit,
    Door,
    Introduction,
    IntroductionField,
    MenuItem,
    MessageTemplate,
    NeedsYou,
    Owed,
    PaymentPrompt,
    PaymentSource,
    PaymentWanted,
    PointsTrigger,
    PriceAdjustment,
    Refusal,
    SaleContribution,
    TierMeasure,
    Tile,
    hookimpl,
)
from specimen.models import Note
from specimen.services import remember

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from regulars.people.models import Member
    from regulars.sales.quoting import QuoteDraft


@hookimpl
def menu_items(door: Door, staff: Staff | None, member: Member | None) -> list[MenuItem]:
    """A greeting that names who asked."""
    if door != "portal" or member is None:
        return []
    return [MenuItem(label=_("Stamps"), url=f"/modules/specimen/?member={member.public_id}", order=900)]


@hookimpl
def quote_price(draft: QuoteDraft) -> list[PriceAdjustment]:
    """One unit off for what costs ten or more."""
    return [PriceAdjustment(amount=-100, reason=_("Specimen day"))] if draft.list_total >= 1000 else []


@hookimpl
def validate_sale(draft: QuoteDraft) -> list[Refusal]:
    """Some things are not for sale."""
    if any(line.description == "not for sale" for line in draft.lines):
        return [Refusal(reason=_("This is not for sale."), field="description")]
    return []


@hookimpl
def payment_sources(draft: QuoteDraft) -> list[PaymentSource]:
    """Stamps pay up to fifty; what is paid by a link is known later."""
    return [
        PaymentSource(code="stamps", label=_("Stamps"), largest=5000),
        PaymentSource(code="stamp_link", label=_("Stamps by link"), settles_within=dt.timedelta(minutes=30)),
    ]


@hookimpl
def payment_prompts(wanted: PaymentWanted) -> list[PaymentPrompt]:
    """A page of our own, one for each sale on hold."""
    if wanted.source != "stamp_link":
        return []
    link = f"https://stamps.example/{wanted.hold}"
    return [PaymentPrompt(link=link, words=_("Stamp there"), reference=f"stamp-{wanted.hold}")]


@hookimpl
def introduction_fields() -> list[IntroductionField]:
    """Ask for a word where people join."""
    return [IntroductionField(label=_("Word of the specimen"))]


@hookimpl
def introductions(word: str) -> list[Introduction]:
    """There is one word."""
    return [Introduction(label=_("A stamp for you"))] if word == "stamp" else []


@hookimpl
def sale_contributions(draft: QuoteDraft) -> list[SaleContribution]:
    """One stamp for each sale."""
    stamp = Credit(asset="stamps", amount=1, reason="stamp")
    return [SaleContribution(plugin="specimen", credits=(stamp,), remembered={"lines": len(draft.lines)})]


@hookimpl
def ledger_assets() -> list[Asset]:
    """Stamps, which never fall below none."""
    return [Asset(code="stamps", label=_("Stamps"))]


@hookimpl
def tier_measures() -> list[TierMeasure]:
    """A member climbs by promises."""

    def values(members: Sequence[int], after: dt.date | None) -> dict[int, int]:
        from regulars.people.models import Member

        public_ids = dict(Member.objects.filter(pk__in=members).values_list("public_id", "pk"))
        made = Note.objects.filter(kind="promise", member__in=public_ids).values_list("member")
        return {public_ids[each]: count for each, count in made.annotate(Count("pk")).order_by()}

    def value(member: Member, after: dt.date | None) -> int:
        return Note.objects.filter(kind="promise", member=member.public_id).count()

    return [TierMeasure(code="specimen_promises", label=_("Promises"), value=value, values=values)]


@hookimpl
def points_triggers() -> list[PointsTrigger]:
    """A promise that is kept may earn points."""
    return [PointsTrigger(code="specimen:kept", label=_("Promise kept"))]


@hookimpl
def message_templates() -> list[MessageTemplate]:
    """A note that a card of stamps is full."""
    words = {
        "en": ("Your stamp card is full", "{stamps} stamps are yours."),
        "zh-hans": ("你的集章卡满了", "你已集满 {stamps} 枚印章。"),
    }
    return [MessageTemplate(kind="specimen_full", purpose="service", words=words)]


@hookimpl
def condition_fields() -> list[Field]:
    """How many promises a member has."""
    counted = "(SELECT COUNT(*) FROM specimen_note note WHERE note.kind = %s AND note.member = member.public_id)"
    return [
        Field(
            code="specimen.promises",
            label=_("number of promises"),
            kind="number",
            sql=lambda _window: (counted, ["promise"]),
            group=_("Specimen"),
            least=0,
        )
    ]


@hookimpl
def wallet_tiles(member: Member) -> list[Tile]:
    """What was promised to the member."""
    promised = Note.objects.filter(kind="promise", member=member.public_id).count()
    return [Tile(label=_("Promised"), value=str(promised))]


@hookimpl
def checklist_steps() -> list[ChecklistStep]:
    """Make a first promise."""
    done = Note.objects.filter(kind="promise").exists()
    return [
        ChecklistStep(
            code="specimen",
            label=_("Promise something"),
            help=_("Any member will do."),
            url="/modules/specimen/",
            done=done,
        )
    ]


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """Promises wait to be kept."""
    promised = Note.objects.filter(kind="promise").count()
    return [NeedsYou(label=_("Promises to keep"), count=promised, url="/modules/specimen/", order=600)]


@hookimpl
def member_export(member: Member) -> list[dict[str, Any]]:
    """What is remembered of the member."""
    notes = Note.objects.filter(member=member.public_id).order_by("pk")
    return [{"module": "specimen", "kind": note.kind, "at": note.written_at.isoformat()} for note in notes]


@hookimpl
def member_erase(member: Member) -> list[str]:
    """Nothing has to be kept."""
    Note.objects.filter(member=member.public_id).delete()
    return []


@hookimpl
def due_work(now: dt.datetime, limit: int) -> list[dt.datetime]:
    """Promises are looked at once a day."""
    return [now + dt.timedelta(days=1)] if Note.objects.filter(kind="promise").exists() else []


@hookimpl
def what_is_owed() -> list[Owed]:
    """Promises that were not kept."""
    promised = Note.objects.filter(kind="promise").count()
    return [Owed(label=_("Promises"), amount=str(promised))] if promised else []


@hookimpl
def member_joined(event: events.MemberJoined) -> None:
    """Remember it."""
    remember(kind="member_joined", about=event.event_id, member=event.member)


@hookimpl
def sale_posted(event: events.SalePosted) -> None:
    """Remember it."""
    remember(kind="sale_posted", about=event.event_id, member=event.member or "")


@hookimpl
def sale_refunded(event: events.SaleRefunded) -> None:
    """Remember it."""
    remember(kind="sale_refunded", about=event.event_id, member=event.member or "")


@hookimpl
def payment_came_too_late(event: events.PaymentCameTooLate) -> None:
    """Give the stamps back, and say so."""
    from regulars.sales.holding import note_paid_back, on_hold

    if event.source == "stamp_link":
        remember(kind="payment_came_too_late", about=event.event_id, member="")
        with suppress(NotFound):
            note_paid_back(hold=on_hold(event.hold))


@hookimpl
def points_credited(event: events.PointsCredited) -> None:
    """Remember it."""
    remember(kind="points_credited", about=event.event_id, member=event.member)


@hookimpl
def tier_changed(event: events.TierChanged) -> None:
    """Remember it."""
    remember(kind="tier_changed", about=event.event_id, member=event.member)


@hookimpl
def benefit_used(event: events.BenefitUsed) -> None:
    """Remember it."""
    remember(kind="benefit_used", about=event.event_id, member=event.member)


@hookimpl
def reward_redeemed(event: events.RewardRedeemed) -> None:
    """Remember it."""
    remember(kind="reward_redeemed", about=event.event_id, member=event.member)


@hookimpl
def redemption_moved(event: events.RedemptionMoved) -> None:
    """Remember it."""
    remember(kind="redemption_moved", about=event.event_id, member=event.member)


@hookimpl
def plugin_state_changed(event: events.PluginStateChanged) -> None:
    """Remember it."""
    remember(kind="plugin_state_changed", about=event.event_id)
