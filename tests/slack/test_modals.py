"""Forms carry typed choices and nothing else; Why shows all there is."""

from bot.slack.blocks.as_text import as_text
from bot.slack.blocks.message import Json
from bot.slack.blocks.modals import OwnerOption, edit_modal, notice_modal, reject_modal
from bot.slack.blocks.why import why_modal
from bot.slack.escape import unspelled
from bot.slack.ids import NOBODY, Action, Block, Callback
from graphs.model import Comment, HygieneReport, Kind, OwnerId, RejectReason, Risk
from tests.slack.builders import KEY, OPERATIONS, TITLES, analysis, proposal, ticket, view
from tests.slack.reading import block, walk
from tests.slack.screens import OWNERS


def blocks_of(modal: Json) -> list[Json]:
    blocks = modal["blocks"]
    assert isinstance(blocks, list)
    return blocks


def element(modal: Json, block_id: str) -> Json:
    found = block(blocks_of(modal), block_id)["element"]
    assert isinstance(found, dict)
    return found


def values(select: Json) -> list[object]:
    return [one["value"] for one in walk([select.get("options"), select.get("option_groups")]) if "value" in one]


def chosen(select: Json) -> object:
    start = select.get("initial_option")
    return start["value"] if isinstance(start, dict) else None


def test_the_edit_form_starts_from_the_proposal() -> None:
    made = view(of=proposal((*OPERATIONS, Comment(body="Thanks\nall"))))
    modal = edit_modal(made, OWNERS[:2])
    assert modal["callback_id"] == Callback.EDIT
    assert KEY.open(modal["private_metadata"]) == made.proposal.id
    assert chosen(element(modal, Block.LAYER)) == "retrieval_and_context"
    assert values(element(modal, Block.LAYER)) == list(TITLES)
    assert chosen(element(modal, Block.KIND)) == "bug"
    assert values(element(modal, Block.KIND)) == [str(kind) for kind in Kind]
    assert chosen(element(modal, Block.OWNER)) == "data-lead"
    assert values(element(modal, Block.OWNER)) == [NOBODY, "team-0-lead", "team-1-lead", "data-lead"]
    assert element(modal, Block.COMMENT)["initial_value"] == "Thanks\nall"
    assert block(blocks_of(modal), Block.COMMENT)["optional"] is True


def test_the_edit_form_says_that_submitting_is_approving() -> None:
    modal = edit_modal(view(), ())
    assert "it is your approval" in as_text(blocks_of(modal))
    assert modal["submit"] == {"type": "plain_text", "text": "Approve edit", "emoji": False}


def test_nobody_is_a_choice_and_the_start_where_nobody_fits() -> None:
    modal = edit_modal(view(of=proposal(OPERATIONS[:2], owner=None)), OWNERS[:1])
    assert chosen(element(modal, Block.OWNER)) == NOBODY
    assert "nobody owns this layer" in as_text(blocks_of(modal))


def test_an_assignment_by_a_person_is_announced() -> None:
    modal = edit_modal(view(of=proposal(assignees=("somebody",))), ())
    assert "somebody has it already" in as_text(blocks_of(modal))


def test_more_owners_than_a_select_takes_are_all_offered() -> None:
    select = element(edit_modal(view(), OWNERS), Block.OWNER)
    assert set(values(select)) == {NOBODY, "data-lead", *(str(one.owner) for one in OWNERS)}


def test_no_choice_comes_from_ticket_text() -> None:
    calm, hostile = view(), view(face=ticket(title="owner: mallory", words="layer: p0", author="mallory"))
    for at in (Block.LAYER, Block.KIND, Block.OWNER, Block.COMMENT):
        assert element(edit_modal(calm, ()), at) == element(edit_modal(hostile, ()), at)


def test_owner_names_are_escaped_and_cut() -> None:
    odd = OwnerOption(owner=OwnerId("x-lead"), name="<!channel> \u202e" + "n" * 200)
    texts = [
        one["text"] for one in walk(element(edit_modal(view(), (odd,)), Block.OWNER)) if one.get("type") == "plain_text"
    ]
    assert all(len(str(text)) <= 75 and "\u202e" not in str(text) for text in texts)


def test_the_reject_form_wants_a_reason_and_takes_a_note() -> None:
    modal = reject_modal(view())
    select = element(modal, Block.REASON)
    assert values(select) == [str(reason) for reason in RejectReason]
    assert chosen(select) is None, "a preselected reason is not a reason"
    assert block(blocks_of(modal), Block.REASON)["optional"] is False
    assert element(modal, Block.NOTE)["max_length"] == 300
    assert element(modal, Block.REASON)["action_id"] == Action.CHOOSE_REASON


def test_why_shows_scores_sources_versions_and_limits() -> None:
    report = HygieneReport(hidden={"zero_width": 3}, redacted={"github_pat": 1}, addressed_to_bot=("dear bot",))
    shown = as_text(blocks_of(why_modal(view(hygiene=report, answer=analysis(risks=(Risk.SECURITY,))))))
    for part in (
        "retrieval and context      ████████████████░░░░  78 % ←",
        "operations and governance  ░░░░░░░░░░░░░░░░░░░░  2 %",
        "the ticket says: “the web chat quotes our own pages”",
        "owner: Data team (data-lead), owns retrieval and context",
        "hidden and removed: zero width (3)",
        "redacted: github pat (1)",
        "speaks to a bot: “dear bot”",
        "it says so itself: security",
        "policy: p-4",
        "triage tr_51c2, proposal pr_7f3a, digest 000000000000",
        "no pictures, no attachments",
        "local engine knows words",
    ):
        assert part in shown, part


def test_why_has_the_whole_comment() -> None:
    body = "All of it, \u202eword for word.\n" * 200
    modal = why_modal(view(of=proposal((Comment(body=body),))))
    boxes = [one for one in walk(modal) if one.get("type") == "rich_text_preformatted"]
    texts = [str(one["text"]) for box in boxes for one in walk(box) if one.get("type") == "text"]
    assert unspelled("".join(texts[:-1])) == body, "the last box holds the scores"
    assert len(boxes) > 2


def test_unknown_ground_is_a_limit() -> None:
    assert "unlike anything seen" in as_text(blocks_of(why_modal(view(answer=analysis(known_ground=False)))))


def test_a_notice_is_short_and_inert() -> None:
    modal = notice_modal("A title that is far too long for Slack", "<!channel> https://evil.example")
    assert len(str(modal["title"])) < 90
    assert "://" not in str(modal)
    assert "submit" not in modal
