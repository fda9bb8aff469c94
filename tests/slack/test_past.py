"""What the past says on a card and under Why: a count, tickets that may be the same, decisions that moved the guess."""

from __future__ import annotations

from bot.slack.blocks.as_text import as_text
from bot.slack.blocks.card import MOST_LINES, card
from bot.slack.blocks.view import PrecedentFace, TrackRecord
from bot.slack.blocks.why import why_modal
from graphs.model import AddLabel, Approved, Comment, Expired, LayerId, Rejected, RejectReason
from tests.slack.builders import ANNE, BERT, NOW, OPERATIONS, proposal, similar, view
from tests.slack.reading import block, walk
from tests.slack.test_card import text_of

COMMENTED = proposal((*OPERATIONS, Comment(body="Thanks. The data team will look at it.")))


def test_tickets_that_may_be_the_same_take_one_line_with_link_and_what_became_of_them() -> None:
    doubles = (
        similar(409, Approved(by=ANNE, at=NOW)),
        similar(371, Rejected(by=ANNE, at=NOW, reason=RejectReason.DUPLICATE)),
        similar(398),
    )
    shown = card(view(of=COMMENTED, similar=doubles))
    text = as_text(shown.blocks)
    assert len(text.splitlines()) <= MOST_LINES
    assert "Perhaps the same  #409 (model and evaluation)  #371 (rejected: a duplicate)" in text
    assert "#398" not in text, "what does not fit is under Why"
    links = [one["url"] for one in walk([block(shown.blocks, "similar")]) if one.get("type") == "link"]
    assert links == [one.url for one in doubles[:2]]
    assert "Perhaps" not in text_of(similar=(similar(),), state=Expired(at=NOW))
    assert "waits" in text_of(similar=(similar(),))
    assert "link" not in repr(block(card(view(similar=(similar(url="javascript:x"),))).blocks, "similar"))


def test_a_double_pushes_out_words_but_no_reason() -> None:
    plain, double = text_of(of=COMMENTED), text_of(of=COMMENTED, similar=(similar(),))
    assert "wrote:" in plain
    for reason in ("Why  the ticket says", "But  it could be"):
        assert reason in plain
        assert reason in double
    full = proposal(tuple(AddLabel(label=f"label {at}" * 6) for at in range(9)))
    assert len(text_of(of=full, similar=(similar(),)).splitlines()) == len(text_of(of=full).splitlines())


def test_a_count_costs_no_reason_and_stands_where_there_is_room() -> None:
    counted = TrackRecord(right=47, of=50)
    shown = text_of(of=COMMENTED, record=counted)
    assert len(shown.splitlines()) <= MOST_LINES
    assert "right 47 of the last 50 like this" in shown
    assert "But  it could be" in shown
    assert shown.count("\n") == text_of(of=COMMENTED).count("\n")


def test_why_tells_the_count_whose_lessons_moved_the_guess_and_all_doubles() -> None:
    told = as_text(
        why_modal(
            view(
                record=TrackRecord(right=5, of=7, alike=True),
                similar=(similar(409), similar(398), similar(300, title="")),
                precedents=(
                    PrecedentFace(
                        short="acme/assistant#371",
                        layer=LayerId("model_and_evaluation"),
                        likeness=0.62,
                        by=BERT,
                        at=NOW,
                    ),
                    PrecedentFace(short="acme/assistant#9", layer=LayerId("model_and_evaluation"), likeness=0.3),
                ),
            )
        )["blocks"],  # type: ignore[arg-type]  # a list of blocks
        width=300,
    )
    assert "of the last 7 guesses “retrieval and context” by this engine in this project, about as sure" in told
    assert "that is few" in told
    assert f"acme/assistant#371 (62 % alike) was decided as model and evaluation by @{BERT} on 2025-11-23" in told
    assert "acme/assistant#9 (30 % alike) was decided as model and evaluation; that was forgotten since" in told
    assert "acme/assistant#300 · waits · likeness 0.61" in told
    plain = as_text(why_modal(view())["blocks"])  # type: ignore[arg-type]  # a list of blocks
    for heading in ("How often", "taught", "Perhaps"):
        assert heading not in plain
