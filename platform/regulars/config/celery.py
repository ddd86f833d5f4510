"""The workers' application: every task of a business carries its schema, and one that has lost it refuses to run."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

from celery.platforms import SecurityWarning
from celery.signals import setup_logging
from django.conf import settings
from tenant_schemas_celery.app import CeleryApp

from regulars.config import folder_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")

warnings.filterwarnings("ignore", category=SecurityWarning)  # messages are JSON: nothing in them is run

folder_broker.register()
app = CeleryApp("regulars", task_cls="tenants.work:BusinessTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_scheduler = "celery.beat:Scheduler"  # keeps no file: what is due lives in the database
app.conf.beat_max_loop_interval = 1.0
app.conf.beat_schedule = {
    "wake": {"task": "tenants.wake", "schedule": 1.0, "options": {"expires": 2}},
    "sweep": {"task": "tenants.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "keep-pool": {"task": "tenants.keep_pool", "schedule": 10.0, "options": {"expires": 10}},
}
app.autodiscover_tasks()


def make_folders() -> None:
    """The filesystem broker expects its folders to be there."""
    for name, folder in settings.CELERY_BROKER_TRANSPORT_OPTIONS.items():
        if "folder" in name:
            Path(str(folder)).mkdir(parents=True, exist_ok=True)


if settings.CELERY_BROKER_URL.startswith("filesystem://"):
    make_folders()

QUIET = ("celery.app.trace", "celery.worker.strategy", "celery.beat", "django_tasks")
"""Loggers that would write a line for each turn of the wheel."""


@setup_logging.connect  # type: ignore[untyped-decorator]
def _keep_our_logging(**_: object) -> None:
    """The logs are set up by Django; the libraries' turns of the wheel are not worth a line each."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
