"""Coupons in the back office: the list, the form with its trial, codes, the sheet, the file, giving and voiding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from regulars import clock
from regulars.loyalty.coupons.batches import make_codes, make_some, share_code
from regulars.loyalty.coupons.giving import give_many, give_on_occasion, take_back
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponState, CouponTemplate
from regulars.loyalty.coupons.presets import BEGINNINGS
from regulars.loyalty.coupons.sentences import given_when
from regulars.loyalty.coupons.services import claim, give
from regulars.loyalty.coupons.telling import tell
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.listeners import needs_you
from regulars.operations.jobs import start
from regulars.operations.models import Job, TrailEntry
from regulars.operations.services import run_due_work
from regulars.operations.trail import history
from regulars.outreach.models import Message
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.capability(88)]
COUPONS = "/office/loyalty/coupons/"


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


@pytest.fixture
def chinese_office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser, in Chinese."""
    return client_for(business, owner.user, language="zh-hans")


@pytest.fixture
def ten_off(branch: Branch) -> CouponTemplate:
    """Ten yuan off."""
    return save_template(terms=TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off", "zh-hans": "减十元"}))


def text(answer: Any) -> str:
    """A page as words and tags."""
    return str(answer.content.decode())


def form(**over: Any) -> dict[str, Any]:
    """A coupon as its form sends it."""
    values = {"name_en": "Ten off", "name_zh": "减十元", "kind": "amount", "amount": "10", "percent": "0"}
    more = {"stacking": "exclusive", "most_per_sale": "1", "order": "100", "grace_days": "7", "is_active": "on"}
    return {**values, **more, **over}


def test_an_empty_page_teaches_and_offers_beginnings(office: Client, branch: Branch) -> None:
    page = text(office.get(COUPONS))
    assert "No coupons yet. Begin with one of these" in page
    assert page.count("?begin=") == len(BEGINNINGS) == 5


@pytest.mark.parametrize("each", BEGINNINGS, ids=[each.code for each in BEGINNINGS])
def test_every_beginning_can_be_saved_as_it_is(office: Client, branch: Branch, each: Any) -> None:
    begun = office.get(f"{COUPONS}new/?begin={each.code}").context["form"]
    sent = {field.name: begun.fields[field.name].prepare_value(field.value()) for field in begun}
    sent = {name: value for name, value in sent.items() if value not in (None, False, "", [], {})}
    answer = office.post(f"{COUPONS}new/", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    template = CouponTemplate.objects.get()
    assert template.occasion == each.values["occasion"]
    if "amount" in each.values:
        assert template.value == each.values["amount"] * 100


def test_an_owner_makes_a_coupon_and_finds_it_in_the_list(office: Client, branch: Branch) -> None:
    sent = form(least_spend="100", days="30", branches=[branch.public_id], excluded_days="2026-10-01 – 2026-10-07")
    answer = office.post(f"{COUPONS}new/", sent)
    template = CouponTemplate.objects.get()
    assert answer["location"] == f"{COUPONS}{template.public_id}/"
    assert (template.value, template.least_spend, template.days) == (1_000, 10_000, 30)
    assert template.excluded_days == [["2026-10-01", "2026-10-07"]]
    page = text(office.get(answer["location"]))
    assert "¥10 off" in page
    assert "From a spending of ¥100." in page
    assert "30 days from receipt" in page
    assert "¥10 off from ¥100 on" in text(office.get(COUPONS))


def test_a_coupon_reads_in_chinese_too(chinese_office: Client, ten_off: CouponTemplate) -> None:
    page = text(chinese_office.get(f"{COUPONS}{ten_off.public_id}/"))
    assert "减 ¥10" in page
    assert "不可与其他优惠券同用。" in page


def test_it_can_be_tried_before_it_is_saved(office: Client, branch: Branch) -> None:
    tried = {"try": "1", "try_amount": "120", "try_branch": branch.public_id, "try_category": ""}
    page = text(office.post(f"{COUPONS}new/", form(least_spend="100", **tried)))
    assert "It fits: ¥10.00 off, ¥110.00 to pay." in page
    page = text(office.post(f"{COUPONS}new/", form(least_spend="200", **tried)))
    assert "¥80.00 is missing" in page
    assert not CouponTemplate.objects.exists()


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"name_en": "", "name_zh": ""}, "Give it a name in at least one language."),
        ({"amount": "0"}, "Enter an amount greater than zero."),
        ({"amount": "ten"}, "Enter an amount in figures"),
        ({"kind": "percent", "percent": "0"}, "Enter a percentage from 0.01 to 100."),
        ({"kind": "shipping"}, "Say under which kind of goods delivery stands"),
        ({"starts_on": "2026-10-02", "ends_on": "2026-10-01"}, "It ends before it begins."),
        ({"excluded_days": "next Monday"}, "Write each day as 2026-10-01"),
        ({"products": "NO-SUCH"}, "There is no product with the SKU NO-SUCH."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    office: Client, branch: Branch, over: dict[str, str], words: str
) -> None:
    answer = office.post(f"{COUPONS}new/", form(**over))
    assert answer.status_code == 422
    assert words in text(answer)
    assert not CouponTemplate.objects.exists()


