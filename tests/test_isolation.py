"""What one business may see of another: nothing. Every address of B, asked by everybody at B, with the ids of A.

A canary is planted in whatever a person can fill in at A. B's answers are searched for it, down to the headers. A's own
owner walks the same addresses at A and must meet canaries there, or this test would be blind.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.cache import cache, caches
from django.core.cache.backends.base import default_key_func
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from tenants import handover
from tenants.context import business_context
from tests.conftest import PASSWORD, new_member
from tests.crowd import IS_FULL
from tests.routes import Route, routes

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale
    from tenants.models import Business

pytestmark = [pytest.mark.clause("2.8"), pytest.mark.clause("2.3")]

URLCONF = "regulars.config.urls_business"
CANARY = "kanari"
PHONE = "+8613812340099"

UNWALKED: dict[str, str] = {
    "backoffice:password_reset": "any address below it answers 404: staff reset their password at /account/",
    "wagtailadmin_error_test": "Wagtail's own alarm: it fails on purpose",
}
"""Routes that are not walked, each with the reason."""

FILLED_BY_THE_HOUSE = {
    "access.Session.address": "a network address",
    "access.Session.session_data": "a sealed text",
    "access.Session.session_key": "made by us",
    "access.User.password": "a hash",
    "access.User.username": "a random name, made by us",
    "loyalty.TierBenefit.gifts_of": "a year",
    "access.User.phone": "figures: the phone that is searched for as a canary of its own",
    "access.User.language": "a language's code",
    "counter.Shift.currency": "a currency's code",
    "counter.Shift.key": "made by us",
    "counter.Shift.closing_key": "made by us",
    "counter.Shift.counts": "figures",
    "counter.Shift.figures": "figures and codes",
    "counter.CashMovement.key": "made by us",
    "counter.TillRefund.key": "made by us",
    "ledger.Account.asset": "a code of ours",
    "ledger.Account.house": "a code of ours",
    "ledger.Hold.actor": "a public id",
    "ledger.Hold.key": "made by us",
    "ledger.Hold.reason": "a code of ours",
    "ledger.Hold.request_hash": "a hash",
    "ledger.Lot.restrictions": "public ids and codes",
    "ledger.Lot.source": "a code of ours",
    "ledger.Transaction.actor": "a public id",
    "ledger.Transaction.business_date": "a day",
    "ledger.Transaction.key": "made by us",
    "ledger.Transaction.hash": "a hash",
    "ledger.Transaction.kind": "a code of ours",
    "ledger.Transaction.request_hash": "a hash",
    "loyalty.BenefitUse.key": "made by us",
    "loyalty.BenefitUse.period_key": "the name of a day, a month or a year",
    "loyalty.BenefitUse.request_hash": "a hash",
    "loyalty.BenefitUse.undone_by": "a public id",
    "loyalty.NightMark.kind": "a code of ours",
    "loyalty.Standing.room_basis": "a hash",
    "loyalty.Redemption.closed_by": "a public id",
    "loyalty.Redemption.code": "made by us",
    "loyalty.Redemption.key": "made by us",
    "loyalty.Redemption.request_hash": "a hash",
    "loyalty.Coupon.code": "made by us",
    "loyalty.Coupon.given_by": "a public id",
    "loyalty.Coupon.key": "made by us",
    "loyalty.Coupon.reserved_for": "a public id",
    "loyalty.CouponBatch.code": "kept in capitals",
    "loyalty.CouponBatch.job": "a public id",
    "loyalty.CouponBatch.made_by": "a public id",
    "loyalty.CouponMove.act": "a code of ours",
    "loyalty.CouponMove.actor": "a public id",
    "loyalty.CouponTemplate.branches": "public ids",
    "loyalty.CouponTemplate.condition": "codes, figures and public ids",
    "loyalty.CouponTemplate.excluded_days": "days",
    "loyalty.CouponTemplate.products": "public ids",
    "loyalty.CouponTemplate.terminals": "public ids",
    "loyalty.CouponTemplate.weekdays": "figures",
    "loyalty.Reward.branches": "public ids",
    "loyalty.Reward.condition": "codes, figures and public ids",
    "loyalty.Award.counted": "figures and codes",
    "loyalty.Award.lines": "figures",
    "loyalty.Award.occasion": "a code of ours",
    "loyalty.CapUse.period": "a code of ours",
    "loyalty.PointsRule.branches": "public ids",
    "loyalty.PointsRule.condition": "codes and figures; its texts are searched for where segments keep them",
    "loyalty.PointsRule.expiry": "codes and figures",
    "loyalty.PointsRule.month_days": "figures",
    "loyalty.PointsRule.terminals": "public ids",
    "loyalty.PointsRule.tiers": "codes, searched for where tiers keep them",
    "loyalty.PointsRule.trigger": "a code of ours",
    "loyalty.PointsRule.weekdays": "figures",
    "loyalty.Standing.override_by": "a public id",
    "loyalty.Tier.further": "codes and figures",
    "loyalty.Tier.pack": "figures",
    "loyalty.TierMove.explanation": "figures and codes",
    "loyalty.TierPack.cycle": "a year",
    "loyalty.Track.basis": "codes of ours",
    "loyalty.TrackStanding.override_by": "a public id",
    "operations.Delivery.error": "what a module said",
    "operations.Delivery.listener": "a code of ours",
    "backoffice.SavedView.columns": "names of columns, ours",
    "backoffice.SavedView.of_list": "a code of ours",
    "operations.Job.error": "why it was not done, in our words",
    "operations.Job.kind": "a code of ours",
    "operations.Job.language": "a language's code",
    "operations.Job.requested_by": "a public id",
    "operations.Job.result_name": "a code of ours",
    "operations.Job.scope": "numbers of branches",
    "operations.JobChunk.items": "numbers of records",
    "operations.JobChunk.kept": "numbers of records; rows of a file are searched for where they come from",
    "people.MemberTag.tagged_by": "a public id",
    "operations.OutboxEvent.name": "a code of ours",
    "operations.OutboxEvent.payload": "public ids and figures only: events carry nothing of a person",
    "operations.Seal.chain": "a code of ours",
    "operations.Seal.hash": "a hash",
    "operations.Seal.previous": "a hash",
    "operations.TrailEntry.act": "a code of ours",
    "operations.TrailEntry.address": "an IP address",
    "operations.TrailEntry.before": "what stood in columns that are searched themselves",
    "operations.TrailEntry.hash": "a hash",
    "operations.TrailEntry.terminal": "a public id",
    "operations.TrailEntry.door": "a code of ours",
    "people.MemberKey.wrapped": "a key, encrypted",
    "operations.TrailEntry.actor": "a public id",
    "operations.TrailEntry.subject": "a public id",
    "organisation.Approval.act": "a code of ours",
    "organisation.Approval.key": "made by us",
    "organisation.Approval.result": "a public id",
    "organisation.Approval.subject": "a public id",
    "organisation.Approval.unit": "a code of ours",
    "organisation.ApprovalLimit.act": "a code of ours",
    "organisation.Branch.zone": "a time zone",
    "organisation.EnabledPlugin.changed_by": "a public id",
    "organisation.EnabledPlugin.name": "a module's name",
    "organisation.EnabledPlugin.settings": "figures and answers that a module offers",
    "organisation.Organisation.accent": "a colour",
    "organisation.Organisation.brand_before": "colours and the names of files, made by us",
    "organisation.Organisation.logo_ground": "a colour",
    "organisation.Organisation.second_colour": "a colour",
    "organisation.Organisation.country": "a country's code",
    "organisation.Organisation.currency": "a currency's code",
    "organisation.Organisation.zone": "a time zone",
    "organisation.CustomRole.permissions": "codes of ours",
    "organisation.Invitation.token_hash": "a hash",
    "organisation.Staff.pin_hash": "a hash",
    "api.Answer.body": "what stands in columns that are searched themselves",
    "api.Answer.key": "made by the caller's program",
    "api.Answer.request_hash": "a hash",
    "api.Token.made_by": "a public id",
    "api.Token.scopes": "codes of ours",
    "api.Token.token_hash": "a hash",
    "catalogue.PriceBook.condition": "codes and figures",
    "catalogue.PriceBook.currency": "a currency's code",
    "catalogue.PriceBook.month_days": "figures",
    "catalogue.PriceBook.weekdays": "figures",
    "catalogue.Product.branches": "public ids",
    "catalogue.Product.currency": "a currency's code",
    "catalogue.Taking.reserved_for": "a public id",
    "loyalty.Tier.colour": "a colour",
    "organisation.Staff.tours_seen": "codes of ours",
    "outreach.Message.detail": "why it was not sent, in our words",
    "outreach.Message.key": "made by us",
    "outreach.Message.kind": "a code of ours",
    "outreach.Message.language": "a language's code",
    "outreach.Message.purpose": "a code of ours",
    "outreach.Message.subject": "words of a template; the business's name stands in the text",
    "outreach.Message.provider_id": "made by the provider",
    "outreach.Message.recipient": "a contact: the phone that is searched for as a canary of its own",
    "outreach.Wording.changed_by": "a public id",
    "outreach.Wording.kind": "a code of ours",
    "people.Card.code": "made by us",
    "people.Card.number": "made by us; it is searched for as a canary of its own",
    "people.Consent.channel": "a code of ours",
    "people.Consent.language": "a language's code",
    "people.Consent.version": "a version",
    "people.Consent.words": "the terms as shown",
    "people.Member.language": "a language's code",
    "people.Member.phone": "figures; they are searched for as a canary of their own",
    "people.SignInCode.code_hash": "a hash",
    "people.SignInCode.recipient": "a contact; it is deleted with the code",
    "referral.Invitation.code": "made by us",
    "referral.Referral.reviewed_by": "a public id",
    "referral.Referral.sale": "a public id",
    "referral.Referral.suspicions": "codes of ours",
    "sales.Quote.fingerprint": "a hash",
    "sales.Refund.key": "made by us",
    "sales.Refund.request_hash": "a hash",
    "sales.Refund.payments": "codes and figures",
    "sales.Sale.contributions": "what modules add: figures and codes",
    "sales.Sale.currency": "a currency's code",
    "sales.Sale.key": "made by us",
    "sales.Sale.number": "made by us",
    "sales.Sale.payment_source": "a code of ours",
    "sales.Sale.request_hash": "a hash",
    "sales.SaleLine.product": "made by us",
    "sales.SaleOnHold.currency": "a currency's code",
    "sales.SaleOnHold.key": "made by us",
    "sales.SaleOnHold.notice": "a key made by another system",
    "sales.SaleOnHold.reason": "words of ours",
    "sales.SaleOnHold.request_hash": "a hash",
    "sales.SaleOnHold.sale_key": "made by us",
    "sales.SaleOnHold.source": "a code of ours",
    "sales.SalePayment.asset": "a code of ours",
    "sales.SalePayment.source": "a code of ours",
    "specimen.Stamp.reason": "a code of the specimen",
}
"""Columns of text that nobody types into, each with what stands there instead of a canary."""


def canary(place: str) -> str:
    """A word that stands nowhere else, for one place."""
    return f"{CANARY}-{place}"


@dataclass
class Planted:
    """A with a canary everywhere, and what leads to each of its records."""

    business: Business
    owner: Staff
    member: Member
    sale: Sale
    values: dict[str, Any]
    by_model: dict[type[models.Model], Any]
    by_route: dict[str, dict[str, Any]]
    canaries: list[bytes] = field(default_factory=list)

    def address(self, route: Route) -> str:
        """The route's address with A's ids in it."""
        values = {
            **self.values,
            **self.by_route.get(route.name.partition(":")[0], {}),
            **self.by_route.get(route.name, {}),
        }
        if route.model in self.by_model:
            values["pk"] = self.by_model[route.model]
        return route.at({name: values.get(name, 1) for name in route.parameters})

    def met_in(self, answer: Any) -> list[str]:
        """The canaries in an answer, body and headers."""
        said = _whole(answer).lower() + repr(sorted(answer.items())).lower().encode()
        return [word.decode() for word in self.canaries if word in said]


def _counted(branch: Branch, owner: Staff) -> str:
    """A shift whose drawer differed."""
    from regulars.counter.shifts.selectors import figures_of
    from regulars.counter.shifts.services import Count, close_shift, move_cash, note_refund, open_shift

    shift = open_shift(branch=branch, terminal=None, opening_float=0, by=owner, key="open-the-drawer")
    move_cash(shift=shift, amount=500, reason=canary("cash"), by=owner, key="into-the-drawer")
    note_refund(key="a-refund-of-the-till", branch=branch, terminal=None)
    expected = figures_of(shift).expected
    count = Count(pieces={}, loose=expected + 1)
    why = canary("difference")
    close_shift(shift=shift, count=count, expected=expected, kept=0, reason=why, by=owner, key="close-the-drawer")
    return shift.public_id


def _on_hold(branch: Branch, owner: Staff) -> str:
    """A sale on hold whose payment came too late."""
    from regulars.organisation.services import change
    from regulars.sales.holding import give_up, hold, settle
    from regulars.sales.paying import Payment
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import quote

    change(by="", payment_code=canary("code"), payment_code_name=canary("code-name"))
    made = quote(branch=branch, lines=[LineRequest("Tea", 1_000)])
    payments = [Payment(source="own_code", amount=1_000, reference=canary("slip"))]
    waiting = hold(quote=made, key="a-sale-on-hold", payments=payments, cashier=owner)
    give_up(hold=waiting, by=owner)
    settle(hold=waiting, reference=canary("reference"), by=owner)
    return str(waiting.public_id)


def _whole(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


@pytest.fixture(autouse=True)
def _without_a_log() -> Iterator[None]:
    """Thousands of requests are not worth a line each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def planted(business: Business, branch: Branch, owner: Staff, settings: Any, tmp_path: Any) -> Planted:
    """The tea house is A: a canary in every column that a person fills."""
    from regulars.organisation.models import Organisation
    from regulars.outreach.unsubscribe import token_for
    from regulars.people.profile import answer
    from regulars.people.selectors import card_of

    settings.MEDIA_ROOT = tmp_path
    _name_the_house(branch, owner)
    team = _named_team(branch, owner)
    member = new_member(contact=PHONE, name=canary("member"), branch=branch)
    member.email = f"{CANARY}-mail@teahouse.example"
    member.save()
    answer(member=member, answers={CANARY: canary("answer")})
    sale = _sold(branch, member, owner)
    asked = _asked_for(branch, sale, owner)
    shift = _counted(branch, owner)
    on_hold = _on_hold(branch, owner)
    kept = _kept_by(owner, member)
    redeemed = _redeemed(branch, member, owner)
    coupons = _with_coupons(member, owner)
    wares = _catalogued(member, owner)
    pages = _written_pages()
    by_model, values = _records(pages, member, sale)
    assert Organisation.objects.get().name == canary("house")
    return Planted(
        business=business,
        owner=owner,
        member=member,
        sale=sale,
        values=values | redeemed,
        by_model=by_model,
        by_route={
            **{f"office_catalogue:{name}": {"public_id": public_id} for name, public_id in wares.items()},
            "office_loyalty:task": {"public_id": _model("loyalty.Task")._default_manager.get().public_id},
            "office_loyalty:task_done": {"public_id": _model("loyalty.Task")._default_manager.get().public_id},
            "office_loyalty:cause": {"public_id": _model("loyalty.Cause")._default_manager.get().public_id},
            "office_loyalty:reward": {"public_id": redeemed["reward_id"]},
            "office_loyalty:reward_stock": {"public_id": redeemed["reward_id"]},
            "office_loyalty:redemption": {"public_id": redeemed["redemption_id"]},
            "office_loyalty:redemption_ready": {"public_id": redeemed["redemption_id"]},
            **coupons,
            "counter:ready": {"public_id": redeemed["redemption_id"]},
            "counter": {"public_id": sale.public_id},
            "counter:shift_report": {"public_id": shift},
            **{f"counter:{act}": {"public_id": on_hold} for act in ("on_hold", "on_hold_state", "received", "give_up")},
            "office_shifts": {"pk": shift, "public_id": shift},
            "counter:asked": {"approval": asked},
            "counter:withdraw": {"approval": asked},
            "office_approvals": {"public_id": asked, "act": "points.adjust"},
            "office_points": {"public_id": member.public_id},
            "office_team": {"public_id": team["person"], "act": "dismiss"},
            "office_team:role": {"public_id": team["role"]},
            "office_team:delete_role": {"public_id": team["role"]},
            "office_settings": {"public_id": branch.public_id, "act": "close"},
            "office_settings:region": {"public_id": team["region"]},
            "backoffice:module": {"name": "referral"},
            "team_end_session": {"number": "0"},
            "office_jobs": {"code": kept["job"], "act": "stop"},
            "office_members:view": {"code": kept["view"], "act": "delete"},
            "office_members:tag": {"code": member.public_id, "act": "add"},
            "office_members:profile": {"code": member.public_id},
            "office_profile:field": {"code": CANARY},
            "api": {"public_id": member.public_id, "code": redeemed["redemption_code"]},
            "api:one_sale": {"public_id": sale.public_id},
            "api:refund": {"public_id": sale.public_id},
            "office_messages": {
                "kind": "welcome",
                "language": "en",
                "public_id": by_model[_model("outreach.Message")],
            },
            "outreach:stop": {"token": token_for(member, "email")},
            "office_loyalty:member_tier": {"public_id": member.public_id},
            "office_loyalty": {"number": by_model[_model("loyalty.PointsRule")]},
            "wagtailadmin_api:documents:detail": {"pk": values["document_id"]},
            "wagtailadmin_api:images:detail": {"pk": values["image_id"]},
            "wagtaildocs_chooser:chosen": {"pk": values["document_id"]},
            "wagtailsettings:edit": {"pk": 1},
            "tenants:media": {"name": values["file"]},
            "wagtaildocs_serve": {"_0": values["document_id"], "_1": values["document"]},
            "wagtail_serve": {"_0": f"{pages['page'].slug}/"},
        },
        canaries=[CANARY.encode(), PHONE[3:].encode(), card_of(member).number.encode(), card_of(member).code.encode()],
    )


