"""Structured logs: one line an event, each naming the business it happened in."""

from __future__ import annotations

import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def name_the_business(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the schema in which this thread works; never a member's personal data."""
    from django.db import connection

    event.setdefault("business", getattr(connection, "schema_name", None) or "-")
    return event


TOKEN_IN_PATH = re.compile(r"/(welcome|confirm|key)/[^/\s]+")


def hide_tokens(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Links that sign somebody in or prove an e-mail are secrets: of their paths the log keeps only the beginning."""
    if isinstance(request := event.get("request"), str):
        event["request"] = TOKEN_IN_PATH.sub(r"/\1/…", request)
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    name_the_business,
    hide_tokens,
    structlog.stdlib.PositionalArgumentsFormatter(),
]


def logging_settings(*, as_json: bool, level: str) -> dict[str, Any]:
    """The logging configuration: JSON lines for machines, aligned lines for people."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    renderer,
                ]
                if as_json
                else [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "django.request": {"level": "ERROR"},
            "celery": {"level": level},
            "kombu": {"level": "WARNING"},
            "django_tasks": {"level": "WARNING"},
            "wagtail": {"level": "WARNING"},
            "kombu.connection": {"level": "ERROR"},
            "fontTools": {"level": "WARNING"},
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Set logging and structlog up; called by Django once."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
