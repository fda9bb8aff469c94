"""Who gets a ticket: components before layers, the first owner before the next, nobody who is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs.model import CleanTicket, LayerId, OwnerChoice, OwnerId, TrackerName
from graphs.owners import Owners
from policies.loader import load
from tests.builders import a_clean_ticket, a_ticket

OWNERS = """
owners:
  - id: product-lead
    name: Product
    layers: [business_workflow, application_and_tools, model_and_evaluation, operations_and_governance]
  - id: stand-in
    name: Stand-in
    slack: U0STANDIN
    layers: [application_and_tools, retrieval_and_context]
  - id: data-lead
    name: Data team
    slack: U0DATALEAD
    logins: {github: data-lead}
    channel: C0DATATEAM
    layers: [retrieval_and_context]
    components: [pgvector, vector store, src/retrieval/, "infra/index/**", c++]
    absences: [{from: 2030-08-01, to: 2030-08-14}, {from: 2030-12-24, to: 2030-12-26}]
  - id: ml-lead
    name: ML team
    logins: {github: ml-lead}
    layers: [model_and_evaluation]
    components: [reranker, golden set]
"""
RETRIEVAL, MODEL, WORKFLOW = map(LayerId, ["retrieval_and_context", "model_and_evaluation", "business_workflow"])
WORKDAY, HOLIDAY = "2030-07-31", "2030-08-07"


@pytest.fixture
def owners(tmp_path: Path) -> Owners:
    (tmp_path / "owners.yaml").write_text(OWNERS)
    return Owners(load(tmp_path))


def about(title: str = "Search is slow", body: str = "It takes long.") -> CleanTicket:
    return a_clean_ticket(a_ticket(title=title, body=body))


def picked(choice: OwnerChoice | None) -> tuple[str, str]:
    assert choice is not None
    return choice.owner, choice.reason


def test_the_layer_decides_by_order_of_preference(owners: Owners) -> None:
    assert picked(owners.owner_for(RETRIEVAL, about(), WORKDAY)) == ("data-lead", "owns retrieval and context")
    assert picked(owners.owner_for(MODEL, about(), WORKDAY)) == ("ml-lead", "owns model and evaluation")
    assert picked(owners.owner_for(WORKFLOW, about(), WORKDAY)) == ("product-lead", "owns business workflow")


def test_a_choice_carries_the_accounts(owners: Owners) -> None:
    found = owners.owner_for(RETRIEVAL, about(), WORKDAY)
    assert found == OwnerChoice.model_validate(
        {
            "owner": "data-lead",
            "name": "Data team",
            "login": "data-lead",
            "slack_user": "U0DATALEAD",
            "reason": "owns retrieval and context",
        }
    )
    other = owners.owner_for(WORKFLOW, about(), WORKDAY)
    assert other is not None
    assert (other.login, other.slack_user) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "pgvector is slow",
        "PGVector",
        "use (pgvector).",
        "the Vector  Store grows",
        "in src/retrieval/rank.py",
        "at ./infra/index/a.tf:3",
    ],
)
def test_a_named_component_beats_the_layer(owners: Owners, text: str) -> None:
    assert owners.owner_for(MODEL, about(body=text), WORKDAY) is not None
    assert picked(owners.owner_for(MODEL, about(body=text), WORKDAY))[0] == "data-lead"
    assert picked(owners.owner_for(MODEL, about(title=text), WORKDAY))[0] == "data-lead"


@pytest.mark.parametrize(
    "text", ["pgvectors", "mypgvector", "pg vector", "src/retrieval", "lib/src/retrieval.py", "vectorstore"]
)
def test_a_part_of_a_word_names_nothing(owners: Owners, text: str) -> None:
    assert picked(owners.owner_for(MODEL, about(body=text), WORKDAY))[0] == "ml-lead"


def test_the_reason_names_the_component(owners: Owners) -> None:
    assert picked(owners.owner_for(MODEL, about(body="c++ code"), WORKDAY)) == ("data-lead", "owns component c++")


def test_of_two_components_the_title_then_the_layer_then_the_first_decides(owners: Owners) -> None:
    both = "the reranker and pgvector"
    assert picked(owners.owner_for(WORKFLOW, about(body=both), WORKDAY))[0] == "ml-lead"
    assert picked(owners.owner_for(RETRIEVAL, about(body=both), WORKDAY))[0] == "data-lead"
    assert picked(owners.owner_for(RETRIEVAL, about(title="reranker broken", body=both), WORKDAY))[0] == "ml-lead"


@pytest.mark.parametrize("day", ["2030-08-01", "2030-08-07", "2030-08-14", "2030-12-26"])
def test_whoever_is_away_is_passed_over(owners: Owners, day: str) -> None:
    assert picked(owners.owner_for(RETRIEVAL, about(), day)) == ("stand-in", "covers for data-lead (away)")


@pytest.mark.parametrize("day", ["2030-07-31", "2030-08-15", "2030-12-23", "2030-12-27"])
def test_the_days_around_an_absence_are_worked(owners: Owners, day: str) -> None:
    assert picked(owners.owner_for(RETRIEVAL, about(), day))[0] == "data-lead"


def test_an_absent_owner_of_a_component_is_covered_by_the_layer(owners: Owners) -> None:
    ticket = about(body="pgvector")
    assert picked(owners.owner_for(MODEL, ticket, HOLIDAY)) == ("ml-lead", "covers for data-lead (away)")


def test_nobody_fits_when_all_are_away_or_the_layer_is_unknown(tmp_path: Path) -> None:
    away = OWNERS.replace("layers: [application_and_tools, retrieval_and_context]", "layers: [application_and_tools]")
    (tmp_path / "owners.yaml").write_text(away)
    owners = Owners(load(tmp_path))
    assert owners.owner_for(RETRIEVAL, about(), HOLIDAY) is None
    assert owners.owner_for(LayerId("no_such_layer"), about(), WORKDAY) is None


def test_text_cannot_name_an_owner(owners: Owners) -> None:
    ticket = about(title="assign to @product-lead", body="Owner: product-lead. Please assign product-lead.")
    assert picked(owners.owner_for(RETRIEVAL, ticket, WORKDAY))[0] == "data-lead"


def test_every_owner_can_be_picked_by_a_person(owners: Owners) -> None:
    assert [one.owner for one in owners.choices(TrackerName.GITHUB)] == [
        "product-lead",
        "stand-in",
        "data-lead",
        "ml-lead",
    ]
    found = owners.find(OwnerId("ml-lead"), TrackerName.GITHUB)
    assert found is not None
    assert found.login == "ml-lead"
    assert owners.find(OwnerId("nobody"), TrackerName.GITHUB) is None


def test_the_channel_of_a_team(owners: Owners) -> None:
    assert owners.channel(OwnerId("data-lead")) == "C0DATATEAM"
    assert owners.channel(OwnerId("ml-lead")) is None


def test_every_layer_of_the_shipped_policies_has_a_first_owner_and_a_cover() -> None:
    policies = load()
    for layer in policies.layers:
        assert sum(layer.id in owner.layers for owner in policies.owners) >= 2
        assert sum(owner.layers[:1] == (layer.id,) for owner in policies.owners) == 1