def _with_coupons(member: Member, owner: Staff) -> dict[str, dict[str, Any]]:
    """A coupon with a shared code, one of it in the wallet and one declared void, by the pages that show them."""
    from regulars.loyalty.coupons.batches import share_code, void_batch
    from regulars.loyalty.coupons.services import claim, give, void
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template

    said = {"en": canary("coupon"), "zh-hans": canary("coupon")}
    terms = TemplateTerms(
        kind="amount",
        value=500,
        words=said,
        details=said,
        categories=[canary("goods")],
        stacking_group=canary("sort"),
        is_open=True,
    )
    template = save_template(terms=terms, by=owner.public_id)
    own = give(member=member, template=template, key=secrets.token_hex(8), by=owner, reason=canary("why"))
    void(
        coupon=give(member=member, template=template, key=secrets.token_hex(8), by=owner),
        reason=canary("void"),
        by=owner.public_id,
    )
    batch = share_code(template=template, name=canary("batch"), code=CANARY, by=owner)
    gone = share_code(template=template, name=canary("gone"), code=f"{CANARY}2", by=owner)
    claim(member=member, code=batch.code)
    void_batch(batch=gone, reason=canary("reason"), by=owner.public_id)
    of_template = {"public_id": template.public_id}
    of_batch = {"public_id": batch.public_id}
    return {
        **{f"office_loyalty:{name}": of_template for name in ("coupon", "change_coupon", "new_codes", "share_code")},
        **{f"office_loyalty:{name}": of_batch for name in ("coupon_batch", "coupon_sheet", "void_batch")},
        "office_loyalty:one_coupon": {"public_id": own.public_id},
        "office_loyalty:member_coupons": {"public_id": member.public_id},
        "portal:coupon": {"coupon_id": own.public_id},
        "portal:pass_on_coupon": {"coupon_id": own.public_id},
        "portal:take_coupon": {"template_id": template.public_id},
    }


