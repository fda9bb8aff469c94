"""Labels for trackers whose labels have no blanks: `needs info` of our policies is `needs_info` there, both ways.

Every label of such a tracker has exactly one name here. Pure; knows no vendor.
"""

from __future__ import annotations

from bot.trackers.text import has_control
from graphs.errors import TrackerRejected


def without_blanks(label: str, vendor: str, longest: int) -> str:
    """As the tracker can hold it. An underscore could not be told from a blank on the way back: `TrackerRejected`."""
    if not label.strip() or len(label) > longest or has_control(label):
        raise TrackerRejected(f"{vendor} has no label of that name")
    if "_" in label:
        text = f"write a blank for the underscore in the label {label}: {vendor}'s needs_info is needs info"
        raise TrackerRejected(text)
    return label.replace(" ", "_")


def with_blanks(label: str) -> str:
    """As our policies write it."""
    return label.replace("_", " ")
