"""A receipt taken along: on paper, as a PDF, or as a message."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale

STREAM = re.compile(rb"/FlateDecode[^>]*>>\s*stream\n(.*?)\nendstream", re.S)
pytestmark = [pytest.mark.clause("5.3"), pytest.mark.capability(152)]


def test_a_receipt_is_a_pdf_as_wide_as_the_roll(till: Any, branch: Branch, sell: Callable[..., Sale]) -> None:
    sale = sell(branch, None, 400)
    answer = till.get(f"receipt/{sale.public_id}/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    parts = [answer.content, *(zlib.decompress(part) for part in STREAM.findall(answer.content))]
    assert any(b"/MediaBox [0 0 226.77" in part for part in parts), "80 mm"


def test_where_pango_is_missing_the_receipt_says_so(
    till: Any, branch: Branch, sell: Callable[..., Sale], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> Any:
        raise OSError("cannot load library 'pango-1.0-0'")

    monkeypatch.setattr("regulars.counter.pdf.importlib.import_module", missing)
    answer = till.get(f"receipt/{sell(branch, None, 400).public_id}/pdf/")
    assert answer.status_code == 503
    assert "the library Pango is missing" in answer.content.decode()


def test_a_receipt_goes_to_the_member_once_as_a_part_of_the_sale(
    till: Any, branch: Branch, member: Member, sell: Callable[..., Sale]
) -> None:
    from regulars.outreach.models import Message

    sale = sell(branch, member, 400)
    for _ in range(2):
        sent = till.post(f"receipt/{sale.public_id}/send/")
        assert "The receipt goes to" in sent.content.decode()
    message = Message.objects.get(kind="receipt")
    assert (message.purpose, message.channel, message.recipient) == ("transactional", "sms", member.phone)
    assert sale.number in message.body
    assert "Tea  CN¥4.00" in message.body or "Tea  ¥4.00" in message.body
    assert member.phone not in sent.content.decode(), "whoever stands behind the customer reads no number"


def test_a_guest_says_where_to_and_nobody_is_flooded(till: Any, branch: Branch, sell: Callable[..., Sale]) -> None:
    from regulars.outreach.models import Message

    sale = sell(branch, None, 400)
    path = f"receipt/{sale.public_id}/send/"
    nobody = till.post(path)
    assert (nobody.status_code, b"Enter the customer" in nobody.content) == (422, True)
    assert till.post(path, contact="12").status_code == 422
    for number in range(3):
        assert till.post(path, contact=f"guest{number}@tea.example").status_code == 200
    assert till.post(path, contact="guest9@tea.example").status_code == 422
    assert Message.objects.filter(kind="receipt", channel="email").count() == 3


def test_a_receipt_of_another_branch_is_not_there(till: Any, second_branch: Branch, sell: Callable[..., Sale]) -> None:
    sale = sell(second_branch, None, 400)
    assert till.get(f"receipt/{sale.public_id}/pdf/").status_code == 404
    assert till.post(f"receipt/{sale.public_id}/send/").status_code == 404
