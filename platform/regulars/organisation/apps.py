"""Registers the room `organisation` with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The room `organisation` of one business."""

    name = "regulars.organisation"
    label = "organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let every room say which of its acts may need approval; a session brings the member of staff along."""
        from regulars.access.sessions import ask_beside
        from regulars.organisation.approvals.discovery import discover

        ask_beside("user__staff__branch", "user__staff__custom_role")
        discover()
