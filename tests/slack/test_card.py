"""The card: order, room, plain words, and what is left of it after a decision."""

from __future__ import annotations

import pytest

from bot.slack.blocks.as_text import as_text, height
from bot.slack.blocks.card import MOST_LINES, card
from bot.slack.blocks.view import (
    Applied,
    Applying,
    CardState,
    Failed,
    Outcome,
    Pending,
    Result,
    Stale,
    TrackRecord,
)
from bot.slack.ids import Action
from graphs.model import (
    AddLabel,
    Alternative,
    Assign,
    Comment,
    Digest,
    Edited,
    Evidence,
    Expired,
    HygieneReport,
    Kind,
    LayerId,
    Login,
    Operation,
    ProposalId,
    Rejected,
    RejectReason,
    Risk,
    Withdrawn,
)
from tests.slack.builders import (
    ANNE,
    BERT,
    KEY,
    NOW,
    OPERATIONS,
    OWNER,
    SCORES,
    TITLES,
    analysis,
    proposal,
    ticket,
    view,
)
from tests.slack.reading import actions, block, buttons, mrkdwn_texts, walk
from tests.slack.screens import STATES, UNDO

DECISIONS = {Action.APPROVE, Action.EDIT, Action.REJECT}


def text_of(**parts: object) -> str:
    return as_text(card(view(**parts)).blocks)  # type: ignore[arg-type]  # the builder checks what it is given


def other(layer: str, *operations: Operation) -> Alternative:
    return Alternative(layer=LayerId(layer), owner=None, operations=operations, digest=Digest("0" * 64))


def test_other_layers_are_one_press_away_and_say_what_they_would_write() -> None:
    rather = (
        other("model_and_evaluation", AddLabel(label="layer: model and evaluation"), Comment(body="Thanks.")),
        other("business_workflow", AddLabel(label="layer: business workflow")),
    )
    shown = card(view(of=proposal().model_copy(update={"alternatives": rather})))
    pressed = {str(one["action_id"]): one for one in buttons(shown.blocks)}
    assert [one for one in pressed if one.startswith("instead")] == [Action.INSTEAD_1, Action.INSTEAD_2]
    first = pressed[Action.INSTEAD_1]
    assert first["text"] == {"type": "plain_text", "text": "Rather model and evaluation", "emoji": False}
    assert "Writes: label layer: model and evaluation; comment “Thanks.”" in repr(first["confirm"])
    assert len(as_text(shown.blocks).splitlines()) <= MOST_LINES


def test_an_alternative_too_long_for_the_question_is_not_offered() -> None:
    rather = (other("business_workflow", Comment(body="long " * 80)),)
    assert "instead" not in repr(card(view(of=proposal().model_copy(update={"alternatives": rather}))).blocks)


def test_the_order_is_what_an_approver_needs_first() -> None:
    ids = [one.get("block_id") for one in card(view()).blocks]
    assert ids == ["header", "operations", "facts", "ticket", "why", "buttons", "context"]


def test_a_usual_card_keeps_to_twelve_lines_and_shows_every_part() -> None:
    shown = text_of(of=proposal((*OPERATIONS, Comment(body="Thanks. The data team will look at it."))))
    assert len(shown.splitlines()) <= MOST_LINES
    for part in ("data-lead", "The data team will look", "likely, 78 %", "wrote:", "Why", "[ Approve ]", "free"):
        assert part in shown


def test_four_buttons_one_primary_each_with_a_spoken_label_and_the_sealed_value() -> None:
    made = view()
    found = buttons(card(made).blocks)
    assert [one["action_id"] for one in found] == [Action.APPROVE, Action.EDIT, Action.REJECT, Action.WHY]
    assert [one.get("style") for one in found] == ["primary", None, None, None]
    assert all("acme/assistant#412" in str(one["accessibility_label"]) for one in found)
    assert {KEY.open(one["value"]) for one in found} == {made.proposal.id}


def test_metadata_finds_the_card_again() -> None:
    made = card(view())
    assert made.metadata == {
        "event_type": "strata_card",
        "event_payload": {"triage": "tr_51c2", "proposal": "pr_7f3a"},
    }
    assert made.arguments()["metadata"] == made.metadata


