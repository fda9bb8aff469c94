"""What is left of a text when one person is taken out of it. Pure: no I/O.

In a ticket that the person filed every string is replaced, except in fields that are known to hold none of the person's
words: a field that nobody thought of is therefore erased. In other tickets only the person's account name is replaced,
where it stands as an account or as `@name`; a plain word that happens to be the same may mean anything there.
"""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

ERASED = "[erased]"
OURS = frozenset({"owner", "versions"})
"""Parts that come from our policies as a whole."""
_ACCOUNTS = frozenset({"author", "assignees", "login"})


def whole_word(account: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])@?{re.escape(account)}(?![\w-])", re.IGNORECASE)


class Eraser:
    """Takes one account out; without one, only a ticket's own texts."""

    def __init__(self, account: str = "") -> None:
        self._account = account.casefold()
        mention = re.compile(rf"(?<![\w@/.-])@{re.escape(account)}(?![\w-])", re.IGNORECASE)
        self._mention = mention if account else None
        self._word = whole_word(account) if account else None

    def own(self, text: str, safe: frozenset[str]) -> str:
        """JSON about a ticket of that person: every string but those of safe fields is replaced."""
        return self._rewritten(text, safe)

    def others(self, text: str) -> str:
        """JSON about another ticket: the account is replaced, as a value or as a mention."""
        return self._rewritten(text, None)

    def prose(self, text: str) -> str:
        """A sentence of ours: the account is replaced as any whole word."""
        return self._word.sub(ERASED, text) if self._word else text

    def account(self, text: str) -> str:
        """A field that holds an account and nothing else."""
        return ERASED if self._account and text.casefold() == self._account else text

    def _rewritten(self, text: str, safe: frozenset[str] | None) -> str:
        found: JsonValue = json.loads(text)
        left = self._walk(found, safe, "")
        return text if left == found else json.dumps(left, ensure_ascii=False, separators=(",", ":"))

    def _walk(self, value: JsonValue, safe: frozenset[str] | None, key: str) -> JsonValue:
        match value:
            case str():
                return ERASED if safe is not None and key not in safe else self._without(value, key)
            case list():
                return [self._walk(one, safe, key) for one in value]
            case dict():
                return {name: self._walk(one, None if name in OURS else safe, name) for name, one in value.items()}
            case _:
                return value

    def _without(self, value: str, key: str) -> str:
        if self._mention is None:
            return value
        return self.account(value) if key in _ACCOUNTS else self._mention.sub(f"@{ERASED}", value)
