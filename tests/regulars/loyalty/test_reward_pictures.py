"""Rewards that lie ready, and their pictures: put ready once, told, shown with words for who cannot see them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow

from regulars import clock
from regulars.errors import InvalidInput
from regulars.ledger.services import adjust
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.rewards.pictures import picture_of
from regulars.loyalty.rewards.selectors import shelf, to_prepare
from regulars.loyalty.rewards.services import cancel, mark_ready, redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.operations.services import run_due_work
from regulars.organisation.places.services import open_branch
from regulars.outreach.models import Message

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.5"), pytest.mark.capability(70), pytest.mark.django_db]
TEA = {"en": "A pot of green tea", "zh-hans": "绿茶一壶"}
SHOWN = {"en": "A white pot on a tray", "zh-hans": "托盘上的白瓷壶"}


def png(size: int = 40) -> SimpleUploadedFile:
    """A picture as a browser sends it."""
    file = io.BytesIO()
    Pillow.new("RGB", (size, size // 2), "green").save(file, "PNG")
    return SimpleUploadedFile("pot.png", file.getvalue(), content_type="image/png")


@pytest.fixture
def tea(branch: Branch) -> Reward:
    """A reward for 100 points, with a picture."""
    return save_reward(kind="goods", words=TEA, details={}, points=100, picture=png(), picture_words=SHOWN)


@pytest.fixture
def ordered(member: Member, tea: Reward) -> Redemption:
    """The member has redeemed it."""
    adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    return redeem(member=member, reward=tea, key="redeem-one")


def told(member: Member) -> list[str]:
    """What the member's inbox says of rewards."""
    found = Message.objects.filter(member=member, kind="reward_ready", channel="inbox").order_by("pk")
    return list(found.values_list("body", flat=True))


def test_the_member_is_told_once_where_it_lies_ready(ordered: Redemption, branch: Branch, cashier: Staff) -> None:
    mark_ready(redemption=ordered, branch=branch, by=cashier)
    with pytest.raises(InvalidInput, match="ready already"):
        mark_ready(redemption=ordered, branch=branch, by=cashier)
    run_due_work(clock.now())
    assert len(told(ordered.member)) == 1
    assert str(branch) in told(ordered.member)[0]
    assert f"/me/rewards/redeemed/{ordered.public_id}/" in told(ordered.member)[0]


def test_it_is_put_ready_where_it_is_collected_and_nowhere_else(
    member: Member, tea: Reward, branch: Branch, cashier: Staff, ordered: Redemption
) -> None:
    lake_road = open_branch(name="Lake Road")
    here = redeem(member=member, reward=tea, key="redeem-two", branch=branch)
    with pytest.raises(InvalidInput, match="collected at"):
        mark_ready(redemption=here, branch=lake_road, by=cashier)
    assert to_prepare(branch) == [ordered, here]
    assert to_prepare(lake_road) == [ordered]  # not chosen: anywhere
    mark_ready(redemption=ordered, branch=branch, by=cashier)
    assert to_prepare(branch) == [here, ordered]
    assert to_prepare(lake_road) == []
    cancel(redemption=here, reason="No", actor="test")
    assert to_prepare(branch) == [ordered]


def test_the_counter_lists_what_is_to_be_put_ready_and_does_it(
    business: Any, cashier: Staff, client_for: Callable[..., Client], ordered: Redemption
) -> None:
    till = client_for(business, cashier.user)
    assert b'href="/counter/rewards/"' in till.get("/counter/").content
    page = till.get("/counter/rewards/").content.decode()
    assert "A pot of green tea" in page
    assert "Li Hua" not in page
    assert f"/counter/rewards/{ordered.public_id}/ready/" in page
    assert till.post(f"/counter/rewards/{ordered.public_id}/ready/").status_code == 302
    page = till.get("/counter/rewards/").content.decode()
    assert "Ready to collect" in page
    assert "/ready/" not in page
    again = till.post(f"/counter/rewards/{ordered.public_id}/ready/")
    assert (again.status_code, b"This is ready already." in again.content) == (409, True)
    assert till.post("/counter/rewards/rdm_none/ready/").status_code == 404