def test_terms_of_what_is_out_are_kept_and_a_copy_is_offered(
    office: Client, ten_off: CouponTemplate, member: Member, owner: Staff
) -> None:
    give(member=member, template=ten_off, key="given-by-hand", by=owner)
    answer = office.post(f"{COUPONS}{ten_off.public_id}/change/", form(amount="5"))
    assert answer.status_code == 422
    assert "keep what they promise" in text(answer)
    copy = office.get(f"{COUPONS}new/?copy={ten_off.public_id}").context["form"]
    assert (copy["name_en"].value(), copy["amount"].value()) == ("Ten off", "10")


def test_codes_are_made_by_a_job_with_progress(
    office: Client, ten_off: CouponTemplate, business: Any, owner: Staff
) -> None:
    page = office.get(f"{COUPONS}{ten_off.public_id}/codes/")
    key = page.context["form"]["key"].value()
    sent = {"name": "Flyer", "codes": "1200", "key": key}
    answer = office.post(f"{COUPONS}{ten_off.public_id}/codes/", sent)
    again = office.post(f"{COUPONS}{ten_off.public_id}/codes/", sent)
    assert answer["location"] == again["location"]
    assert "0 of 1,200." in text(office.get(answer["location"]))
    run_due_work(clock.now())
    batch = CouponBatch.objects.get()
    assert (batch.made, Job.objects.get().state) == (1_200, "done")
    codes = set(Coupon.objects.filter(batch=batch).values_list("code", flat=True))
    assert len(codes) == 1_200
    assert "being made" not in text(office.get(answer["location"]))


def test_a_batch_says_what_came_of_it(
    office: Client, ten_off: CouponTemplate, member: Member, branch: Branch, owner: Staff
) -> None:
    batch, _job = make_codes(template=ten_off, name="Flyer", codes=4, by=owner)
    make_some(batch=batch.public_id, codes=[1, 2, 3, 4])
    first, second, *_rest = Coupon.objects.filter(batch=batch).order_by("pk")
    claim(member=member, code=first.code)
    told = quote(branch=branch, member=None, lines=[LineRequest("Tea", 5_000)], coupons=[second.code])
    confirm(quote=told, key="a-sale-with-it", cashier=owner)
    outcome = office.get(f"{COUPONS}batches/{batch.public_id}/").context["outcome"]
    assert (outcome.issued, outcome.claimed, outcome.used, outcome.open) == (4, 1, 1, 3)
    assert (outcome.value, outcome.revenue) == (1_000, 4_000)


