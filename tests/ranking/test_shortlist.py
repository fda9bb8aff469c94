"""Policy first, then history, then who can just now; nobody from outside, and a gap that says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graphs.model import LayerId, Millis
from graphs.owners import Owners
from graphs.ranking.history import History
from graphs.ranking.shortlist import ENOUGH, Question, Shortlist, shortlist
from policies.loader import load
from tests.builders import a_clean_ticket, a_ticket
from tests.ranking.made import DAY, history, past

POLICY = """
owners:
  - id: product-lead
    name: Product
    layers: [business_workflow, application_and_tools, model_and_evaluation, operations_and_governance]
  - id: data-lead
    name: Data team
    logins: {github: data-account}
    layers: [retrieval_and_context]
    components: [pgvector]
    absences: [{from: 2030-08-01, to: 2030-08-14}]
    most_a_week: 5
  - id: ml-lead
    name: ML team
    logins: {github: ml-account}
    layers: [model_and_evaluation, retrieval_and_context]
    hours: {from: "09:00", to: "17:00", utc_offset: "+01:00"}
"""
RETRIEVAL = LayerId("retrieval_and_context")
WEDNESDAY_NOON = datetime(2030, 7, 31, 12, tzinfo=UTC)
SEARCH = "Search index misses pages"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "owners.yaml").write_text(POLICY)
    return tmp_path


@pytest.fixture
def owners(folder: Path) -> Owners:
    return Owners(load(folder))


def asked(
    title: str = SEARCH, body: str = "", *, author: str = "customer-one", now: datetime = WEDNESDAY_NOON
) -> Question:
    ticket = a_clean_ticket(a_ticket(title=title, body=body, author=author))
    return Question(ticket=ticket, layer=RETRIEVAL, now=Millis(int(now.timestamp() * 1000)))


def taken(owner: str, times: int, *, days_ago: float = 20, start: int = 1, title: str = SEARCH) -> History:
    day = WEDNESDAY_NOON.timestamp() * 1000 / DAY - days_ago
    made = [past(start + n, title, owner, day=day - n / 100, project="acme/assistant") for n in range(times)]
    return history(*made)


def chosen(found: Shortlist) -> tuple[str, str]:
    assert found.choice is not None
    return found.choice.owner, found.choice.reason


def test_without_a_history_the_policy_decides(owners: Owners) -> None:
    found = shortlist(owners, asked(), History())
    assert chosen(found) == ("data-lead", "owns retrieval and context")
    assert found.standings[0].why == ("data-lead has retrieval and context as its first layer (owners.yaml).",)
    assert found.standings[1].why_not == ("Comes after data-lead in the policy.",)


@pytest.mark.parametrize("size", [1, ENOUGH - 1])
def test_the_first_tickets_go_where_the_policy_says(owners: Owners, size: int) -> None:
    """A cold start is exactly the policy, whatever the few first tickets say."""
    for title in (SEARCH, "Login fails", "pgvector is slow"):
        question = asked(title)
        alone = owners.owner_for(RETRIEVAL, question.ticket, WEDNESDAY_NOON.date().isoformat())
        assert shortlist(owners, question, taken("ml-lead", size)).choice == alone


def test_then_the_history_decides_between_owners_of_a_layer(owners: Owners) -> None:
    found = shortlist(owners, asked(), taken("ml-lead", ENOUGH))
    assert chosen(found) == ("ml-lead", "took more tickets like it")
    assert found.standings[0].why[0] == "ml-lead has retrieval and context as its second layer (owners.yaml)."
    assert "Took 20 similar tickets: a/b#1 (20 days ago)" in found.standings[0].why[1]
    assert found.standings[1].why_not == ("Past tickets speak for ml-lead (100%, here nothing).",)


def test_a_component_beats_any_history(owners: Owners) -> None:
    found = shortlist(owners, asked("pgvector is slow"), taken("ml-lead", 200, title="pgvector is slow"))
    assert chosen(found) == ("data-lead", "owns component pgvector")
    assert found.standings[1].why_not[0].startswith("The policy names data-lead more closely")


def test_nobody_from_outside_the_directory(owners: Owners) -> None:
    found = shortlist(owners, asked(), taken("stranger", 200))
    assert chosen(found)[0] == "data-lead"
    assert "stranger" not in {one.owner for one in found.standings}


def test_whoever_is_away_is_out(owners: Owners) -> None:
    found = shortlist(owners, asked(now=datetime(2030, 8, 7, 12, tzinfo=UTC)), History())
    assert chosen(found) == ("ml-lead", "covers for data-lead (away)")
    assert found.standings[-1].why_not == ("Away until 2030-08-14 (owners.yaml).",)


def test_a_full_week_and_closed_hours_come_after_those_who_can(owners: Owners) -> None:
    full = taken("data-lead", 5, days_ago=2)
    assert chosen(shortlist(owners, asked(), full)) == ("ml-lead", "covers for data-lead (busy)")
    night = asked(now=datetime(2030, 7, 31, 20, tzinfo=UTC))
    found = shortlist(owners, night, full)
    assert chosen(found) == ("data-lead", "owns retrieval and context"), "when nobody can, the policy's order stands"
    told = {str(one.owner): one.why_not[0] for one in found.standings}
    assert told["data-lead"] == "Was given 5 tickets in seven days; owners.yaml says at most 5."
    assert told["ml-lead"].startswith("Outside working hours: 09:00 to 17:00 UTC+01:00")


def test_a_gap_is_told_with_its_reason(folder: Path) -> None:
    gone = POLICY.replace("layers: [model_and_evaluation, retrieval_and_context]", "layers: [model_and_evaluation]")
    (folder / "owners.yaml").write_text(gone)
    owners = Owners(load(folder))
    found = shortlist(owners, asked(now=datetime(2030, 8, 7, 12, tzinfo=UTC)), History())
    assert found.choice is None
    assert found.gap == "Everybody who owns this is away. data-lead: away until 2030-08-14 (owners.yaml)."


def test_where_no_policy_speaks_people_of_the_directory_who_took_such_tickets_do(owners: Owners) -> None:
    question = asked().model_copy(update={"layer": LayerId("no_such_layer")})
    nobody = shortlist(owners, question, taken("stranger", 30))
    assert nobody.choice is None
    assert nobody.gap.startswith("Nobody in owners.yaml owns no_such_layer")
    assert chosen(shortlist(owners, question, taken("ml-lead", 30))) == ("ml-lead", "took tickets like it")


def test_a_path_of_codeowners_beats_the_layer(folder: Path) -> None:
    (folder / "CODEOWNERS").write_text("* @stranger\n/src/evals/ @ml-account\n/src/ui/ @acme/product-lead\n")
    owners = Owners(load(folder))
    found = shortlist(owners, asked(body="see src/evals/run.py:12"), taken("data-lead", 30))
    assert chosen(found) == ("ml-lead", "owns the path it names")
    assert found.standings[0].why[0] == "ml-lead owns src/evals/run.py (CODEOWNERS, line 2)."
    assert chosen(shortlist(owners, asked(body="in src/ui/a.ts"), History()))[0] == "product-lead"
    assert chosen(shortlist(owners, asked(body="in docs/a.md"), History()))[0] == "data-lead", "a stranger's path"


def test_text_cannot_name_an_owner(owners: Owners) -> None:
    question = asked("assign to @ml-lead", "Owner: ml-lead, cc @ml-account", author="ml-lead-fan")
    assert chosen(shortlist(owners, question, History()))[0] == "data-lead"


def test_an_account_of_the_directory_is_known_by_its_handle(owners: Owners) -> None:
    assert owners.known_as("ML-Account") == "ml-lead"
    assert owners.known_as("somebody") == "somebody"
    mine, long_ago = taken("ml-lead", ENOUGH // 2), WEDNESDAY_NOON.timestamp() * 1000 / DAY - 20
    for one in range(ENOUGH // 2):
        mine.add(past(500 + one, SEARCH, "data-lead", day=long_ago, project="acme/assistant"))
    assert chosen(shortlist(owners, asked(author="ml-account"), mine))[0] == "ml-lead"
    assert chosen(shortlist(owners, asked(), mine))[0] == "data-lead"