def _redeemed(branch: Branch, member: Member, owner: Staff) -> dict[str, str]:
    """A benefit that was used, and a reward that was redeemed twice and given back once."""
    from regulars.ledger.services import adjust
    from regulars.loyalty.benefits.services import save_benefit, use
    from regulars.loyalty.models import Standing, TrackStanding
    from regulars.loyalty.rewards.services import cancel, redeem
    from regulars.loyalty.rewards.shelving import save_reward
    from regulars.people.selectors import member_by_public_id

    buyer = member_by_public_id(member.public_id)
    tier, reason = buyer.standing.tier, canary("override")
    Standing.objects.filter(member=buyer).update(override_reason=reason)
    TrackStanding.objects.create(
        member=buyer, track=tier.track, tier=tier, since=buyer.standing.since, override_reason=reason
    )
    benefit = save_benefit(
        code=f"{CANARY}0",
        kind="bundle",
        words={"en": canary("benefit"), "zh-hans": canary("benefit")},
        details={"en": canary("details")},
        partner=canary("partner"),
        grants={buyer.standing.tier: 5},
    )
    use(member=buyer, benefit=benefit, key=secrets.token_hex(8), branch=branch, staff=owner)
    said = {"en": canary("reward"), "zh-hans": canary("reward")}
    reward = save_reward(kind="goods", words=said, details=said, picture_words=said, points=1)
    adjust(wallet=buyer.wallet, asset="points", amount=9, key=secrets.token_hex(8), reason="Tea", actor="test")
    back, done = (redeem(member=buyer, reward=reward, key=secrets.token_hex(8), branch=branch) for _ in range(2))
    cancel(redemption=back, reason=canary("back"), actor=owner.public_id)
    return {"reward_id": reward.public_id, "redemption_id": done.public_id, "redemption_code": done.code}