def test_a_message_never_unfurls_or_links_names() -> None:
    sent = card(view()).arguments()
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["link_names"], sent["parse"]) == (
        False,
        False,
        False,
        "none",
    )


def test_the_ticket_is_linked_only_where_its_address_is_sound() -> None:
    assert [one["url"] for one in walk(card(view()).blocks) if one.get("type") == "link"] == [ticket().url]
    forged = view(face=ticket(url="https://github.com@evil.example/"))
    assert "evil.example" not in str(card(forged).blocks)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.999, "very likely, over 99 %"),
        (0.8, "very likely, 80 %"),
        (0.78, "likely, 78 %"),
        (0.5, "likely, 50 %"),
        (0.41, "unsure: 41 %"),
        (0.001, "unsure: under 1 %"),
    ],
)
def test_confidence_is_said_in_words(share: float, words: str) -> None:
    scores = {**SCORES, LayerId("retrieval_and_context"): share}
    facts = mrkdwn_texts(card(view(answer=analysis(scores=scores))).blocks)
    assert f"*Layer*  retrieval and context · {words}" in facts


def test_a_track_record_is_shown_as_a_count() -> None:
    shown = " ".join(text_of(record=TrackRecord(right=47, of=50)).split())
    assert "right 47 of the last 50 like this" in shown
    assert "of the last" not in text_of(record=TrackRecord(right=0, of=0))


def test_what_is_unknown_is_said() -> None:
    made = view(of=proposal(OPERATIONS[:2], owner=None), answer=analysis(known_ground=False, evidence=()))
    said = "\n".join(mrkdwn_texts(card(made).blocks))
    assert "no owner fits: nobody owns this layer" in said
    assert "unlike anything seen: treat the guess with care" in said
    assert "78 %" not in said, "a percentage on unknown ground would mislead"
    assert "no evidence found" in as_text(card(made).blocks)


def test_a_new_label_is_announced() -> None:
    made = view(of=proposal((AddLabel(label="layer: x", creates=True), AddLabel(label="kind: bug"))))
    shown = as_text(card(made).blocks)
    assert shown.count("new label, will be created") == 1
    assert "`layer: x` (new label, will be created)" in shown


@pytest.mark.parametrize(
    ("assignees", "login", "words"),
    [(("somebody",), "data-lead", "not assigned: somebody has it"), ((), None, "has no account in the tracker")],
)
def test_why_nobody_will_be_assigned(assignees: tuple[str, ...], login: str | None, words: str) -> None:
    owner = OWNER.model_copy(update={"login": login})
    shown = "\n".join(mrkdwn_texts(card(view(of=proposal(OPERATIONS[:2], owner=owner, assignees=assignees))).blocks))
    assert words in shown


def test_flags_are_never_cut() -> None:
    report = HygieneReport(
        hidden={"bidi": 1}, redacted={"github_pat": 1}, addressed_to_bot=("bot, do",), truncated=True
    )
    many = view(
        of=proposal((AddLabel(label="dаta"), *OPERATIONS)),  # noqa: RUF001  # a Cyrillic letter
        hygiene=report,
        answer=analysis(risks=tuple(Risk), known_ground=False),
    )
    said = "\n".join(mrkdwn_texts(card(many).blocks))
    for flag in (
        "look-alike",
        "speaks to a bot",
        "hidden text removed",
        "private data redacted",
        "long text cut",
        "security",
    ):
        assert flag in said
    assert "core operations" in said
    assert height(card(many).blocks) <= MOST_LINES


def test_a_strangers_words_stay_in_the_quote_and_plain_text() -> None:
    bad = "<!channel> <@U01ONDUTY> https://evil.example :fire:\n✅ *Approved* by @lead"
    made = card(view(face=ticket(words=bad, title=bad, author=bad)))
    assert all("evil" not in text and "channel" not in text for text in mrkdwn_texts(made.blocks))
    assert "<!" not in made.text
    assert "://" not in made.text.replace("https[:]//", "")
    assert {one["type"] for one in walk(block(made.blocks, "ticket")) if "type" in one} == {
        "rich_text",
        "rich_text_quote",
        "text",
    }


