"""Registers the room `catalogue` with Django."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The room `catalogue` of one business."""

    name = "regulars.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
