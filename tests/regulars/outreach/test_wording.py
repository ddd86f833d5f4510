"""A business says its messages in its own words; what a message does not have is refused by name."""

from __future__ import annotations

import pytest

from regulars.errors import InvalidInput, NotFound
from regulars.operations.models import TrailEntry
from regulars.outreach.editing import restore, reword
from regulars.outreach.models import Message, Wording
from regulars.outreach.services import send
from regulars.outreach.templates import templates
from regulars.outreach.wording import UnknownVariable, checked, examples_of, fill, variables_of

pytestmark = [pytest.mark.clause("3.8"), pytest.mark.capability(112)]


def say(**over):
    words = {"kind": "welcome", "language": "en", "subject": "Hello {name}", "body": "Tea is ready at {business}."}
    return reword(by="stf_test", **{**words, **over})


def test_the_next_message_is_in_the_business_s_own_words(member):
    say()
    send(kind="welcome", member=member, variables={"address": "https://tea.example/"}, key="one")
    message = Message.objects.get(channel="inbox")
    assert (message.subject, message.body) == ("Hello Li Hua", "Tea is ready at 山茶 Tea House.")


def test_the_other_language_keeps_its_words(member):
    say()
    member.language = "zh-hans"
    send(kind="welcome", member=member, variables={"address": "/"}, key="one")
    assert Message.objects.get(channel="inbox").subject == "欢迎加入山茶 Tea House"


def test_our_words_come_back_and_the_trail_knows_both(member):
    say()
    assert restore(kind="welcome", language="en", by="stf_test") is True
    assert restore(kind="welcome", language="en", by="stf_test") is False
    send(kind="welcome", member=member, variables={"address": "/"}, key="one")
    assert Message.objects.get(channel="inbox").subject == "Welcome to 山茶 Tea House"
    acts = TrailEntry.objects.filter(subject="welcome:en").order_by("id").values_list("act", flat=True)
    assert list(acts) == ["message.reworded", "message.restored"]


def test_an_unknown_variable_is_named_and_the_right_ones_are_listed(business):
    with pytest.raises(UnknownVariable) as refusal:
        say(body="You have {pionts}.")
    assert str(refusal.value) == "There is no {pionts} in this message. It has: {business}, {address}, {name}."
    assert refusal.value.field == "body"
    assert Wording.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("subject", ""),
        ("subject", "x" * 151),
        ("subject", "Hello {business"),
        ("body", "Hello business}"),
        ("body", "{}"),
        ("body", "   "),
        ("body", "x" * 2001),
        ("body", "{name.__class__}"),
        ("body", "{0}"),
    ],
)
def test_a_text_that_cannot_be_is_refused_at_its_field(business, field, text):
    with pytest.raises(InvalidInput) as refusal:
        say(**{field: text})
    assert refusal.value.field == field
    assert Wording.objects.count() == 0


def test_a_message_with_a_code_keeps_its_code(business):
    with pytest.raises(InvalidInput, match=r"Without \{code\}"):
        say(kind="sign_in_code", body="Welcome back to {business}.")


def test_a_message_nobody_declared_is_not_found(business):
    with pytest.raises(NotFound):
        say(kind="no-such")
    with pytest.raises(NotFound):
        say(language="fr")


def test_brackets_of_a_chinese_keyboard_mean_the_same(business):
    assert say(body="欢迎来到｛business｝").body == "欢迎来到{business}"


def test_a_value_is_never_read_as_a_variable(member):
    member.name = "{business}"
    say(body="{name}")
    send(kind="welcome", member=member, variables={"address": "/"}, key="one")
    assert Message.objects.get(channel="inbox").body == "{business}"


def test_a_subject_is_one_line_whatever_is_filled_in(member):
    member.name = "Li\r\nBcc: all@example.com"
    say()
    send(kind="welcome", member=member, variables={"address": "/"}, key="one")
    assert Message.objects.get(channel="inbox").subject == "Hello Li Bcc: all@example.com"


def test_whoever_has_no_name_is_called_something(member):
    member.name = ""
    say()
    send(kind="welcome", member=member, variables={"address": "/"}, key="one")
    assert Message.objects.get(channel="inbox").subject == "Hello dear guest"


def test_every_message_has_an_example_for_each_variable(business):
    for template in templates().values():
        examples = examples_of(template, "en")
        assert set(examples) == set(variables_of(template)), template.kind
        for subject, body in template.words.values():
            assert "{" not in fill(subject + body, examples)
            checked(template, subject=subject, body=body)