def _catalogued(member: Member, owner: Staff) -> dict[str, str]:
    """A product on a shelf, a price of it for the member alone, a holiday, and a dealer who was refused before."""
    from regulars.catalogue.services import dealers, price_books, products
    from regulars.loyalty.models import Tier

    def said(place: str) -> dict[str, str]:
        return {"en": canary(place), "zh-hans": canary(place)}

    first = Tier.objects.order_by("threshold")[0]
    category = products.save_category(kind=canary("kind"), words=said("category"))
    product = products.save_product(
        sku=canary("sku"), barcode=canary("code"), words=said("product"), details=said("wares"), price=5_000,
        category=category, picture_words=said("seen"), phases=[{"from": "2020-01-01", "tier": first.code}],
    )  # fmt: skip
    book = price_books.save_book(kind="member", words=said("book"), member=member)
    price_books.set_prices(book=book, product=product, prices={1: 4_000})
    holiday = price_books.save_holiday(words=said("holiday"), starts_on=dt.date(2099, 1, 1))
    level = dealers.save_level(words=said("level"), rank=10)
    asked = {"company": canary("company"), "tax_number": canary("tax"), "note": canary("wish")}
    application = dealers.apply_as_dealer(member=member, **asked)
    dealers.refuse(application=application, by=owner, answer=canary("answered"))
    dealer = dealers.accept(application=dealers.apply_as_dealer(member=member, **asked), level=level, by=owner)
    return {
        **dict.fromkeys(("product", "product_stock"), product.public_id),
        **dict.fromkeys(("book", "grid"), book.public_id),
        "category": category.public_id,
        "holiday": holiday.public_id,
        "level": level.public_id,
        "application": application.public_id,
        "dealer": dealer.public_id,
    }


