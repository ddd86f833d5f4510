"""Registers the room `api` with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room `api` of one business."""

    name = "regulars.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
