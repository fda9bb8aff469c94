"""Policies as data: the shipped ones load, a team's own replace them, and every mistake is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from policies.loader import FILES, SHIPPED, load
from policies.problems import PolicyError, Problem

OWNERS = """
owners:
  - {id: one, name: One, slack: U0ONDUTY, layers: [business_workflow, application_and_tools, retrieval_and_context]}
  - {id: two, name: Two, layers: [model_and_evaluation, operations_and_governance], components: [pgvector, src/search/]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "owners.yaml").write_text(OWNERS)
    return tmp_path


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        load(folder)
    found = caught.value.problems
    assert all(one.file and one.what and one.fix for one in found)
    assert all(str(one) in str(caught.value) for one in found)
    return found


def told(folder: Path) -> set[tuple[str, str]]:
    """(file, path) of every problem."""
    return {(one.file, one.path) for one in problems(folder)}


def test_the_shipped_policies_load() -> None:
    policies = load()
    assert [layer.id for layer in policies.layers] == [
        "business_workflow",
        "application_and_tools",
        "retrieval_and_context",
        "model_and_evaluation",
        "operations_and_governance",
    ]
    assert {owner.id: owner.slack for owner in policies.owners} == {
        "on-duty": "U01ONDUTY",
        "ml-lead": "U02MLLEAD",
        "data-lead": "U03DATALEAD",
        "product-lead": "U04PRODLEAD",
        "ops-lead": "U05OPSLEAD",
    }
    assert all(owner.logins.github == owner.id for owner in policies.owners)
    assert policies.kind_labels.of("bug") == "kind: bug"
    assert all(layer.label.startswith("layer: ") for layer in policies.layers)
    assert policies.example_owners


def test_a_folder_replaces_file_by_file(folder: Path) -> None:
    (folder / "labels.yaml").write_text('kinds: {bug: "B", feature: "F", question: "Q", task: "T"}')
    own = load(folder)
    assert [owner.id for owner in own.owners] == ["one", "two"]
    assert own.kind_labels.task == "T"
    assert own.layers == load().layers
    assert not own.example_owners