def _named_team(branch: Branch, owner: Staff) -> dict[str, str]:
    """A region, a role of one's own, somebody who holds it, and a browser somebody is signed in with."""
    from regulars import clock
    from regulars.access.models import Session
    from regulars.organisation.places.services import save_region
    from regulars.organisation.team.services import appoint, save_custom_role

    region = save_region(by=owner, name=canary("region"))
    role = save_custom_role(by=owner, name=canary("role"), codes=["members.view"])
    person = appoint(
        name=canary("person"), email=f"{CANARY}-person@teahouse.example", role="custom", custom_role=role,
        branch=branch, appointed_by=owner,
    )  # fmt: skip
    now = clock.now()
    Session.objects.create(
        session_key="nobody-signs-in-with-this",
        expire_date=now + dt.timedelta(days=1),
        user_id=owner.user_id,
        browser=canary("browser"),
        begun_at=now,
        seen_at=now,
    )
    return {"region": region.public_id, "role": role.public_id, "person": person.public_id}


def _model(label: str) -> type[models.Model]:
    return apps.get_model(label)


def _name_the_house(branch: Branch, owner: Staff) -> None:
    from regulars.api.services import make_token
    from regulars.brand.logo import read_logo
    from regulars.loyalty.models import PointsRule, Tier, Track
    from regulars.loyalty.points.gifts import save_cause
    from regulars.loyalty.points.tasks import save_task
    from regulars.organisation.branding import change_brand
    from regulars.organisation.models import Staff
    from regulars.organisation.places.services import add_terminal
    from regulars.organisation.services import change
    from regulars.outreach.editing import change_rules, reword
    from regulars.people.profile import save_field

    change(by="test", name=canary("house"), contact_email=f"{CANARY}-contact@teahouse.example")
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>{canary("logo")}</title></svg>'
    change_brand(by="test", accent="#0b5563", logo=read_logo(drawing.encode()))
    branch.name, branch.address = canary("branch"), canary("address")
    branch.save()
    till = add_terminal(branch=branch, name=canary("terminal"))
    make_token(terminal=till, staff=owner, name=canary("token"), scopes=["sales.read"], by=owner)
    Staff.objects.filter(pk=owner.pk).update(name=canary("staff"))
    owner.user.email = f"{CANARY}-owner@teahouse.example"
    owner.user.first_name, owner.user.last_name = canary("first"), canary("last")
    owner.user.save()
    for number, tier in enumerate(Tier.objects.order_by("threshold")):
        said = canary(f"tier{number}")
        tier.words = {"en": said, "zh-hans": said}
        tier.benefits = {"en": [canary(f"benefit{number}")], "zh-hans": [canary(f"benefit{number}")]}
        tier.change = {"benefits": {"en": [canary(f"change{number}")]}}
        tier.code = f"{CANARY}{number}"
        tier.save()
    track = {"en": canary("track"), "zh-hans": canary("track")}
    Track.objects.filter(is_default=True).update(code=CANARY, words=track)
    PointsRule.objects.update(name=canary("rule"), stacking_group=canary("group"), categories=[canary("goods")])
    called = {"en": canary("task"), "zh-hans": canary("task")}
    save_task(code=CANARY.lower(), words=called, points=5)
    save_cause(words={"en": canary("cause"), "zh-hans": canary("cause")})
    question = {"en": canary("question"), "zh-hans": canary("question")}
    save_field(code=CANARY, words=question, kind="text")
    save_field(code=f"{CANARY}_choice", words=question, kind="choice", choices=[{"en": canary("choice")}])
    reword(
        kind="welcome", language="en", subject=canary("subject"), body=f"{canary('wording')}: {{address}}", by="test"
    )
    change_rules(by="test", postal_address=canary("postal"))


def _sold(branch: Branch, member: Member, owner: Staff) -> Sale:
    from regulars.ledger.services import adjust
    from regulars.outreach.services import send
    from regulars.people.selectors import member_by_public_id
    from regulars.sales.paying import Payment
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote, refund

    buyer = member_by_public_id(member.public_id)
    offered = quote(branch=branch, member=buyer, lines=[LineRequest(canary("line"), 250_000, 1, canary("goods"))])
    payments = [
        Payment(source="cash", amount=1),
        Payment(source="card", amount=offered.content["total"] - 1, reference=canary("reference")),
    ]
    sale = confirm(quote=offered, key=secrets.token_hex(8), cashier=owner, payments=payments)
    refund(sale=sale, key=secrets.token_hex(8), amount=100, reason=canary("refund"), cashier=owner)
    send(
        kind="welcome",
        member=member,
        variables={"address": canary("message")},
        key=secrets.token_hex(8),
    )
    adjust(
        wallet=member.wallet, asset="points", amount=5, key=secrets.token_hex(8), reason=canary("gift"), actor="test"
    )
    return sale


def _asked_for(branch: Branch, sale: Sale, owner: Staff) -> str:
    """A cashier asks for a refund beyond the limit, and the owner refuses it; the public id of that."""
    from regulars.organisation.approvals import Asked, refuse
    from regulars.organisation.team.services import appoint
    from regulars.sales.approvals import refund_or_ask

    cashier = appoint(name=canary("asker"), email="asker@teahouse.example", role="cashier", branch=branch)
    key = secrets.token_hex(8)
    answer = refund_or_ask(sale=sale, amount=90_000, reason=canary("request"), by=cashier, key=key)
    assert isinstance(answer, Asked)
    return refuse(approval=answer.approval, by=owner, note=canary("note")).public_id


