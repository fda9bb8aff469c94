"""The shipped policies, ready to be attacked."""

from __future__ import annotations

from bot.redteam.running import Stage
from graphs.gate import Gate
from graphs.hygiene.redact import Redactor
from policies.loader import load

STAGE = Stage(load(), Gate.load(), Redactor(b"red team of the tests"))
