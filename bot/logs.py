"""Logging: JSON lines where a program reads them, short lines where a person does; secrets are taken out of both."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping

import structlog


def configure(level: str, redact: Callable[[str], str], *, as_json: bool) -> None:
    """Sends every log line to standard error, after `redact` saw each of its texts."""

    def clean(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = redact(value)
        return event

    last: structlog.types.Processor
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            clean,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
