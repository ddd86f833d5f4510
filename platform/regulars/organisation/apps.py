"""Registers the room `organisation` with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The room `organisation` of one business."""

    name = "regulars.organisation"
    label = "organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every room say which of its acts may need approval."""
        from regulars.organisation.approvals.discovery import discover

        discover()