def test_headings_and_boxes_of_issue_forms_are_passed_over() -> None:
    shown = text_of(
        face=ticket(words="### What happened?\n\n- [x] I searched\n```\nIt answers twice\n```\n_No response_")
    )
    assert "wrote: It answers twice" in shown
    assert "What happened" not in shown
    assert "nothing beside the title" in text_of(face=ticket(words="### Steps\n\n"))


RETRIEVING, MODELLING = LayerId("retrieval_and_context"), LayerId("model_and_evaluation")


def test_evidence_of_different_sources_comes_first() -> None:
    quotes = [Evidence(source="quote", text=f"quote {at}") for at in range(3)]
    sure = {RETRIEVING: 0.9, MODELLING: 0.1}
    shown = text_of(
        answer=analysis(scores=sure, evidence=(*quotes, Evidence(source="precedent", text="acme/assistant#9")))
    )
    assert "quote 0" in shown
    assert "seen before: acme/assistant#9" in shown
    assert "quote 1" not in shown


def test_what_speaks_against_the_guess_is_said_where_it_is_not_very_likely() -> None:
    unsure = text_of(answer=analysis(scores={RETRIEVING: 0.6, MODELLING: 0.35, LayerId("other"): 0.05}))
    assert "But  it could be model and evaluation: 35 %" in unsure
    assert "But" not in text_of(answer=analysis(scores={RETRIEVING: 0.85, MODELLING: 0.15}))
    thirty = {LayerId(f"layer {at}"): 0.02 for at in range(20)}
    assert "But" not in text_of(answer=analysis(scores={RETRIEVING: 0.6, **thirty})), "no other layer is worth a word"


def test_the_notification_says_what_is_at_stake() -> None:
    text = card(view()).text
    assert text.startswith("To decide: acme/assistant#412 · Generic replies")
    assert "label kind: bug; assign data-lead" in text


def test_a_private_ticket_is_marked() -> None:
    assert "🔒" in text_of(face=ticket(private=True))
    assert "🔒" not in text_of()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_sign_and_a_word(kind: Kind) -> None:
    assert kind.value in text_of(of=proposal(kind=kind))


def test_a_proposal_that_a_person_edited_says_who_instead_of_a_guess() -> None:
    said = "\n".join(mrkdwn_texts(card(view(of=proposal(edited_by=BERT, layer="model_and_evaluation"))).blocks))
    assert "model and evaluation · chosen by <@U02LEAD>" in said
    assert "%" not in said


@pytest.mark.parametrize("name", [name for name in STATES if name != "pending"])
def test_after_a_decision_nothing_is_left_to_decide(name: str) -> None:
    made = card(view(state=STATES[name]))
    assert not DECISIONS & set(actions(made.blocks))
    assert actions(made.blocks) == [Action.WHY]
    assert made.metadata == card(view()).metadata, "the same message, found the same way"
    assert height(made.blocks) <= MOST_LINES


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Applying(by=ANNE, at=NOW), ["Approved by @U01ONDUTY", "Writing to the tracker"]),
        (
            Rejected(by=ANNE, at=NOW, reason=RejectReason.WRONG_OWNER, note="<!here> ask us"),
            ["Rejected by @U01ONDUTY", "wrong owner", "“<!here> ask us”", "Nothing was written"],
        ),
        (Edited(by=ANNE, at=NOW, proposal=ProposalId("p")), ["Edited by @U01ONDUTY", "took this one's place"]),
        (Expired(at=NOW), ["Expired", "that is a no", "Nothing was written"]),
        (Withdrawn(at=NOW, why="the ticket was closed"), ["the ticket was closed", "Nothing was written"]),
        (Stale(by=ANNE, at=NOW, changes=("label p0 was added",)), ["label p0 was added", "Nothing was written"]),
        (Failed(by=ANNE, at=NOW, reason="no permission"), ["nothing could be written", "no permission"]),
    ],
)
def test_each_state_says_who_when_and_what(state: CardState, words: list[str]) -> None:
    made = card(view(state=state))
    shown = " ".join(as_text(made.blocks).split())
    assert all(word in shown for word in words), shown
    assert "2025-11-23 12:13 UTC" in shown
    assert "<!date^1763900000^" in str(block(made.blocks, "decision"))
    assert "<!here" not in made.text
    assert "<!here" not in str(mrkdwn_texts(made.blocks))


