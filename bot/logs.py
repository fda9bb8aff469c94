"""Logging: JSON lines where a program reads them, short lines where a person does; secrets are taken out of both."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping

import structlog

Redact = Callable[[str], str]
SHORTEST = 6
"""A shorter secret would be found in every other word."""


def without(secrets: Iterable[str]) -> Redact:
    """Takes our own secrets out of a text, whatever they look like."""
    longest_first = sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, "[SECRET]")
        return text

    return clean


def cleaned(value: object, redact: Redact) -> object:
    """The value with every text in it redacted; what is neither text nor number becomes its redacted description."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value)
        case Mapping():
            return {redact(str(key)): cleaned(one, redact) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [cleaned(one, redact) for one in value]
        case _:
            return redact(repr(value))


class _Lines(logging.Formatter):
    """Lines of libraries, which know nothing of our redactor: the whole line is redacted, traceback and all."""

    def __init__(self, redact: Redact) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


def configure(level: str, redact: Redact, *, as_json: bool) -> None:
    """Sends every log line to standard error, after `redact` saw each of its texts."""

    def clean(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        return {key: cleaned(value, redact) for key, value in event.items()}

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
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    _libraries(redact)


def _libraries(redact: Redact) -> None:
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one.formatter, _Lines)]:
        root.removeHandler(before)
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(_Lines(redact))
    root.addHandler(lines)
    root.setLevel(logging.WARNING)


def _to_stderr(*_names: object) -> structlog.PrintLogger:
    """Asked for each line: a standard error that was closed or replaced since must not break whoever logs."""
    return structlog.PrintLogger(sys.stderr)