def test_the_list_of_a_counter_with_nothing_to_do_teaches(
    business: Any, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    till = client_for(business, cashier.user)
    assert b"Nothing to put ready" in till.get("/counter/rewards/").content
    assert b'href="/counter/rewards/"' not in till.get("/counter/").content  # no reward, no entry


def test_a_redemption_on_the_till_can_be_put_ready(
    business: Any, cashier: Staff, client_for: Callable[..., Client], ordered: Redemption
) -> None:
    till = client_for(business, cashier.user)
    page = till.post("/counter/", {"text": ordered.code}).content.decode()
    assert f'name="ready" value="{ordered.public_id}"' in page
    page = till.post("/counter/", {"ready": ordered.public_id, "member": ordered.member.public_id}).content.decode()
    assert "A pot of green tea lies ready. The member is told." in page
    assert 'name="ready"' not in page
    assert 'name="hand_over"' in page


def test_the_office_puts_a_redemption_ready(
    business: Any, owner: Staff, client_for: Callable[..., Client], ordered: Redemption
) -> None:
    office = client_for(business, owner.user)
    address = f"/office/loyalty/rewards/redemptions/{ordered.public_id}/"
    assert "It lies ready" in office.get(address).content.decode()
    assert office.post(f"{address}ready/").status_code == 302
    ordered.refresh_from_db()
    assert ordered.state == "ready"
    assert "Is it packed" not in office.get(address).content.decode()


def test_a_picture_is_kept_square_and_says_in_both_languages_what_it_shows(tea: Reward, member: Member) -> None:
    from django.utils import translation

    shown = shelf(member)[0].reward
    picture = picture_of(shown)
    assert picture is not None
    assert picture.alt == "A white pot on a tray"
    assert picture.url.endswith(".png")
    with translation.override("zh-hans"):
        assert picture_of(shown) is not None
        assert picture_of(shown).alt == "托盘上的白瓷壶"  # type: ignore[union-attr]
    assert tea.picture is not None
    rendition = tea.picture.get_rendition("fill-320x320")
    assert (rendition.width, rendition.height) == (20, 20)


def test_a_shelf_of_many_pictures_asks_no_more_often(
    member: Member, branch: Branch, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        save_reward(kind="goods", words={"en": f"Tea {number}"}, details={}, points=10, picture=png())
    for _first_draws_them in range(2):
        for offer in shelf(member):
            picture_of(offer.reward)
    with django_assert_max_num_queries(8):
        assert all(picture_of(offer.reward) for offer in shelf(member))


def test_the_office_uploads_changes_and_takes_away_a_picture(
    business: Any, owner: Staff, client_for: Callable[..., Client]
) -> None:
    office = client_for(business, owner.user)
    values = {"name_en": "Tea", "kind": "goods", "points": "100", "stock": "3", "is_active": "on"}
    assert b'enctype="multipart/form-data"' in office.get("/office/loyalty/rewards/new/").content
    alt = {"alt_en": "A pot", "alt_zh": "一把壶"}
    assert office.post("/office/loyalty/rewards/new/", {**values, **alt, "picture": png()}).status_code == 302
    reward = Reward.objects.get()
    assert reward.picture is not None
    assert reward.picture_words == {"en": "A pot", "zh-hans": "一把壶"}
    assert b'alt="A pot"' in office.get("/office/loyalty/rewards/").content
    address = f"/office/loyalty/rewards/{reward.public_id}/"
    first = reward.picture_id
    assert office.post(address, {**values, "picture": png(60)}).status_code == 302
    reward.refresh_from_db()
    assert reward.picture_id not in (None, first)
    assert office.post(address, {**values, "removes_picture": "on"}).status_code == 302
    reward.refresh_from_db()
    assert reward.picture_id is None
    assert b"office-picture" in office.get("/office/loyalty/rewards/").content  # a sign stands in its place


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("pot.png", b"not a picture", content_type="image/png"),
        SimpleUploadedFile("pot.svg", b"<svg onload='alert(1)'/>", content_type="image/svg+xml"),
        SimpleUploadedFile("pot.png", b"", content_type="image/png"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_beside_its_field(
    business: Any, owner: Staff, client_for: Callable[..., Client], file: SimpleUploadedFile
) -> None:
    office = client_for(business, owner.user)
    file.seek(0)
    values = {"name_en": "Tea", "kind": "goods", "points": "100", "is_active": "on", "picture": file}
    answer = office.post("/office/loyalty/rewards/new/", values)
    assert answer.status_code == 422
    assert Reward.objects.count() == 0
