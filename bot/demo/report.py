"""What the demo measured, and whether its story came out right."""

from __future__ import annotations

from graphs.model import Value

EXPECTED = {
    "filed": 12,
    "proposed": 12,
    "approved": 8,
    "edited": 2,
    "rejected": 2,
    "written": 10,
    "refused": 3,
    "duplicate_writes": 0,
    "unapproved_writes": 0,
}
"""The story as it must come out; `refused` counts a guest, a second click on a decided card, and a stranger."""


class Report(Value):
    """Counts of tickets and clicks; times in seconds, medians over all tickets."""

    filed: int
    proposed: int
    approved: int
    edited: int
    rejected: int
    written: int
    """Tickets that really changed."""
    refused: int
    duplicate_writes: int
    unapproved_writes: int
    seconds_to_first_card: float
    """From the start of the demo, the bot's own start included."""
    median_ticket_to_card_s: float
    median_click_to_label_s: float

    def problems(self) -> list[str]:
        """What differs from the story, in words."""
        told = self.model_dump()
        return [f"{name} is {told[name]}, expected {want}" for name, want in EXPECTED.items() if told[name] != want]
