"""What approvers decide teaches the very next ticket, with provenance, and nobody and nothing else does."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from bot.record.lessons import Judged, Told
from bot.record.tables import lessons, steps
from bot.service import precedents as module
from bot.service.forgetting import Forgetting, Whom
from bot.service.looking_back import counted_of, looked_back
from bot.service.precedents import RecordPrecedents, forget_lessons
from bot.service.seen import open_neighbours
from bot.service.triaging import close_undecided
from graphs.learning.engine import LocalEngine
from graphs.learning.online import Decided, Memory
from graphs.model import (
    Edited,
    Expired,
    InstallId,
    LayerId,
    Millis,
    Precedent,
    Proposal,
    Rejected,
    Similar,
    Ticket,
    TicketRef,
    TriageId,
    TriageState,
)
from graphs.ports import Dossier
from tests.builders import ML_LEAD, MODEL, NOW, ON_DUTY, RETRIEVAL, a_clean_ticket, a_ref, a_ticket, an_actor
from tests.builders import an_analysis as an_answer
from tests.service.house import TAXONOMY, House
from tests.service.test_verdicts import audited, click, form, taken

OPS = LayerId("operations_and_governance")
SEEN = a_ref(1)
TEXT = ("Uploaded handbook is never found by search", "The handbook was uploaded yesterday and search finds nothing.")
LIKE = ("The uploaded handbook cannot be found by our search", "Search finds nothing of the handbook from yesterday.")


@pytest.fixture
def house(house: House) -> House:
    for user in (ON_DUTY, ML_LEAD):
        house.desk.directory[user] = an_actor(user)
    return house


def ticket(number: int = 1, text: tuple[str, str] = TEXT, *, private: bool = False, **where: str) -> Ticket:
    ref = a_ref(number, **where)
    return a_ticket(ref, title=text[0], body=text[1], private=private)


async def decided(house: House, what: Ticket | None = None, *, triage: str = "a", **chosen: str) -> Proposal:
    """A proposal that a person edited to another layer."""
    proposal = await house.propose(what or ticket(), triage * 32, rather=(MODEL,))
    assert await taken(house, form(proposal, **{"layer": OPS, **chosen})) == ""
    return proposal


async def lesson(house: House, ref: TicketRef = SEEN) -> Told | None:
    async with house.record.read() as tx:
        return await tx.lessons.of(ref.key)


async def asked(house: House, what: Ticket | None = None) -> list[Decided]:
    return list(await RecordPrecedents(house.record).decided(a_clean_ticket(what or ticket(99, LIKE))))


async def rows(house: House) -> int:
    async with house.record.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(lessons))).scalar_one())


# --- what teaches ---------------------------------------------------------------------------------------------------


async def test_an_edit_teaches_what_was_chosen_and_says_who_when_and_against_what(house: House) -> None:
    proposal = await decided(house)
    told = await lesson(house)
    assert told is not None
    assert isinstance(told.decision, Edited)
    assert (told.lesson.ticket, told.lesson.proposal, told.lesson.by) == (SEEN.key, proposal.id, ON_DUTY)
    assert (told.lesson.said, told.lesson.layer, told.lesson.was_right) == (RETRIEVAL, OPS, False)
    assert (told.lesson.engine, told.lesson.share) == ("local-lexical-1", 80)
    assert told.chosen is not None
    assert (told.chosen.kind, told.chosen.owner and told.chosen.owner.owner) == ("task", "ops-lead")
    async with house.record.read() as tx:
        entries = {one.seq: one for one in await tx.audit.numbered(SEEN.key)}
        assert told.decided_at > NOW
    assert entries[told.lesson.seq].entry.action == "edited"


async def test_approving_one_press_and_a_rejection_that_names_the_layer_teach_too(house: House) -> None:
    first = await house.propose(ticket(1), "a" * 32)
    await taken(house, click(first))
    second = await house.propose(ticket(2), "b" * 32, rather=(MODEL,))
    await taken(house, click(second, action="instead_1"))
    third = await house.propose(ticket(3), "c" * 32)
    await taken(house, form(third, "reject_form", reason="wrong_layer", layer=OPS))
    found = {one.key.rpartition("#")[2]: one.layer for one in await asked(house)}
    assert found == {"1": RETRIEVAL, "2": MODEL, "3": OPS}
    told = await lesson(house, a_ref(3))
    assert told is not None
    assert isinstance(told.decision, Rejected)
    assert told.decision.layer == OPS


@pytest.mark.parametrize(
    ("reason", "layer", "right"),
    [
        ("wrong_layer", "no_such_layer", False),
        ("wrong_layer", RETRIEVAL, False),
        ("wrong_owner", OPS, None),
        ("duplicate", OPS, None),
    ],
)
async def test_other_rejections_teach_nothing_and_count_only_where_they_speak_of_the_layer(
    house: House, reason: str, layer: str, *, right: bool | None
) -> None:
    proposal = await house.propose(ticket())
    await taken(house, form(proposal, "reject_form", reason=reason, layer=layer))
    told = await lesson(house)
    assert told is not None
    assert (told.lesson.layer, told.lesson.was_right) == (None, right)
    assert await asked(house) == []


async def test_whoever_the_gate_refuses_teaches_nothing(house: House) -> None:
    house.desk.directory[ML_LEAD] = an_actor(ML_LEAD, is_guest=True)
    proposal = await house.propose(ticket())
    assert "guests cannot decide" in await taken(house, click(proposal, user=ML_LEAD))
    await taken(house, form(proposal, layer=OPS, user=ML_LEAD))
    assert await rows(house) == 0
    await taken(house, click(proposal))
    assert "decided" in await taken(house, click(proposal, action="instead_1"))
    await taken(house, form(proposal, layer=OPS))
    assert [one.layer for one in await asked(house)] == [RETRIEVAL], "the second decision did not count"


async def test_a_proposal_that_nobody_decided_teaches_nothing(house: House) -> None:
    proposal = await house.propose(ticket())
    async with house.record.begin() as tx:
        assert await close_undecided(tx, proposal, Expired(at=NOW))
    assert await rows(house) == 0


# --- the very next ticket -------------------------------------------------------------------------------------------


async def test_a_correction_helps_the_very_next_ticket_and_names_what_moved_it(house: House) -> None:
    engine = LocalEngine(precedents=RecordPrecedents(house.record))
    dossier = Dossier(ticket=a_clean_ticket(ticket(99, LIKE)), layers=TAXONOMY.layers)
    before = await engine.analyse(dossier)
    assert (before.layer, before.precedents) == (RETRIEVAL, ())
    await decided(house)
    after = await engine.analyse(dossier)
    assert after.layer == OPS
    assert [(one.ref, one.layer) for one in after.precedents] == [(SEEN, OPS)]
    async with house.record.begin() as tx:
        assert await forget_lessons(tx, SEEN.key, "it was a mistake") == 1
    assert await engine.analyse(dossier) == before


async def test_projects_and_installs_never_teach_each_other(house: House) -> None:
    await decided(house)
    for project, install in (("acme/other", "main"), ("acme/assistant", "second"), ("acme/assistant2", "main")):
        assert await asked(house, ticket(99, LIKE, project=project, install=install)) == []
    assert len(await asked(house, ticket(99, LIKE, project="Acme/Assistant"))) == 1


async def test_a_private_ticket_teaches_private_ones_only(house: House) -> None:
    await decided(house, ticket(1, private=True))
    assert await asked(house, ticket(99, LIKE)) == []
    assert len(await asked(house, ticket(99, LIKE, private=True))) == 1


async def test_the_newest_decision_of_a_ticket_is_the_one_that_teaches(house: House) -> None:
    held = RecordPrecedents(house.record)
    about = a_clean_ticket(ticket(99, LIKE))
    await decided(house)
    assert [one.layer for one in await held.decided(about)] == [OPS]
    await _applied(house)
    await decided(house, triage="b", layer=MODEL)
    assert [one.layer for one in await held.decided(about)] == [MODEL]
    await _applied(house)
    last = await house.propose(ticket(), "c" * 32)
    await taken(house, form(last, "reject_form", reason="not_a_ticket"))
    assert list(await held.decided(about)) == []
    assert await asked(house) == []


async def _applied(house: House) -> None:
    """As if the executor were through: the ticket may be triaged again."""
    async with house.record.begin() as tx:
        live = await tx.triages.live(SEEN.key)
        assert live is not None
        found = await tx.triages.get(live)
        await tx.triages.move(live, found.state, TriageState.CLOSED)


async def test_one_author_is_capped_also_through_the_record(house: House) -> None:
    for number in range(1, 15):
        await decided(house, ticket(number), triage=f"{number:x}")
    for number in range(15, 17):
        proposal = await house.propose(ticket(number), f"{number:032x}")
        await taken(house, click(proposal, user=ML_LEAD))
    engine = LocalEngine()
    made = engine.lessons(await asked(house))
    memory = Memory.of(made, 5)
    gaps = {one.key: abs(gap).sum() for one, gap in zip(made, memory.gaps, strict=True)}
    whole = {one.key: abs(Memory.of([one], 5).gaps).sum() for one in made}
    weight = {key: gaps[key] / whole[key] for key in gaps}
    assert weight[a_ref(1).key] == pytest.approx(10 / 14)
    assert weight[a_ref(15).key] == pytest.approx(1)


async def test_no_more_than_the_newest_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    monkeypatch.setattr(module, "PAGE", 2)
    for number in (1, 2, 3):
        await decided(house, ticket(number), triage=str(number))
    assert [one.ticket.ref.number for one in await asked(house)] == ["3", "2"]
    held = RecordPrecedents(house.record)
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    await held.decided(a_clean_ticket(ticket(99, LIKE)))
    await held.decided(a_clean_ticket(ticket(99, LIKE, project="acme/other")))
    await decided(house, ticket(1, project="acme/other"), triage="4")
    await held.decided(a_clean_ticket(ticket(99, LIKE, project="acme/other")))
    assert list(held._places) == ["github:main:acme/other"]


# --- forgetting -----------------------------------------------------------------------------------------------------


async def test_forgetting_is_audited_once_and_takes_it_out_of_the_count(house: House) -> None:
    proposal = await decided(house)
    async with house.record.begin() as tx:
        assert await forget_lessons(tx, SEEN.key, "a mistake") == 1
        assert await forget_lessons(tx, SEEN.key, "a mistake") == 0
    async with house.record.read() as tx:
        entries = [one for one in await tx.audit.entries(SEEN.key) if one.action == "lessons_forgotten"]
        assert [(one.actor, one.facts["lessons"], one.facts["why"]) for one in entries] == [
            ("operator", "1", "a mistake")
        ]
        assert await tx.audit.verify()
        like = proposal.model_copy(update={"id": "another", "replaces": None})
        assert await tx.lessons.like(like, 10) == []
    assert ("human:" + ON_DUTY, "edited") in await audited(house, proposal)


async def test_what_a_reporter_had_erased_teaches_nobody_from_that_moment_on(house: House) -> None:
    held, about = RecordPrecedents(house.record), a_clean_ticket(ticket(99, LIKE))
    await decided(house)
    assert len(await held.decided(about)) == 1
    await _applied(house)
    forgotten = await Forgetting(house.record, b"k" * 32).forget(
        Whom(install=InstallId("main"), account="customer-one"), "a letter"
    )
    assert forgotten.tickets == 1
    assert list(await held.decided(about)) == []
    assert await asked(house) == []


async def test_what_retention_took_teaches_nobody_after_a_start_or_an_hour(house: House) -> None:
    now = [0.0]
    held, about = RecordPrecedents(house.record, lambda: now[0]), a_clean_ticket(ticket(99, LIKE))
    await decided(house)
    assert len(await held.decided(about)) == 1
    async with house.record.engine.begin() as connection:
        await connection.execute(delete(steps))
    assert await asked(house) == []
    now[0] += module.RELOAD_S
    assert list(await held.decided(about)) == []


# --- the count and what else the card tells of the past ---------------------------------------------------------------


def test_a_count_needs_some_and_prefers_those_that_were_about_as_sure() -> None:
    sure, unsure = Judged(was_right=True, share=90), Judged(was_right=False, share=30)
    assert counted_of([sure] * 4, 90) is None
    few = counted_of([sure, unsure, sure, unsure, sure], 90)
    assert few is not None
    assert (few.right, few.of, few.alike) == (3, 5, False)
    many = counted_of([unsure] * 30 + [sure] * 20, 95)
    assert many is not None
    assert (many.right, many.of, many.alike) == (20, 20, True)
    last = counted_of([sure] * 3 + [Judged(was_right=False, share=85)] * 90, 95)
    assert last is not None
    assert (last.right, last.of) == (3, 50)


async def test_the_card_counts_what_people_decided_about_guesses_like_it(house: House) -> None:
    for number in range(1, 6):
        proposal = await house.propose(ticket(number), f"{number:032x}")
        await taken(house, click(proposal) if number > 1 else form(proposal, layer=OPS))
    waiting = await house.propose(ticket(50), "e" * 32)
    elsewhere = await house.propose(ticket(51, project="acme/other"), "f" * 32)
    async with house.record.read() as tx:
        view, other = await house.cards.view(tx, waiting.triage), await house.cards.view(tx, elsewhere.triage)
        own = await house.cards.view(tx, proposal.triage)
    assert view is not None
    assert view.record is not None
    assert (view.record.right, view.record.of) == (4, 5)
    assert other is not None
    assert own is not None
    assert (other.record, own.record) == (None, None), "of another project; four without its own decision"


async def test_similar_tickets_are_shown_with_what_became_of_them_as_it_is_now(house: House) -> None:
    await house.propose(ticket(1), "a" * 32)
    waiting = await house.propose(ticket(2), "b" * 32)
    found = Similar(ref=SEEN, url="http://127.0.0.1/1", score=0.7)
    answer = an_answer().model_copy(update={"precedents": (Precedent(ref=SEEN, layer=OPS, likeness=0.8),)})

    async def look(*, private: bool = False) -> tuple[object, ...]:
        async with house.record.read() as tx:
            back = await looked_back(tx, waiting, answer, (found,), private=private)
        [precedent] = back.precedents
        seen = [(one.title, one.layer, one.decision and one.decision.status) for one in back.similar]
        return (*seen, precedent.by)

    assert await look() == ((TEXT[0], RETRIEVAL, None), None)
    async with house.record.read() as tx:
        first = await tx.proposals.latest(TriageId("a" * 32))
    assert first is not None
    await taken(house, form(first, layer=OPS))
    assert await look() == ((TEXT[0], OPS, "approved"), ON_DUTY)
    await _applied(house)
    await Forgetting(house.record, b"k" * 32).forget(Whom(install=InstallId("main"), ticket=SEEN.key), "a letter")
    assert await look() == (("", OPS, "approved"), None)


async def test_a_private_ticket_is_never_named_on_a_public_ones_card(house: House) -> None:
    await house.propose(ticket(1, private=True), "a" * 32)
    waiting = await house.propose(ticket(2), "b" * 32)
    found = Similar(ref=SEEN, url="http://127.0.0.1/1", score=0.7)
    async with house.record.read() as tx:
        public = await looked_back(tx, waiting, an_answer(), (found,), private=False)
        private = await looked_back(tx, waiting, an_answer(), (found,), private=True)
        gone = await looked_back(tx, waiting, an_answer(), (found.model_copy(update={"ref": a_ref(77)}),), private=True)
    assert (public.similar, gone.similar) == ((), ())
    assert len(private.similar) == 1


# --- similar tickets, from the record ---------------------------------------------------------------------------------


async def similar(house: House, failures: list[Exception], *, again: bool = True) -> list[str]:
    """Numbers of the tickets that are found for one like `TEXT`, before and after another look."""
    async with open_neighbours(house.record) as recent:
        recent._report = failures.append
        found = await recent.find(a_clean_ticket(ticket(99)), Millis(NOW + 1))
        if again:
            await _applied(house)
            await Forgetting(house.record, b"k" * 32).forget(
                Whom(install=InstallId("main"), ticket=SEEN.key), "a letter"
            )
            found += await recent.find(a_clean_ticket(ticket(99)), Millis(NOW + 1))
    return [one.ref.number for one in found]


async def test_a_ticket_is_found_in_the_record_until_it_is_erased(house: House) -> None:
    failures: list[Exception] = []
    await house.propose(ticket(1), "a" * 32)
    assert await similar(house, failures) == ["1"]
    assert await similar(house, failures, again=False) == []
    assert failures == []


async def test_an_answer_of_another_version_is_passed_over(house: House) -> None:
    failures: list[Exception] = []
    await house.propose(ticket(1), "a" * 32)
    async with house.record.engine.begin() as connection:
        await connection.execute(update(steps).where(steps.c.name == "screen").values(answer="{}"))
    assert await similar(house, failures, again=False) == []
    assert await asked(house) == []
    assert failures == []