def _kept_by(owner: Staff, member: Member) -> dict[str, str]:
    """A view of a list, a tag on the member, and a job that waits."""
    from regulars.backoffice.saved_views import save_view
    from regulars.operations import jobs
    from regulars.people import tags

    view = save_view(
        staff=owner,
        of_list="office_members",
        name=canary("view"),
        query=f"q={CANARY}-query",
        columns=[],
        is_shared=True,
    )
    tags.tag_member(member=member, tag=tags.tag_named(name=canary("tag"), by="test"), by="test")
    selection = {"list": "office_members", "held": [], "ids": [member.public_id]}
    job = jobs.start(
        kind="members.points", by=owner, params={"selection": selection, "points": 1, "reason": canary("job")}
    )
    return {"job": job.public_id, "view": view.public_id}


def _written_pages() -> dict[str, Any]:
    """A page below the home page and one at every text of it, a picture and a file."""
    from wagtail.documents.models import Document
    from wagtail.images.models import Image
    from wagtail.models import Collection, Site

    from cms.models import ContentPage, HomePage

    home = Site.objects.get(is_default_site=True).root_page.specific
    home = home if home.locale.language_code == "en" else home.get_translations().get(locale__language_code="en")
    assert isinstance(home, HomePage)
    home.title, home.hero_title, home.hero_lede = canary("home"), canary("hero"), canary("lede")
    home.search_description, home.seo_title = canary("description"), canary("seo")
    text: Any = [("text", {"title": canary("heading"), "text": f"<p>{canary('text')}</p>"})]
    home.body = text
    home.save()
    page = home.add_child(
        instance=ContentPage(
            title=canary("page"), slug=canary("slug"), lede=canary("opening"), body=text, locale=home.locale
        )
    )
    revision = page.save_revision()
    revision.publish()
    picture = io.BytesIO()
    from PIL import Image as Pillow

    Pillow.new("RGB", (8, 8), "red").save(picture, "PNG")
    collection = Collection.get_first_root_node().add_child(name=canary("collection"))
    image = Image.objects.create(
        title=canary("image"),
        description=canary("alt"),
        file=ImageFile(picture, name=f"{CANARY}-picture.png"),
        collection=collection,
    )
    document = Document.objects.create(
        title=canary("document"), file=ContentFile(CANARY.encode(), name=f"{CANARY}-file.txt"), collection=collection
    )
    return {
        "home": home,
        "page": page,
        "revision": revision,
        "image": image,
        "document": document,
        "collection": collection,
    }


def _records(made: dict[str, Any], member: Member, sale: Sale) -> tuple[dict[type[models.Model], Any], dict[str, Any]]:
    """A record of each model, and a value for each name that a route asks for."""
    by_model = {
        model: first.pk
        for model in apps.get_models()
        if not str(model._meta.db_table).startswith('"') and (first := model._default_manager.first()) is not None
    }
    from regulars.outreach.models import Message

    told = Message.objects.filter(channel="inbox").latest("pk")
    by_model |= {
        Message: told.public_id,
        _model("people.Member"): member.public_id,
        _model("sales.Sale"): sale.public_id,
    }
    by_model |= {type(record): record.pk for name, record in made.items() if name != "home"}
    page = made["page"].pk
    return by_model, {
        **dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "page_pk", "pk", "number", "object_id"), page),
        "destination_id": made["home"].pk,
        "image_id": made["image"].pk,
        **dict.fromkeys(("document_id", "doc_id"), made["document"].pk),
        "collection_id": made["collection"].pk,
        **dict.fromkeys(("revision_id", "revision_id_a", "revision_id_b"), made["revision"].pk),
        **dict.fromkeys(("app_label", "app_name", "content_type_app_name"), "cms"),
        **dict.fromkeys(("model_name", "content_type_model_name"), "contentpage"),
        **dict.fromkeys(("action_name", "action"), "delete"),
        "code": f"{CANARY}0",
        "track": CANARY,
        "sale_id": sale.public_id,
        "public_id": sale.public_id,
        "filter_spec": "original",
        "file": made["image"].file.name,
        "document": made["document"].filename,
        "token": "no-such-token",
        "key": "no-such-key",
        "uidb36": "1",
        "uidb64": "MQ",
        "name": "no-such-file.png",
    }


TEAMS: dict[str, list[tuple[str, str]]] = {
    "doors": [("owner", "whole"), ("cashier", "branch")],
    "team": [
        ("manager", "branch"),
        ("marketer", "region"),
        ("service", "whole"),
        ("accountant", "region"),
        ("reader", "branch"),
        ("custom", "region"),
    ],
}
"""Who walks at B, in each role and each scope; `STORM=full` takes every role in every scope."""
if IS_FULL:
    OTHERS = ("manager", "cashier", "marketer", "service", "accountant", "reader", "custom")
    TEAMS |= {scope: [(role, scope) for role in OTHERS] for scope in ("whole", "region", "branch")}


@pytest.fixture
def people_of_b(planted: Planted, gym: Business, client_for: Callable[..., Client]) -> dict[str, Client]:
    """At the doors of B: its owner, a cashier, a member, and somebody nobody knows."""
    return _people(gym, client_for, TEAMS["doors"])


@pytest.fixture(params=list(TEAMS))
def walkers(
    request: pytest.FixtureRequest, planted: Planted, gym: Business, client_for: Callable[..., Client]
) -> dict[str, Client]:
    """Everybody who can be at B, staff in each role and scope."""
    return _people(gym, client_for, TEAMS[request.param])