def test_the_file_holds_the_codes_and_no_formula(
    office: Client, ten_off: CouponTemplate, member: Member, owner: Staff
) -> None:
    batch = share_code(template=ten_off, name="=1+1", code="SPRING20", by=owner)
    claim(member=member, code="SPRING20")
    answer = office.get(f"{COUPONS}batches/{batch.public_id}/?export=csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("CP-")
    assert member.public_id in rows[1]
    assert member.name not in answer.content.decode()
    assert TrailEntry.objects.filter(act="page.exported").exists() or TrailEntry.objects.filter(
        detail__records=1, subject=batch.public_id
    )


def test_no_cell_is_taken_for_a_formula() -> None:
    from regulars.loyalty.coupons.selectors import _cell

    assert [_cell(each) for each in ("=1", "+1", "-1", "@x", "\tx", "x", 5)] == [
        "'=1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "x",
        5,
    ]


def test_the_sheet_prints_what_nobody_has(
    office: Client, ten_off: CouponTemplate, member: Member, owner: Staff
) -> None:
    batch, _job = make_codes(template=ten_off, name="Flyer", codes=70, by=owner)
    make_some(batch=batch.public_id, codes=list(range(70)))
    claim(member=member, code=Coupon.objects.filter(batch=batch).order_by("pk")[0].code)
    page = office.get(f"{COUPONS}batches/{batch.public_id}/sheet/")
    assert text(page).count("<svg") >= 60
    assert len(page.context["tickets"]) == 60
    rest = office.get(f"{COUPONS}batches/{batch.public_id}/sheet/?after={page.context['following']}")
    assert len(rest.context["tickets"]) == 9
    assert office.get(f"{COUPONS}batches/{batch.public_id}/sheet/?after=%00x").status_code == 200


def test_a_batch_is_declared_void_with_its_reason(office: Client, ten_off: CouponTemplate, owner: Staff) -> None:
    batch, _job = make_codes(template=ten_off, name="Flyer", codes=2, by=owner)
    make_some(batch=batch.public_id, codes=[1, 2])
    address = f"{COUPONS}batches/{batch.public_id}/void/"
    assert "2 coupons of “Flyer” are not used yet." in text(office.get(address))
    assert office.post(address, {"reason": ""}).status_code == 422
    assert office.post(address, {"reason": "Printed twice"}).status_code == 302
    assert set(Coupon.objects.values_list("state", flat=True)) == {CouponState.VOID}
    assert "Printed twice" in text(office.get(f"{COUPONS}batches/{batch.public_id}/"))


@pytest.mark.capability(93)
def test_staff_give_a_member_a_coupon_once_however_often_they_click(
    office: Client, ten_off: CouponTemplate, member: Member
) -> None:
    address = f"{COUPONS}of/{member.public_id}/"
    key = office.get(address).context["form"]["key"].value()
    sent = {"template": ten_off.public_id, "reason": "Waited long", "key": key}
    assert office.post(address, sent).status_code == 302
    assert office.post(address, sent).status_code == 302
    own = Coupon.objects.get()
    assert (own.member, own.reason) == (member, "Waited long")
    page = text(office.get(address))
    assert "Ten off" in page
    assert address in text(office.get(reverse("office_members:inspect", args=(member.public_id,))))
    one = f"{COUPONS}one/{own.public_id}/"
    assert office.post(one, {"reason": "A mistake"}).status_code == 302
    own.refresh_from_db()
    assert own.state == CouponState.VOID
    assert "A mistake" in text(office.get(one))


def test_many_members_are_given_a_coupon_and_it_can_be_undone(
    ten_off: CouponTemplate, member: Member, owner: Staff, branch: Branch
) -> None:
    other = new_member(contact="+8613900139000")
    people = [member.public_id, other.public_id]
    selection = {"list": "office_members", "held": [], "ids": people}
    start(kind="members.coupon", by=owner, params={"selection": selection, "template": ten_off.public_id})
    run_due_work(clock.now())
    assert sorted(Coupon.objects.values_list("member__public_id", flat=True)) == sorted(people)
    assert take_back(coupons=list(Coupon.objects.values_list("pk", flat=True)), by="test") == 2


def test_what_many_were_given_stands_in_the_history_of_each(
    ten_off: CouponTemplate, member: Member, owner: Staff, office: Client
) -> None:
    other = new_member(contact="+8613900139000")
    selection = {"list": "office_members", "held": [], "ids": [member.public_id, other.public_id]}
    start(kind="members.coupon", by=owner, params={"selection": selection, "template": ten_off.public_id})
    run_due_work(clock.now())
    given = TrailEntry.objects.filter(act="coupon.given")
    assert set(given.values_list("subject", "actor", "detail__template")) == {
        (each.public_id, owner.public_id, ten_off.public_id) for each in (member, other)
    }
    page = text(office.get(reverse("office_members:inspect", args=(member.public_id,))))
    assert f"<strong>{owner.name}</strong> gave a coupon to" in page
    take_back(coupons=[Coupon.objects.get(member=other).pk], by=owner.public_id)
    assert TrailEntry.objects.get(act="coupon.voided").subject == other.public_id


@pytest.mark.parametrize(
    ("language", "sentence", "occasion"),
    [("en", "The system gave a coupon to Li Hua", "Birthday"), ("zh-hans", "系统", "生日")],
)
def test_the_history_of_a_member_says_on_which_occasion_a_coupon_came(
    member: Member, owner: Staff, language: str, sentence: str, occasion: str
) -> None:
    template = save_template(
        terms=TemplateTerms(
            kind="amount", value=1_000, words={"en": "Ten off"}, occasion="birthday", is_given_by_itself=True
        )
    )
    since = clock.now() - dt.timedelta(days=1)
    for _twice in range(2):
        give_on_occasion(template=template, members=[member.pk], key="birthday:once", not_since=since)
    with translation.override(language):
        (line,) = (one for one in history(member.public_id, reader=owner) if one.act == "coupon.given")
        assert sentence in line.sentence
        assert [note.after for note in line.notes if occasion in note.after] == [occasion]


def test_the_history_of_a_member_says_of_which_batch_a_code_was(
    ten_off: CouponTemplate, member: Member, owner: Staff
) -> None:
    batch, _job = make_codes(template=ten_off, name="Spring", codes=1, by=owner)
    make_some(batch=batch.public_id, codes=[1])
    claim(member=member, code=Coupon.objects.get().code)
    share_code(template=ten_off, name="Summer", code="SUMMER26", by=owner)
    claim(member=member, code="SUMMER26")
    lines = [one for one in history(member.public_id, reader=owner) if one.act == "coupon.claimed"]
    assert [[note.after for note in one.notes if note.label == "batch of codes"] for one in lines] == [
        ["Summer"],
        ["Spring"],
    ]


def test_the_coupons_of_a_member_say_how_each_came_and_by_whom(
    ten_off: CouponTemplate, member: Member, owner: Staff, office: Client, chinese_office: Client
) -> None:
    give_many(template=ten_off, members=[member.pk], key="job:one", by=owner.public_id)
    share_code(template=ten_off, name="Summer", code="SUMMER26", by=owner)
    claim(member=member, code="SUMMER26")
    page = reverse("office_loyalty:member_coupons", args=(member.public_id,))
    shown = text(office.get(page))
    assert f"Given by the team: {owner.name}" in shown
    assert "Summer" in shown
    assert f"员工赠送：{owner.name}" in text(chinese_office.get(page))
    one = reverse("office_loyalty:one_coupon", args=(Coupon.objects.get(batch=None).public_id,))
    assert f"Given by the team: {owner.name}" in text(office.get(one))


def test_of_many_whoever_may_have_no_more_is_passed_over(member: Member, owner: Staff, branch: Branch) -> None:
    template = save_template(
        terms=TemplateTerms(kind="amount", value=1_000, words={"en": "One"}, most_per_member=1, most_total=2)
    )
    others = [new_member(contact=f"+861390013900{place}") for place in range(3)]
    give(member=member, template=template, key="given-by-hand", by=owner)
    wanted = [member.pk, *(each.pk for each in others)]
    assert len(give_many(template=template, members=wanted, key="job:one", by="test")) == 1
    assert give_many(template=template, members=wanted, key="job:one", by="test") == []
    template.refresh_from_db()
    assert (template.issued, Coupon.objects.count()) == (2, 2)


# By itself, and what wants somebody's eye -----------------------------------------------------------------------------


@pytest.mark.capability(89)
@pytest.mark.parametrize(
    ("occasion", "more", "english", "chinese"),
    [
        ("welcome", {}, "Given by itself to whoever joins.", "新会员入会时自动发放。"),
        ("birthday", {}, "Given by itself on the birthday, once a year.", "生日当天自动发放，每年一次。"),
        ("birthday", {"days_ahead": "7"}, "Given by itself 7 days before the birthday", "生日前 7 天自动发放"),
        ("anniversary", {}, "Given by itself on the anniversary of joining.", "入会周年当天自动发放。"),
        ("anniversary", {"days_ahead": "1"}, "1 day before the anniversary of joining.", "入会周年前 1 天自动发放。"),
        (
            "wake_up",
            {"idle_days": "60", "again_days": "180"},
            "to members who have bought nothing for 60 days, to one not again for 180 days.",
            "连续 60 天未消费的会员自动获得，同一会员 180 天内不重复。",
        ),
    ],
)
def test_an_owner_has_a_coupon_given_by_itself_and_reads_when(
    office: Client, owner: Staff, branch: Branch, occasion: str, more: dict[str, str], english: str, chinese: str
) -> None:
    sent = form(occasion=occasion, is_given_by_itself="on", **more)
    answer = office.post(f"{COUPONS}new/", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    for page in (answer["location"], COUPONS):
        assert english in text(office.get(page))
    with translation.override("zh-hans"):
        assert chinese in given_when(CouponTemplate.objects.get())


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize(
    ("over", "field", "words"),
    [
        ({"occasion": "member_day"}, "occasion", "Choose an occasion that comes by itself"),
        ({"occasion": "wake_up"}, "idle_days", "Enter after how many days without a purchase"),
        ({"occasion": "wake_up", "idle_days": "60"}, "again_days", "Enter after how many days one member"),
        ({"occasion": "birthday", "days_ahead": "99"}, "days_ahead", ""),
    ],
)
def test_what_is_missing_to_give_it_by_itself_stands_beside_its_field(
    office: Client, branch: Branch, over: dict[str, str], field: str, words: str
) -> None:
    answer = office.post(f"{COUPONS}new/", form(is_given_by_itself="on", **over))
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not CouponTemplate.objects.exists()


def test_what_is_nearly_gone_or_ends_unused_waits_on_the_first_page(
    office: Client, owner: Staff, cashier: Staff, member: Member, branch: Branch
) -> None:
    def waiting() -> list[tuple[str, int]]:
        cache.clear()
        return [(str(each.label), each.count) for each in needs_you(staff=owner)]

    rare = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Rare"}, most_total=10))
    shared = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Spring"}))
    batch = share_code(template=shared, name="Spring", code="SPRING20", by=owner, most_claims=20)
    short = TemplateTerms(kind="amount", value=500, words={"en": "May"}, ends_on=clock.today() + dt.timedelta(days=6))
    ending = save_template(terms=short)
    assert waiting() == [("Coupons nearly gone", 0), ("Coupons that end within a week, not used", 0)]
    CouponTemplate.objects.filter(pk=rare.pk).update(issued=9)
    CouponBatch.objects.filter(pk=batch.pk).update(claimed=18)
    give(member=member, template=ending, key="given-for-may", by=owner)
    assert waiting() == [("Coupons nearly gone", 2), ("Coupons that end within a week, not used", 1)]
    assert "Coupons nearly gone" in text(office.get("/office/today/live/"))
    page = text(office.get(COUPONS))
    assert "Nearly gone: 9 of 10." in page
    assert "Code SPRING20 is nearly gone: 18 of 20." in page
    assert ": 1 not used yet." in page
    CouponTemplate.objects.filter(pk=rare.pk).update(issued=10)
    CouponBatch.objects.filter(pk=batch.pk).update(claimed=20)
    Coupon.objects.update(state="void", number=None)
    assert [count for _label, count in waiting()] == [0, 0]
    assert needs_you(staff=cashier) == []


@pytest.mark.capability(91)
def test_what_makes_good_asks_for_its_reason_at_the_members_page(office: Client, member: Member) -> None:
    terms = TemplateTerms(kind="amount", value=2_000, words={"en": "Sorry"}, occasion="compensation")
    template = save_template(terms=terms)
    page = f"/office/loyalty/coupons/of/{member.public_id}/"
    assert page in text(office.get(reverse("office_members:inspect", args=(member.public_id,))))
    sent = {"template": template.public_id, "reason": "", "key": "one-click-of-many"}
    answer = office.post(page, sent)
    assert (answer.status_code, "reason" in answer.context["form"].errors) == (422, True)
    assert not Coupon.objects.exists()
    assert office.post(page, {**sent, "reason": "Cold tea"}).status_code == 302
    assert Coupon.objects.get().reason == "Cold tea"
    entry = TrailEntry.objects.get(act="coupon.given")
    assert (entry.subject, entry.detail["reason"]) == (member.public_id, "Cold tea")


def test_members_given_one_as_many_hear_of_it_as_an_offer(member: Member, owner: Staff, branch: Branch) -> None:
    given = give_many(template=saved(), members=[member.pk], key="job:one", by=owner.public_id)
    assert give_many(template=CouponTemplate.objects.get(), members=[member.pk], key="job:one", by="") == []
    assert CouponTemplate.objects.get().issued == 1
    tell(given, is_offer=True)
    tell(given, is_offer=True)
    assert set(Message.objects.values_list("kind", "state")) == {("coupon_offer", "held_back")}


def saved() -> CouponTemplate:
    """Ten off, as many as one likes."""
    return save_template(terms=TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}, most_total=5))
