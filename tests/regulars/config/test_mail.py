"""`EMAIL_URL` names an SMTP server or a provider, and nothing else has to be set."""

from __future__ import annotations

import pytest

from regulars.config.mail import PROVIDERS, mail_settings

pytestmark = pytest.mark.clause("3.8")


def test_a_server_is_named_as_before():
    found = mail_settings("smtp+tls://shop:pass@mail.example.com:587")
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.com", 587, True)
    assert found["EMAIL_TIMEOUT"] == 10
    assert mail_settings("consolemail://")["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(
    ("address", "backend", "settings"),
    [
        ("postmark://to%2Fken@", "postmark", {"POSTMARK_SERVER_TOKEN": "to/ken"}),
        (
            "mailgun://key@mg.example.com?region=eu",
            "mailgun",
            {
                "MAILGUN_API_KEY": "key",
                "MAILGUN_SENDER_DOMAIN": "mg.example.com",
                "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3/",
            },
        ),
        ("mailjet://key:secret@", "mailjet", {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "secret"}),
        (
            "resend://key@?endpoint=http://127.0.0.1:9/",
            "resend",
            {"RESEND_API_KEY": "key", "RESEND_API_URL": "http://127.0.0.1:9/"},
        ),
    ],
)
def test_a_provider_is_named_in_one_line(address, backend, settings):
    found = mail_settings(address)
    assert found["EMAIL_BACKEND"] == f"anymail.backends.{backend}.EmailBackend"
    assert found["ANYMAIL"] == {"REQUESTS_TIMEOUT": (5, 10), **settings}


@pytest.mark.parametrize("address", ["postmark://", "mailgun://key@", "mailjet://key@", "resend://@host"])
def test_a_provider_without_its_key_is_refused_in_words(address):
    with pytest.raises(ValueError, match="lacks"):
        mail_settings(address)


@pytest.mark.parametrize("scheme", sorted(PROVIDERS))
def test_every_provider_of_the_table_can_be_made(scheme, settings):
    from django.core.mail import get_connection

    found = mail_settings(f"{scheme}://key:secret@mg.example.com")
    settings.ANYMAIL = found["ANYMAIL"]
    connection = get_connection(found["EMAIL_BACKEND"])
    assert connection.timeout == (5, 10)
