"""Registers the room `backoffice` with Django."""

from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    """The room `backoffice` of one business."""

    name = "regulars.backoffice"
    label = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the business's day, the strict policy, our words and what stands around a page in Wagtail's admin."""
        from regulars.backoffice import account, frame, localized, scriptless

        localized.install()
        scriptless.install()
        account.install()
        frame.install()
