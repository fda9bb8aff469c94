"""Exit codes; what they mean is in `bot.cli`."""

from __future__ import annotations

DONE = 0
REFUSED = 1
WRONG = 2
UNREACHABLE = 3
INTERRUPTED = 130
