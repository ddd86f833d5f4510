"""Registers the room `ledger` with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The room `ledger` of one business."""

    name = "regulars.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
