"""Registers the room `organisation` with Django."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The room `organisation` of one business."""

    name = "regulars.organisation"
    label = "organisation"
    default_auto_field = "django.db.models.BigAutoField"
