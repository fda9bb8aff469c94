"""Each tool as a model meets it: what it tells, to whom, how much, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import JsonValue

from graphs.acts import READS
from graphs.archive.notes import Notes
from graphs.archive.past import LOOK_MS, Library
from graphs.errors import Denied
from graphs.model import CleanTicket, InstallId, Millis, OwnerId
from graphs.owners import Owners
from graphs.tools.offered import ANSWER_CHARS, BadQuestion, Case, Told
from graphs.tools.registry import MOST
from graphs.tools.toolbox import Scene
from policies.loader import load
from policies.shapes import CodeRule
from tests.agent.doubles import (
    CANARY,
    DAY,
    ELSEWHERE,
    PAST,
    Bench,
    Comments,
    Shelf,
    a_bench,
    notes,
    said,
    settled,
    verdict,
)
from tests.builders import NOW, a_clean_ticket, a_ref, a_ticket
from tests.graphs.doubles import TAXONOMY, TRIAGE

PUBLIC = a_clean_ticket()
PRIVATE = a_clean_ticket(a_ticket(private=True))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return a_bench(said(verdict()), folder=tmp_path)


async def used(bench: Bench, tool: str, given: JsonValue, ticket: CleanTicket = PUBLIC) -> Told:
    offer = next(one for one in bench.kit.offers if one.name == tool)
    scene = Scene(TRIAGE, ticket.ref, private=ticket.private, saw_untrusted=True)
    return await offer.answer(given, bench.kit.toolbox, scene, Case(ticket, tuple(TAXONOMY.layers), NOW))


USED: dict[str, JsonValue] = {
    "read_comments": {},
    "search_past_tickets": {"words": "deleted pages"},
    "read_past_ticket": {"name": "acme/assistant#1"},
    "look_up_owners": {"layer": "retrieval_and_context"},
    "owner_history": {"owner": "data-lead"},
    "code_owners": {"paths": ["src/retrieval/index.py", "the reranker"]},
    "search_notes": {"words": "deleted pages"},
    "list_labels": {},
}


def test_there_are_at_most_eight_and_each_is_a_reading_action(bench: Bench) -> None:
    assert {one.name for one in bench.kit.offers} == set(USED)
    assert len(USED) <= MOST
    assert {one.action for one in bench.kit.offers} <= READS


@pytest.mark.parametrize("tool", USED)
async def test_a_tool_tells_something_and_not_too_much(bench: Bench, tool: str) -> None:
    told = await used(bench, tool, USED[tool])
    assert 5 < len(told.text) <= ANSWER_CHARS
    assert [action for action, _ in bench.gate.asked] == [tool]


@pytest.mark.parametrize("tool", USED)
@pytest.mark.parametrize(
    "given", [None, [], "x", 7, {"more": 1}, {"words": ["a"]}, {"name": 7}, {"paths": "x"}, {"paths": []}]
)
async def test_arguments_that_do_not_fit_are_refused_unread(bench: Bench, tool: str, given: JsonValue) -> None:
    with pytest.raises(BadQuestion) as caught:
        await used(bench, tool, given)
    assert "more" not in str(caught.value)
    assert bench.gate.asked == []


@pytest.mark.parametrize("tool", USED)
async def test_the_right_arguments_with_one_too_many_are_refused(bench: Bench, tool: str) -> None:
    given = USED[tool]
    assert isinstance(given, dict)
    with pytest.raises(BadQuestion):
        await used(bench, tool, {**given, "private": True})


@pytest.mark.parametrize("tool", USED)
async def test_a_refusal_of_the_gate_stops_a_tool(bench: Bench, tool: str) -> None:
    bench.paused[0] = True
    with pytest.raises(Denied):
        await used(bench, tool, USED[tool])
    assert bench.ledger.policies == [(tool, ("agent-stops-when-paused",))]


@pytest.mark.parametrize("tool", USED)
def test_every_schema_says_what_it_wants_and_nothing_else(bench: Bench, tool: str) -> None:
    offer = next(one for one in bench.kit.offers if one.name == tool)
    shape = offer.shape()
    assert shape["type"] == "object"
    assert shape["additionalProperties"] is False
    assert offer.purpose.endswith(".")
    assert len(str(shape)) < 600


# --- what each one tells ------------------------------------------------------------------------------------------


async def test_comments_are_the_newest_with_the_end_of_the_text() -> None:
    bench = a_bench(said(verdict()), comments=Comments(*[f"comment number {at} " + "x" * 900 for at in range(30)]))
    told = (await used(bench, "read_comments", {}, a_clean_ticket(a_ticket(body="a" * 9_000 + "THE END")))).text
    assert "THE END" in told
    assert "30 comments" in told
    assert "comment number 29" in told
    assert "comment number 3 " not in told


async def test_past_tickets_are_found_with_their_outcome_and_only_those_that_may_be_seen(bench: Bench) -> None:
    told = await used(bench, "search_past_tickets", {"words": "deleted pages quoted"})
    assert "layer retrieval_and_context, bug, owner data-lead" in told.text
    assert set(told.cites) == {"acme/assistant#1", "acme/assistant#2", "acme/other#5"}
    at_home = await used(bench, "search_past_tickets", {"words": "deleted pages quoted"}, PRIVATE)
    assert "acme/assistant#3" in at_home.cites
    assert CANARY in at_home.text
    assert ELSEWHERE not in at_home.text + told.text


async def test_one_past_ticket_is_read_by_its_name(bench: Bench) -> None:
    told = await used(bench, "read_past_ticket", {"name": "acme/other#5"})
    assert "the answers cite documents" in told.text
    assert told.cites == {"acme/other#5": "acme/other#5 (retrieval_and_context, 2025-12-27)"}


@pytest.mark.parametrize("name", ["acme/secrets#4", "ACME/Secrets#4", "acme/unknown#1", "../secrets#4"])
@pytest.mark.parametrize("ticket", [PUBLIC, PRIVATE])
async def test_another_private_project_is_refused_by_policy(bench: Bench, name: str, ticket: CleanTicket) -> None:
    with pytest.raises(Denied):
        await used(bench, "read_past_ticket", {"name": name}, ticket)
    ((action, policies),) = bench.ledger.policies
    assert action == "read_past_ticket"
    assert "agent-steered-reads-no-other-private-one" in policies


async def test_a_private_ticket_of_ones_own_project_is_not_told_to_a_public_one(bench: Bench) -> None:
    assert (await used(bench, "read_past_ticket", {"name": "acme/assistant#3"})).text == "no past ticket of that name"
    assert CANARY in (await used(bench, "read_past_ticket", {"name": "acme/assistant#3"}, PRIVATE)).text


@pytest.mark.parametrize("name", ["#4", "acme/assistant", "acme/assistant#3\n", "a" * 239 + "#1", 'x"#1'])
async def test_what_is_no_name_is_no_name(bench: Bench, name: str) -> None:
    with pytest.raises(BadQuestion):
        await used(bench, "read_past_ticket", {"name": name})


async def test_an_owners_week_is_counted() -> None:
    past = [settled(at) for at in (1, 2, 20, 200)]
    told = (await used(a_bench(said(verdict()), past=past), "owner_history", {"owner": "data-lead"})).text
    assert "not away" in told
    assert "tickets in 7 days: 2; in 90 days: 3 (retrieval_and_context 3)" in told
    assert (await used(a_bench(said(verdict())), "owner_history", {"owner": "nobody"})).text == "no owner of that id"


async def test_a_private_name_is_not_among_an_owners_newest(bench: Bench) -> None:
    assert "acme/assistant#3" not in (await used(bench, "owner_history", {"owner": "data-lead"})).text
    assert "acme/assistant#3" in (await used(bench, "owner_history", {"owner": "data-lead"}, PRIVATE)).text


async def test_paths_and_components_have_owners() -> None:
    rule = CodeRule(line=7, pattern="/src/ui/", names=("@ops-lead", "@stranger"))
    owners = Owners(load().model_copy(update={"code_owners": (rule,)}))
    assert [(one.owner.id, one.line) for one in owners.of_path("src/ui/card.ts")] == [
        ("ops-lead", "ops-lead owns it (CODEOWNERS, line 7)")
    ]
    assert [one.owner.id for one in owners.of_path("src/retrieval/index.py")] == ["data-lead"]
    assert [one.owner.id for one in owners.of_path("reranker")] == ["data-lead"]
    assert owners.of_path("README.md") == []


async def test_labels_are_the_policies_own(bench: Bench) -> None:
    told = (await used(bench, "list_labels", {})).text
    assert set(told.splitlines()) == TAXONOMY.labels


# --- notes --------------------------------------------------------------------------------------------------------


async def test_notes_have_an_age_and_private_ones_stay_private(bench: Bench) -> None:
    told = await used(bench, "search_notes", {"words": "deleted pages index"})
    assert "public.md: Index runs (dated 2025-05-01, 245 days old, STALE)" in told.text
    assert set(told.cites) == {"public.md: Index runs"}
    assert CANARY not in told.text
    assert CANARY in (await used(bench, "search_notes", {"words": "deleted pages index"}, PRIVATE)).text
    assert (await used(bench, "search_notes", {"words": "zebra"})).text == "none found"


async def test_notes_are_read_anew_when_they_change(tmp_path: Path) -> None:
    found = notes(tmp_path)
    assert await found.search("giraffe", private=True, most=3) == []
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "new.md").write_text("# Giraffe\nLong neck.")
    assert [one.name for one in await found.search("giraffe", private=True, most=3)] == ["more/new.md: Giraffe"]


async def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.md").write_text("# Giraffe")
    (tmp_path / "in" / "link.md").symlink_to(tmp_path / "out.md")
    (tmp_path / "in" / "broken.md").write_bytes(b"\xff\xfe giraffe")
    (tmp_path / "in" / "huge.md").write_text("giraffe " * 40_000)
    (tmp_path / "in" / "odd.md").write_text("---\ndate: [\n---\n# Zebra\n")
    found = Notes(tmp_path / "in")
    assert await found.search("giraffe", private=True, most=3) == []
    (zebra,) = await found.search("zebra", private=True, most=3)
    assert not zebra.public
    assert found.is_stale(zebra.model_copy(update={"dated": zebra.dated.replace(year=2020)}), NOW)
    os.utime(tmp_path / "in" / "odd.md", (1, 1))
    assert (await found.search("zebra", private=True, most=3))[0].dated.year == 1970


# --- the library --------------------------------------------------------------------------------------------------


async def test_what_the_record_has_forgotten_is_forgotten_here_too() -> None:
    shelf = Shelf(*PAST)
    library = Library(shelf)
    assert len(await library.search("deleted pages", PUBLIC, NOW, 9)) == 3
    shelf.tickets = [one for one in shelf.tickets if one.key != "p1:9"]
    assert len(await library.search("deleted pages", PUBLIC, NOW, 9)) == 3, "within the time of a look"
    later = Millis(NOW + LOOK_MS)
    found = [one.name for one, _ in await library.search("deleted pages", PUBLIC, later, 9)]
    assert found == ["acme/assistant#2", "acme/other#5"]
    assert await library.find(a_ref(1), later) is None


async def test_a_ticket_is_not_its_own_precedent_and_installations_do_not_mix() -> None:
    library = Library(Shelf(*PAST, settled(12), settled(7, ref=a_ref(7, install="other"))))
    names = {one.name for one, _ in await library.search("deleted pages", PUBLIC, NOW, 9)}
    assert "acme/assistant#12" not in names
    assert "acme/assistant#7" not in names
    assert [one.ref.number for one in await library.all(InstallId("other"), NOW)] == ["7"]


async def test_a_change_of_mind_counts() -> None:
    shelf = Shelf(settled(1))
    library = Library(shelf)
    await library.all(InstallId("main"), NOW)
    shelf.tickets = [settled(1, key="q1:9", owner=OwnerId("ops-lead"))]
    (one,) = await library.all(InstallId("main"), Millis(NOW + DAY))
    assert one.owner == "ops-lead"