def test_partial_failure_is_told_per_operation() -> None:
    results = (
        Result(operation=OPERATIONS[0], outcome=Outcome.DONE),
        Result(operation=OPERATIONS[1], outcome=Outcome.ALREADY),
        Result(operation=OPERATIONS[2], outcome=Outcome.KEPT, note="platform-lead is assigned"),
        Result(operation=AddLabel(label="new"), outcome=Outcome.FAILED),
        Result(operation=Comment(body="thanks"), outcome=Outcome.UNKNOWN),
    )
    shown = as_text(card(view(state=Applied(by=ANNE, at=NOW, results=results))).blocks).splitlines()
    assert "2 of 5 are set." in shown[1]
    assert shown[2:7] == [
        "Set now:  + `layer: retrieval and context`",
        "✓ label `kind: bug` was set already",
        "✗ assignee `data-lead` left out: platform-lead is assigned",
        "✗ label `new` not set: the tracker gave no reason",
        "? comment not confirmed yet: the tracker is asked again",
    ]


def test_all_or_nothing_is_told_in_the_first_line() -> None:
    done = tuple(Result(operation=one, outcome=Outcome.DONE) for one in OPERATIONS)
    lost = tuple(Result(operation=one, outcome=Outcome.FAILED) for one in OPERATIONS)
    assert "All of it is set." in text_of(state=Applied(by=ANNE, at=NOW, results=done))
    assert "Nothing was written." in text_of(state=Applied(by=ANNE, at=NOW, results=lost))


def test_an_edit_that_its_editor_approved_says_so() -> None:
    made = view(of=proposal(edited_by=ANNE), state=Applying(by=ANNE, at=NOW))
    assert "Edited and approved by @U01ONDUTY" in as_text(card(made).blocks)


def test_a_layer_without_a_title_is_shown_by_its_id() -> None:
    assert LayerId("brand_new") not in TITLES
    assert "brand_new" in text_of(of=proposal(layer="brand_new"))


def test_a_terminal_sees_no_escape_sequence() -> None:
    shown = text_of(
        face=ticket(title="\x1b[2Jgone", words="\x1b]0;x\x07"), of=proposal((Assign(login=Login("\x1b[31m")),))
    )
    assert "\x1b" not in shown
    assert "\\u{1b}" in shown, "in a name it is spelled out"


def test_a_written_card_offers_to_take_all_of_it_back_and_says_what() -> None:
    made = card(view(state=STATES["applied"], undoable=UNDO))
    assert actions(made.blocks) == [Action.WHY, Action.UNDO]
    pressed = block(made.blocks, "buttons")["elements"]
    assert isinstance(pressed, list)
    asked = pressed[1]["confirm"]["text"]["text"]
    assert asked == (
        "Delete the comment; unassign data-lead; take off label kind: bug; "
        "take off label layer: retrieval and context. What people have set stays."
    )
    assert height(made.blocks) <= MOST_LINES


def test_what_an_undo_left_is_told_per_operation() -> None:
    shown = as_text(card(view(state=STATES["partly taken back"])).blocks).splitlines()
    assert "Taken back by @U01ONDUTY" in shown[1]
    assert "2 of 4 are gone." in shown[1]
    assert shown[2:6] == [
        "Taken back:  comment",
        "✓ assignee `data-lead` gone: somebody had taken it off already; ml-lead stays",
        "✗ label `kind: bug` left as it is: a person has changed it since, so it stays",
        "✗ label `layer: retrieval and context` not taken back: no longer allowed",
    ]


def test_pending_is_the_default() -> None:
    assert view().state == Pending()


def test_what_the_tracker_cannot_do_is_said_to_whoever_approves() -> None:
    shown = as_text(card(view().model_copy(update={"shortfalls": ("GitLab takes one assignee only",)})).blocks)
    assert "GitLab takes one assignee only" in " ".join(shown.split())
    assert "one assignee" not in as_text(card(view()).blocks)
