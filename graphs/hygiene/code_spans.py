"""Where code ends in Markdown: fenced blocks and spans between backticks.

Owns the reading of fences and backtick runs. What is inside is shown as it is, so nothing in it is hidden.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property

FENCE = r"^(?:[ ]{0,3}>){0,5}[ ]{0,3}"
"""What may stand before a fence: quote marks and up to three spaces."""


class CodeSpans:
    """The code of one text. Each search looks at a part of the text that no other search looks at again."""

    def __init__(self, source: str) -> None:
        self._source = source

    def end(self, token: re.Match[str]) -> int:
        """Where the code ends that starts with `token`; right after it where it turns out to be no code."""
        mark = token[0].lstrip(" >")
        return self._fence(token, mark) if len(mark) >= len("```") and token.lastgroup == "fence" else self._span(token)

    def _fence(self, token: re.Match[str], mark: str) -> int:
        line_end = self._source.find("\n", token.end())
        line_end = len(self._source) if line_end < 0 else line_end
        if mark[0] == "`" and "`" in self._source[token.end() : line_end]:
            return self._span(token)
        closing = re.compile(rf"{FENCE}{mark[0]}{{{len(mark)},}}[ \t]*+$", re.MULTILINE)
        found = closing.search(self._source, line_end)
        return found.end() if found else len(self._source)

    def _span(self, token: re.Match[str]) -> int:
        mark = token[0].lstrip(" >")
        start = token.end() - len(mark)
        if self._source[start - 1 : start] == "\\":
            return start + 1
        runs = self._runs[len(mark)]
        after, gap = bisect_right(runs, start), bisect_right(self._gaps, start)
        paragraph_end = self._gaps[gap] if gap < len(self._gaps) else len(self._source)
        if after < len(runs) and runs[after] < paragraph_end:
            return runs[after] + len(mark)
        return token.end()

    @cached_property
    def _runs(self) -> defaultdict[int, list[int]]:
        """Where the runs of backticks start, by their length."""
        runs: defaultdict[int, list[int]] = defaultdict(list)
        for run in re.finditer("`+", self._source):
            runs[len(run[0])].append(run.start())
        return runs

    @cached_property
    def _gaps(self) -> list[int]:
        """Where blank lines are: code between backticks does not reach over them."""
        return [gap.start() for gap in re.finditer(r"\n[ \t]{0,200}\n", self._source)]
