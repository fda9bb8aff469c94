"""The tickets of the measurements: a plausible report of exactly 2,000 characters, no two alike."""

from __future__ import annotations

from itertools import cycle, islice

BODY_BYTES = 2_000
_TITLES = (
    "Search returns chunks of deleted files",
    "Answers cite a page that was moved last week",
    "Export to the CRM stops after the first tool call",
    "Latency doubles when two sessions ask at once",
    "The evaluation set has the same question twice",
)
_SENTENCES = (
    "The nightly job rebuilt the index, and the embeddings of files that had been removed are still found.",
    "A user asked for the refund policy and got a quotation from the version of last year.",
    "In the trace the retriever is called with a limit of forty, although the setting says eight.",
    "The prompt template was changed on Monday; since then the answer often leaves out the citation.",
    "When the tool times out, the agent says that it has booked the meeting, which it has not.",
    "We see this in staging and in production, for about one request in thirty.",
    "Restarting the worker helps for some hours, then the cache seems to be stale again.",
    "The evaluation of yesterday shows a drop of faithfulness from 0.91 to 0.84 on the same data.",
    "Expected: documents that are gone are not offered to the model any more.",
    "Steps: delete a page, wait for the sync, ask for its title, look at the sources.",
)


def title(number: int) -> str:
    return f"{_TITLES[number % len(_TITLES)]} ({number})"


def body(number: int) -> str:
    """`BODY_BYTES` ASCII characters."""
    start = number % len(_SENTENCES)
    rest = _SENTENCES[start:] + _SENTENCES[:start]
    text = f"Report {number}.\n\n" + "\n".join(islice(cycle(rest), 40))
    return text[:BODY_BYTES]
