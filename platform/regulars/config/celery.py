"""The workers' application: every task of a business carries its schema, and one that has lost it refuses to run."""

from __future__ import annotations

import os

from tenant_schemas_celery.app import CeleryApp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")

app = CeleryApp("regulars")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
