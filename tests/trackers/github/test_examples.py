"""Every example payload that GitHub's own project publishes lands in the outcome that the rules below demand."""

from __future__ import annotations

from pydantic import JsonValue

from bot.events import Arrival, Edited, FieldSet, Gone, Irrelevant, Opened
from bot.trackers.github.webhook import GitHubDoor
from tests.trackers.github.deliveries import INSTALL, SECRET, as_form, as_json, headers
from tests.trackers.github.examples import published, releases

KNOWN = {"issues": 29, "issue_comment": 9, "label": 6, "installation": 7, "installation_repositories": 3, "ping": 4}
"""How many the pinned version holds, so that a lost file is noticed."""

RULES: dict[str, dict[str, type]] = {
    "issues": {
        "opened": Opened,
        "reopened": Opened,
        "closed": Gone,
        "deleted": Gone,
        "transferred": Gone,
        "labeled": FieldSet,
        "assigned": FieldSet,
        "unlabeled": Irrelevant,
        "unassigned": Irrelevant,
        "milestoned": Irrelevant,
        "demilestoned": Irrelevant,
        "locked": Irrelevant,
        "unlocked": Irrelevant,
        "pinned": Irrelevant,
        "unpinned": Irrelevant,
    },
    "issue_comment": {"created": FieldSet, "edited": Irrelevant, "deleted": Irrelevant},
}


def demanded(event: str, example: dict[str, JsonValue]) -> type:
    """By the rules of the product; an action without a rule is an error of this test."""
    issue, action = example.get("issue"), example.get("action")
    if event not in RULES:
        return Irrelevant
    assert isinstance(issue, dict)
    if issue.get("pull_request"):
        return Irrelevant
    if event == "issues" and action == "edited":
        changes = example.get("changes")
        assert isinstance(changes, dict)
        return Edited if {"title", "body"} & changes.keys() else Irrelevant
    return RULES[event][str(action)]


def deliver(event: str, example: dict[str, JsonValue]) -> Arrival:
    door, body = GitHubDoor(), as_json(example)
    sent = headers(event, body)
    door.verify(sent, body, [SECRET])
    return door.parse(sent, body, INSTALL)


def test_each_example_lands_where_the_rules_say() -> None:
    examples = published()
    assert {event: len(examples[event]) for event in KNOWN} == KNOWN
    outcomes: set[type] = set()
    for event in KNOWN:
        for example in examples[event]:
            arrival = deliver(event, example)
            assert type(arrival.event) is demanded(event, example), (event, example.get("action"))
            outcomes.add(type(arrival.event))
    # No published example edits a title or a body; the mapping of that is tested with our own payloads.
    assert outcomes == {Opened, Gone, FieldSet, Irrelevant}


def test_references_point_at_what_the_example_speaks_of() -> None:
    for event in RULES:
        for example in published()[event]:
            arrival = deliver(event, example)
            repository, issue = example["repository"], example["issue"]
            assert isinstance(repository, dict)
            assert isinstance(issue, dict)
            assert arrival.project == repository["full_name"]
            if not isinstance(arrival.event, Irrelevant):
                assert arrival.event.ref.short == f"{repository['full_name']}#{issue['number']}"


def test_no_example_of_any_event_or_release_raises() -> None:
    seen = 0
    for release in releases():
        for event, examples in published(release).items():
            for example in examples:
                arrival = deliver(event, example)
                assert event in RULES or isinstance(arrival.event, Irrelevant)
                seen += 1
    assert seen > 700


def test_the_form_carries_the_same() -> None:
    for example in published()["issues"]:
        body = as_form(as_json(example))
        sent = headers("issues", body, "application/x-www-form-urlencoded")
        assert GitHubDoor().parse(sent, body, INSTALL) == deliver("issues", example)
