"""Our comments are found again, and nobody else can make one that looks like ours."""

from __future__ import annotations

import pytest

from bot.executor.marker import Marker
from graphs.model import ProposalId

MINE, OTHER = ProposalId("a" * 32), ProposalId("b" * 32)
MARKER = Marker(b"the key of today")
SIGNED = MARKER.sign("Thanks for the report.", MINE, 3)


def test_a_signed_comment_is_ours() -> None:
    assert SIGNED.startswith("Thanks for the report.\n\n<!-- strata:")
    assert MARKER.is_ours(SIGNED)
    assert MARKER.is_ours(SIGNED, MINE)
    assert MARKER.is_ours(SIGNED, MINE, 3)


def test_it_is_ours_whatever_the_tracker_does_to_the_text_around_it() -> None:
    assert MARKER.is_ours(SIGNED.replace("\n", "\r\n") + "\r\n", MINE, 3)
    assert MARKER.is_ours("edited by a person" + SIGNED.partition("report.")[2], MINE, 3)


def test_it_belongs_to_one_proposal_and_one_position() -> None:
    assert not MARKER.is_ours(SIGNED, OTHER, 3)
    assert not MARKER.is_ours(SIGNED, MINE, 0)
    assert not MARKER.is_ours(SIGNED.replace(MINE, OTHER))
    assert not MARKER.is_ours(SIGNED.replace(".3.", ".4."))


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "Thanks for the report.",
        f"<!-- strata:{MINE}.3.{'0' * 32} -->",
        f"<!-- strata:{MINE}.3. -->",
        f"<!-- strata:{MINE}.-3.{'0' * 32} -->",
        SIGNED.upper(),
        SIGNED.replace("<!--", "&lt;!--"),
        SIGNED[:-8] + " -->",
        Marker(b"another key").sign("Thanks for the report.", MINE, 3),
    ],
)
def test_a_forged_marker_is_not_ours(forged: str) -> None:
    assert not MARKER.is_ours(forged)


def test_a_forged_marker_does_not_hide_a_genuine_one() -> None:
    assert MARKER.is_ours(f"<!-- strata:{MINE}.3.{'0' * 32} -->\n{SIGNED}", MINE, 3)


def test_another_key_finds_nothing() -> None:
    """After the key is changed, comments of before are nobody's: a change of the key wants an idle executor."""
    assert not Marker(b"the key of tomorrow").is_ours(SIGNED)


def test_the_tag_does_not_show_the_key() -> None:
    assert "key of today" not in SIGNED
    assert "key of today" not in repr(MARKER)