def _people(gym: Business, client_for: Callable[..., Client], team: list[tuple[str, str]]) -> dict[str, Client]:
    from regulars.organisation.models import CustomRole, Role, Staff
    from regulars.organisation.permissions import PERMISSIONS
    from regulars.organisation.places.services import save_region
    from regulars.organisation.selectors import open_branches
    from regulars.organisation.team.services import appoint
    from regulars.people.services import user_for

    browsers: dict[str, Client] = {}
    with business_context(gym):
        owner = Staff.objects.select_related("user").get(role=Role.OWNER)
        branch = open_branches()[0]
        branch.region = save_region(by=owner, name="North")
        branch.save(update_fields=["region"])
        own = CustomRole.objects.create(name="All of it", permissions=[each.code for each in PERMISSIONS])
        places: dict[str, dict[str, Any]] = {
            "whole": {},
            "region": {"region": branch.region},
            "branch": {"branch": branch},
        }
        for role, scope in team:
            person = owner
            if role != "owner":
                person = appoint(
                    name=role,
                    email=f"{role}-{scope}@gym.example",
                    role=role,
                    custom_role=own if role == "custom" else None,
                    **places[scope],
                )
            browsers[role] = client_for(gym, person.user)
        if team == TEAMS["doors"]:
            member = new_member(contact="+447400123456", name="Ann", branch=branch)
            browsers |= {"member": client_for(gym, user_for(member=member)), "anonymous": client_for(gym)}
    for browser in browsers.values():
        browser.raise_request_exception = False
    return browsers


@pytest.fixture
def owner_of_a(planted: Planted, client_for: Callable[..., Client]) -> Client:
    """The owner at home."""
    browser = client_for(planted.business, planted.owner.user)
    browser.raise_request_exception = False
    return browser


def walked() -> Iterator[Route]:
    """Every route of a business's host but those with a reason."""
    return (route for route in routes(URLCONF) if route.name not in UNWALKED)


def asked(browser: Client, address: str, method: str = "get", **sent: Any) -> Any:
    """An answer, and whatever was done for it undone, in the database and in the browser."""
    kept = {name: morsel.value for name, morsel in browser.cookies.items()}
    with transaction.atomic():
        answer = getattr(browser, method)(address, sent)
        transaction.set_rollback(True)
    browser.cookies = SimpleCookie(kept)
    return answer


def test_nobody_at_b_meets_a_canary_of_a(planted: Planted, walkers: dict[str, Client]) -> None:
    leaks, faults, walks = [], [], 0
    for route in walked():
        address = planted.address(route)
        for who, browser in walkers.items():
            answer = asked(browser, address)
            walks += 1
            # the address itself comes back in links to the sign-in: that is no leak
            met = [word for word in planted.met_in(answer) if word not in address.lower()]
            leaks += [f"{who} at {address} ({route}) met {met}"] * bool(met)
            faults += [f"{who} at {address} ({route}): {answer.status_code}"] * (answer.status_code >= 500)
    assert leaks == []
    assert faults == []
    assert walks > 900


def test_the_owner_of_a_meets_them_on_the_same_way(planted: Planted, owner_of_a: Client) -> None:
    fine, seen, faults = walk_at_home(planted, owner_of_a, list(walked()))
    assert faults == []
    assert len(fine) >= 130, sorted(fine)
    assert len(seen) >= 95, sorted(seen)
    assert {"counter:sale", "office_members:inspect", "office_sales:inspect", "office_loyalty:tier"} <= set(seen)
    assert {"wagtailadmin_pages:edit", "wagtail_serve", "tenants:media", "wagtaildocs_serve"} <= set(fine)


def test_the_member_of_a_meets_them_in_the_portal(planted: Planted, client_for: Callable[..., Client]) -> None:
    from regulars.people.services import user_for

    phone = client_for(planted.business, user_for(member=planted.member))
    fine, seen, faults = walk_at_home(planted, phone, [route for route in walked() if route.name.startswith("portal:")])
    assert faults == []
    assert {f"portal:{name}" for name in ("card", "activity", "purchases", "receipt", "inbox", "me", "download")} | {
        "portal:shop",
        "portal:dealer",
    } <= set(seen)
    assert set(fine) >= set(seen)


def walk_at_home(planted: Planted, browser: Client, way: list[Route]) -> tuple[list[str], list[str], list[str]]:
    """The routes that answered 200, those of them that showed a canary, and the faults."""
    fine, seen, faults = [], [], []
    for route in way:
        answer = asked(browser, planted.address(route))
        fine += [route.name] * (answer.status_code == 200)
        seen += [route.name] * bool(answer.status_code == 200 and planted.met_in(answer))
        faults += [f"{planted.address(route)} ({route}): {answer.status_code}"] * (answer.status_code >= 500)
    return fine, seen, faults


def test_what_is_sent_to_b_with_ids_of_a_changes_nothing_at_a(planted: Planted, walkers: dict[str, Client]) -> None:
    before = digest_of_a()
    leaks, faults = [], []
    sent = {
        "member": planted.member.public_id,
        "take": planted.member.public_id,
        "quote": planted.values["sale_id"],
        "text": PHONE,
        "place": planted.values["sale_id"],
        "title": "taken over",
        "name": "taken over",
        "confirm": "1",
        "amount": "1",
        "reason": "taken over",
        "key": "taken-over",
    }
    for route in walked():
        if not route.parameters and not route.name.startswith(("counter:", "portal:")):
            continue
        address = planted.address(route)
        for who, browser in walkers.items():
            answer = asked(browser, address, "post", **sent)
            met = [word for word in planted.met_in(answer) if word not in f"{address} {sent}".lower()]
            leaks += [f"{who} at {address} ({route}) met {met}"] * bool(met)
            faults += [f"{who} at {address} ({route}): {answer.status_code}"] * (answer.status_code >= 500)
    assert leaks == []
    assert faults == []
    assert digest_of_a() == before


