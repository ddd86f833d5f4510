"""The owner's e-mail: a link is sent, opened once, and known by nothing but its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.access import services as access
from regulars.errors import NotFound, RegularsError
from tenants import hosts
from tenants.context import business_context, public_context
from tenants.models import Business, EmailConfirmation
from tenants.selectors import primary_host

log = structlog.get_logger(__name__)
LIFE = dt.timedelta(days=7)


class LinkUnknown(NotFound):
    """No such link was ever sent."""

    message = gettext_lazy("This link is not one of ours. Open the newest mail we sent you.")


class LinkTooOld(RegularsError):
    """The link was right, but too long ago."""

    message = gettext_lazy("This link is too old. Let us send you a new one.")


@transaction.atomic
def send_confirmation(*, business: Business) -> EmailConfirmation:
    """Make a link that confirms the owner's e-mail within seven days and send it after commit."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with public_context():
        confirmation = EmailConfirmation.objects.create(
            business=business, token_hash=_hash(token), sent_at=now, expires_at=now + LIFE
        )
        transaction.on_commit(lambda: _mail(business, token))
    return confirmation


def find_confirmation(token: str) -> EmailConfirmation:
    """What was sent with this link, with its business. Raises `LinkUnknown`."""
    with public_context():
        found = EmailConfirmation.objects.select_related("business").filter(token_hash=_hash(token)).first()
    if found is None:
        raise LinkUnknown
    return found


@transaction.atomic
def confirm_email(token: str) -> Business:
    """The owner opened the link; opening it again changes nothing. Raises `LinkUnknown` or `LinkTooOld`."""
    with public_context():
        found = EmailConfirmation.objects.select_related("business").filter(token_hash=_hash(token)).first()
        if found is None:
            raise LinkUnknown
        if found.confirmed_at is None:
            if found.expires_at < clock.now():
                raise LinkTooOld
            found.confirmed_at = clock.now()
            found.save(update_fields=["confirmed_at"])
    with business_context(found.business):
        access.confirm_email(email=found.business.owner_email)
    return found.business


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _mail(business: Business, token: str) -> None:
    with translation.override(business.language):
        path = reverse("site:confirm", args=[token], urlconf=settings.PUBLIC_SCHEMA_URLCONF)
        link = f"{settings.PUBLIC_SCHEME}://{settings.BASE_DOMAIN}{hosts.port()}{path}"
        words = {
            "name": business.name,
            "link": link,
            "site": f"{settings.PUBLIC_SCHEME}://{primary_host(business)}{hosts.port()}/",
            "days": LIFE.days,
        }
        message = EmailMultiAlternatives(
            subject=_("Please confirm your e-mail for %(name)s") % words,
            body=_(
                "Welcome! %(name)s is open at %(site)s\n\n"
                "Please confirm that this e-mail is yours by opening this link within %(days)s days:\n%(link)s\n\n"
                "If you have not opened a business with us, ignore this mail."
            )
            % words,
            to=[business.owner_email],
        )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        log.error("confirmation_not_sent", opened=business.schema_name, error=type(error).__name__)