def test_a_copy_of_the_shipped_files_is_a_valid_folder(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text((SHIPPED / name).read_text())
    assert load(tmp_path).version == load().version


def test_the_version_follows_the_meaning_not_the_spelling(folder: Path) -> None:
    first = load(folder).version
    (folder / "owners.yaml").write_text("# a comment\n" + yaml.safe_dump(yaml.safe_load(OWNERS), sort_keys=True))
    assert load(folder).version == first
    (folder / "owners.yaml").write_text(OWNERS.replace("U0ONDUTY", "U0ONDUTZ"))
    assert load(folder).version != first
    (folder / "owners.yaml").write_text(OWNERS)
    (folder / "approval.yaml").write_text((SHIPPED / "approval.yaml").read_text().replace("72", "71"))
    assert load(folder).version != first


def test_a_folder_without_owners_is_refused(tmp_path: Path) -> None:
    assert ("owners.yaml", "") in told(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path / "nowhere")
    assert "not a folder" in found[0].what


def test_a_file_with_a_strange_name_is_refused(folder: Path) -> None:
    (folder / "owner.yaml").write_text(OWNERS)
    assert ("owner.yaml", "") in told(folder)


OWNER_MISTAKES = {
    "unknown key": ("{id: a, name: A, layers: [business_workflow], colour: red}", "owners[2].colour"),
    "bad id": ("{id: Data Lead, name: A, layers: [business_workflow]}", "owners[2].id"),
    "no id": ("{name: A, layers: [business_workflow]}", "owners[2].id"),
    "duplicate id": ("{id: one, name: A, layers: [business_workflow]}", "owners[2].id"),
    "duplicate name": ("{id: a, name: one, layers: [business_workflow]}", "owners[2].name"),
    "duplicate person": ("{id: a, name: A, slack: U0ONDUTY, layers: [business_workflow]}", "owners[2].slack"),
    "bad slack id": ("{id: a, name: A, slack: data-lead, layers: [business_workflow]}", "owners[2].slack"),
    "channel as person": ("{id: a, name: A, slack: C0CHANNEL, layers: [business_workflow]}", "owners[2].slack"),
    "bad channel": ("{id: a, name: A, channel: '#data', layers: [business_workflow]}", "owners[2].channel"),
    "bad login": (
        "{id: a, name: A, logins: {github: '@data'}, layers: [business_workflow]}",
        "owners[2].logins.github",
    ),
    "unknown tracker": (
        "{id: a, name: A, logins: {githob: data}, layers: [business_workflow]}",
        "owners[2].logins.githob",
    ),
    "owns nothing": ("{id: a, name: A}", "owners[2]"),
    "unknown layer": ("{id: a, name: A, layers: [busines_workflow]}", "owners[2].layers[0]"),
    "same layer twice": ("{id: a, name: A, layers: [business_workflow, business_workflow]}", "owners[2].layers"),
    "another's component": ("{id: a, name: A, components: [x, PgVector]}", "owners[2].components[1]"),
    "same component twice": ("{id: a, name: A, components: [x, X]}", "owners[2].components"),
    "wildcard": ("{id: a, name: A, components: ['src/*.py']}", "owners[2].components[0]"),
    "absence ends before it starts": (
        "{id: a, name: A, components: [x], absences: [{from: 2030-02-02, to: 2030-02-01}]}",
        "owners[2].absences[0]",
    ),
    "no such day": (
        "{id: a, name: A, components: [x], absences: [{from: 2030-02-30, to: 2030-03-01}]}",
        "owners[2].absences[0].from",
    ),
    "overlapping absences": (
        (
            "{id: a, name: A, components: [x],"
            " absences: [{from: 2030-02-01, to: 2030-02-05}, {from: 2030-02-05, to: 2030-02-09}]}"
        ),
        "owners[2].absences",
    ),
    "not a mapping": ("just-a-name", "owners[2]"),
}


@pytest.mark.parametrize(("entry", "path"), OWNER_MISTAKES.values(), ids=OWNER_MISTAKES)
def test_each_mistake_is_told_with_its_place(folder: Path, entry: str, path: str) -> None:
    (folder / "owners.yaml").write_text(f"{OWNERS}  - {entry}\n")
    assert told(folder) == {("owners.yaml", path)}


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    entries = [entry for entry, _ in OWNER_MISTAKES.values()]
    (folder / "owners.yaml").write_text(OWNERS + "".join(f"  - {entry}\n" for entry in entries))
    (folder / "approval.yaml").write_text("who: everybody\nexpires_after_hours: 0\nreporter_may_approve: true\n")
    (folder / "labels.yaml").write_text('kinds: {bug: "a,b", feature: "f", question: "q"}')
    (folder / "extra.yml").write_text("")
    found = told(folder)
    for index, (_, path) in enumerate(OWNER_MISTAKES.values()):
        assert ("owners.yaml", path.replace("owners[2]", f"owners[{index + 2}]")) in found, path
    assert {
        ("approval.yaml", "who"),
        ("approval.yaml", "expires_after_hours"),
        ("approval.yaml", "apply_within_minutes"),
        ("labels.yaml", "kinds.bug"),
        ("labels.yaml", "kinds.task"),
        ("extra.yml", ""),
    } <= found


def test_a_mistake_beside_another_in_one_entry_is_told_too(folder: Path) -> None:
    entry = "{id: one, name: A, slack: nobody, layers: [nowhere], colour: red}"
    (folder / "owners.yaml").write_text(f"{OWNERS}  - {entry}\n")
    paths = {path for _, path in told(folder)}
    assert paths == {"owners[2].id", "owners[2].slack", "owners[2].layers[0]", "owners[2].colour"}


def test_a_layer_that_nobody_owns_is_told(folder: Path) -> None:
    (folder / "owners.yaml").write_text(OWNERS.replace("business_workflow, ", ""))
    (found,) = problems(folder)
    assert "business_workflow" in found.what


LAYER = '  - {{id: {id}, title: T, label: "{label}", definition: d, review_questions: [q]}}\n'


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (("a", "layer: a"), ("a", "layer: b"), "layers[1].id"),
        (("a", "layer: a"), ("b", "Layer: A"), "layers[1].label"),
        (("a", "layer: a"), ("b", "kind: bug"), "kinds.bug"),
        (("a", "layer: a"), ("b", "x" * 51), "layers[1].label"),
        (("a", "layer: a"), ("B", "layer: b"), "layers[1].id"),
    ],
)
def test_layers_are_told_apart(folder: Path, first: tuple[str, str], second: tuple[str, str], path: str) -> None:
    lines = [LAYER.format(id=name, label=label) for name, label in (first, second)]
    (folder / "layers.yaml").write_text("layers:\n" + "".join(lines))
    assert path in {place for _, place in told(folder)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("owners: [", "valid YAML"),
        ("owners: []", "list with entries"),
        ("- a", "list with entries"),
        ("", "list with entries"),
        (OWNERS + "owners: []", "appears twice"),
        ("owners: &a\n  - {id: a, name: A, components: [x]}\n  - *a", "aliases"),
        ("owners: !!python/object/apply:os.system [ls]", "valid YAML"),
        (OWNERS + "more: 1", "unknown key"),
        ("[" * 5000, "nested too deeply"),
        ("x" * 600_000, "larger than"),
    ],
)
def test_what_is_no_policy_file_is_told(folder: Path, text: str, said: str) -> None:
    (folder / "owners.yaml").write_text(text)
    assert any(said in one.what for one in problems(folder))


def test_bytes_that_are_no_text_are_told(folder: Path) -> None:
    (folder / "owners.yaml").write_bytes(b"\xff\xfe\x00")
    assert any("UTF-8" in one.what for one in problems(folder))


APPROVAL = "reporter_may_approve: true\nexpires_after_hours: 1\napply_within_minutes: 1\nwho: "


@pytest.mark.parametrize("who", ["members", "directory", "[U0ONDUTY, U0OPSLEAD]"])
def test_who_may_approve(folder: Path, who: str) -> None:
    (folder / "approval.yaml").write_text(APPROVAL + who)
    assert load(folder).approval.who == (who if "[" not in who else ("U0ONDUTY", "U0OPSLEAD"))


@pytest.mark.parametrize(
    ("who", "path"),
    [("everyone", "who"), ("[]", "who"), ("[on-duty]", "who[0]"), ("[U0ONDUTY, U0ONDUTY]", "who"), ("3", "who")],
)
def test_who_may_not_be_anything_else(folder: Path, who: str, path: str) -> None:
    (folder / "approval.yaml").write_text(APPROVAL + who)
    assert ("approval.yaml", path) in told(folder)


def test_a_directory_without_people_cannot_approve(folder: Path) -> None:
    (folder / "owners.yaml").write_text(OWNERS.replace("slack: U0ONDUTY, ", ""))
    (folder / "approval.yaml").write_text(f"{APPROVAL}directory")
    assert ("approval.yaml", "who") in told(folder)


def test_values_are_frozen() -> None:
    policies = load()
    with pytest.raises(ValueError, match="frozen"):
        policies.approval.reporter_may_approve = False  # type: ignore[misc]  # that is the point
