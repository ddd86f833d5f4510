"""Registers the room `loyalty` with Django."""

from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    """The room `loyalty` of one business."""

    name = "regulars.loyalty"
    label = "loyalty"
    default_auto_field = "django.db.models.BigAutoField"