def digest_of_a() -> dict[str, str]:
    """A fingerprint of every table of the business this thread is in."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in names:
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM \"{name}\" t")
            found[name] = cursor.fetchone()[0]
    return found


def test_every_column_that_a_person_fills_holds_a_canary(planted: Planted) -> None:
    bare = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if not model.__module__.startswith(("regulars.", "cms.")) or str(model._meta.db_table).startswith('"'):
                continue
            for column in model._meta.local_fields:
                place = f"{model._meta.label}.{column.name}"
                if not _holds_words(column) or place in FILLED_BY_THE_HOUSE:
                    continue
                table, name = connection.ops.quote_name(model._meta.db_table), column.column
                cursor.execute(f'SELECT count(*) FROM {table} WHERE "{name}"::text ILIKE %s', [f"%{CANARY}%"])
                bare += [place] * (cursor.fetchone()[0] == 0)
    assert bare == [], bare


def _holds_words(column: models.Field[Any, Any]) -> bool:
    kinds = models.CharField | models.TextField | models.JSONField
    return isinstance(column, kinds) and not column.choices and column.name != "public_id"


def test_a_session_of_a_is_nothing_at_b(planted: Planted, owner_of_a: Client, gym: Business) -> None:
    assert owner_of_a.get("/office/").status_code == 200
    cookie = owner_of_a.cookies[settings.SESSION_COOKIE_NAME].value
    stranger = Client(headers={"host": f"{gym.slug}.regulars.test"})
    stranger.cookies[settings.SESSION_COOKIE_NAME] = cookie
    answer = stranger.get("/office/")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]
    with business_context(gym):
        from regulars.access.models import Session

        assert not Session.objects.filter(pk=cookie).exists()


def test_the_cookies_of_a_host_are_for_that_host_alone(planted: Planted, client_for: Callable[..., Client]) -> None:
    browser = client_for(planted.business)
    browser.post(reverse("set_language"), {"language": "zh-hans", "next": "/me/sign-in/"})
    browser.post("/account/login/", {"login": planted.owner.user.email, "password": PASSWORD})
    names = {settings.LANGUAGE_COOKIE_NAME, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert names <= set(browser.cookies) | {settings.CSRF_COOKIE_NAME}
    assert {name: morsel["domain"] for name, morsel in browser.cookies.items() if morsel["domain"]} == {}


def test_a_first_link_of_a_opens_nothing_at_b(
    planted: Planted, gym: Business, client_for: Callable[..., Client]
) -> None:
    token = handover.make_token(business=planted.business, email=planted.owner.user.email)
    stranger = client_for(gym)
    assert stranger.get(f"/welcome/{token}/").status_code == 403
    assert stranger.get("/office/").status_code == 302
    claims = signing.loads(token, salt=handover.SALT)
    assert claims["schema"] == planted.business.schema_name


def test_a_token_of_a_till_of_a_is_nobody_at_b(
    planted: Planted, gym: Business, branch: Branch, client_for: Callable[..., Client]
) -> None:
    from regulars.api.services import make_token
    from regulars.organisation.places.services import add_terminal

    till = add_terminal(branch=branch, name="Till 2")
    scopes = ["members.read"]
    _token, token = make_token(terminal=till, staff=planted.owner, name="Till", scopes=scopes, by=planted.owner)
    path = f"/api/v1/members/{planted.member.public_id}/points"
    at_home = client_for(planted.business).get(path, headers={"authorization": f"Bearer {token}"})
    abroad = client_for(gym).get(path, headers={"authorization": f"Bearer {token}"})
    assert (at_home.status_code, abroad.status_code) == (200, 401)


@pytest.mark.parametrize("which", ["member", "card number", "card code", "phone", "e-mail"])
def test_whatever_identifies_a_member_of_a_finds_nobody_at_b(
    planted: Planted, people_of_b: dict[str, Client], which: str
) -> None:
    from regulars.people.selectors import card_of

    card = card_of(planted.member)
    words = {
        "member": planted.member.public_id,
        "card number": card.number,
        "card code": card.code,
        "phone": PHONE,
        "e-mail": planted.member.email,
    }[which]
    answer = people_of_b["cashier"].post("/counter/", {"text": words, "member": planted.member.public_id})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert canary("member") not in said
    assert f'value="{planted.member.public_id}"' not in said or which == "member"


def test_files_of_a_are_not_found_at_b(planted: Planted, people_of_b: dict[str, Client], owner_of_a: Client) -> None:
    from regulars.organisation.selectors import organisation

    addresses = [f"/media/{planted.values['file']}"]
    addresses.append(f"/documents/{planted.values['document_id']}/{planted.values['document']}")
    with business_context(planted.business):
        look = organisation()
        addresses += [look.logo_url, look.mark_url, f"/media/{look.logo}", f"/media/{look.logo_square}"]
    assert [owner_of_a.get(address).status_code for address in addresses] == [200] * 6
    for browser in people_of_b.values():
        assert [browser.get(address).status_code for address in addresses] == [404] * 6
        stepping = browser.get(f"/media/../{planted.business.schema_name}/{planted.values['file']}")
        assert stepping.status_code == 404


def test_what_a_remembers_in_the_cache_is_unknown_at_b(planted: Planted, gym: Business) -> None:
    from regulars.organisation.selectors import organisation

    assert organisation().name == canary("house")
    cache.set("anything", "of A")
    with business_context(gym):
        assert cache.get("anything") is None
        assert organisation().name != canary("house")


def test_a_cache_that_forgets_whose_it_is_would_be_found_out(
    planted: Planted, people_of_b: dict[str, Client], owner_of_a: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches["default"], "key_func", default_key_func)
    owner_of_a.get("/me/sign-in/")
    assert CANARY in planted.met_in(people_of_b["anonymous"].get("/me/sign-in/"))
