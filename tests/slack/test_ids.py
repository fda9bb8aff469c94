"""Names that come back to us, and the sealed button value."""

import pytest

from bot.slack.ids import CardKey
from graphs.model import ProposalId
from tests.slack.builders import KEY

PROPOSAL = ProposalId("pr_01JD.x:y-z")


def test_a_value_opens_with_its_own_key_only() -> None:
    value = KEY.value_for(PROPOSAL)
    assert KEY.open(value) == PROPOSAL
    assert CardKey(b"another secret of at least 16").open(value) is None


def test_every_changed_character_is_refused() -> None:
    value = KEY.value_for(PROPOSAL)
    for at, char in enumerate(value):
        changed = value[:at] + ("A" if char != "A" else "B") + value[at + 1 :]
        assert KEY.open(changed) is None, changed
    for at in range(len(value)):
        assert KEY.open(value[:at]) is None


def test_another_proposal_cannot_borrow_a_tag() -> None:
    tag = KEY.value_for(ProposalId("pr_1")).rpartition(".")[2]
    assert KEY.open(f"pr_2.{tag}") is None


@pytest.mark.parametrize(
    "odd", [None, 1, b"x", [], {}, "", ".", "pr_1", "pr_1.", ".tag", "prü.tag", "pr_1.tä\ud800", "x" * 9999, "a\n.b"]
)
def test_odd_input_is_nothing(odd: object) -> None:
    assert KEY.open(odd) is None


@pytest.mark.parametrize("bad", ["", "a b", "a\n", "ü", "x" * 201])
def test_ids_that_would_not_come_back_are_not_sealed(bad: str) -> None:
    with pytest.raises(ValueError, match="proposal id"):
        KEY.value_for(ProposalId(bad))


def test_the_secret_is_long_enough_and_never_shown() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        CardKey(b"short")
    assert "secret" not in repr(KEY) + str(vars(CardKey).get("__repr__", "")) + f"{KEY}"


def test_a_value_fits_a_button() -> None:
    assert len(KEY.value_for(ProposalId("x" * 200))) <= 300
