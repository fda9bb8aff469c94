"""A person who asked for it is in no column of no table any more, and everything that was decided still stands."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.checkpoints.guarded import Guarded
from bot.checkpoints.opening import open_checkpoints
from bot.record.eraser import ERASED, Eraser
from bot.record.inbox import Delivery, Outcome
from bot.record.record import Record
from bot.record.retention import Rules, sweep
from bot.record.tables import audit, jobs, proposals, steps, tickets, triages
from bot.service.cards import Cards
from bot.service.forgetting import Forgetting, Forgotten, Whom
from bot.settings import Settings
from bot.slack.blocks.card import card
from bot.slack.ids import CardKey
from bot.tasks import Asker, LookUpPerson, SweepTicket, TakeVerdict, TriageTicket
from graphs.answers import Screened
from graphs.model import Actor, Evidence, InstallId, OutboxState, Prepared, TriageId, TriageState
from graphs.proposing import digest_holds
from graphs.state import Step
from tests.builders import NOW, ON_DUTY, a_ref, a_ticket, an_analysis
from tests.graphs.doubles import TAXONOMY
from tests.record.person import (
    CANARIES,
    EDITED,
    LOGIN,
    TITLE,
    approve,
    dump,
    held,
    of_kim,
    propose,
    reject,
    story,
)
from tests.record.seeds import Mortal, rows, tamper, together, tuples
from tests.service.house import APPROVERS, ROUTES

KEY = b"k" * 32
KIM = Whom(install=InstallId("main"), account=LOGIN.lower())
WHY = "asked for by letter"
RULES = Rules(bodies_ms=-1, work_ms=-1, key=KEY, deliveries_ms=-1, settled_ms=-1, pause_s=0.0)


@pytest.fixture
async def saver(record_url: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    settings = Settings(_env_file=None, strata_directory=tmp_path, strata_record_url=record_url)
    async with open_checkpoints(settings) as opened:
        for left in await opened.threads():
            await opened.adelete_thread(left)
        yield opened


async def _forget(record: Record, whom: Whom = KIM) -> Forgotten:
    return await Forgetting(record, KEY).forget(whom, WHY)


async def test_a_forgotten_person_is_in_no_column_of_any_table(record: Record, saver: Guarded, tmp_path: Path) -> None:
    await story(record, saver)
    before = {table for table, _ in held(await dump(record))}
    seen = {name.rpartition(".")[2].strip('"') for name in before}
    everywhere = {"audit", "decisions", "effects", "inbox", "jobs", "outbox", "people", "proposals", "quarantine"}
    assert seen >= everywhere | {"steps", "triages"}, "the story must get the canaries everywhere"
    forgotten = await _forget(record)
    assert forgotten == Forgotten(tickets=4, withdrawn=1, entries=3, deliveries=3, busy=())
    assert held(await dump(record)) == []
    for file in tmp_path.iterdir():
        left = [one for one in CANARIES if one.casefold().encode() in file.read_bytes().lower()]
        assert left == [], f"{file.name} has it in a page that is free or in the log"
    async with record.read() as tx:
        assert await tx.audit.verify() == len(await tx.audit.entries())


async def test_what_was_decided_stands_and_counts(record: Record, saver: Guarded) -> None:
    edited, rejected, waiting = await story(record, saver)
    query = select(proposals.c.id, proposals.c.digest).order_by(proposals.c.id)
    before = await tuples(record, query)
    await _forget(record)
    assert await tuples(record, query) == before
    async with record.read() as tx:
        stored = await tx.proposals.get(edited.id)
        decided = [await tx.proposals.decision(one.id) for one in (edited, rejected, waiting)]
        written = await tx.outbox.of(edited.id)
        assert await tx.outbox.effects() == len(edited.operations)
        entries = await tx.audit.entries(edited.target.key)
    assert stored is not None
    assert [getattr(one, "label", one.op) for one in stored.operations] == [
        getattr(one, "label", one.op) for one in edited.operations
    ]
    assert (stored.layer, stored.kind, stored.owner, stored.versions) == (
        edited.layer,
        edited.kind,
        edited.owner,
        edited.versions,
    )
    assert not digest_holds(stored), "what was approved is gone: nobody can execute what is left"
    assert [one and one.status for one in decided] == ["approved", "rejected", "withdrawn"]
    assert [one.state for one in written] == [OutboxState.DONE] * len(edited.operations)
    assert [
        (one.actor, one.action, one.facts.get("proposal"), one.is_erased) for one in entries if "human" in one.actor
    ] == [("human:U1", "approved", edited.id, True)]
    states = await tuples(record, select(triages.c.state, func.count()).group_by(triages.c.state))
    assert sorted(states) == [("closed", 3), ("failed", 1)]


async def test_every_card_is_drawn_anew_without_the_words(record: Record, saver: Guarded) -> None:
    made = await story(record, saver)
    await _forget(record)
    refreshing = select(jobs.c.body).where(jobs.c.kind == "refresh_card", jobs.c.state == "ready")
    assert {json.loads(str(row.body))["triage"] for row in await rows(record, refreshing)} == {
        one.triage for one in made
    }
    for one in made:
        assert await _wrong_words(record, one.triage) == []


async def _wrong_words(record: Record, triage: TriageId) -> list[str]:
    """Canaries on a card that is to be drawn anew."""
    cards = Cards(record, None, CardKey(KEY), TAXONOMY, ROUTES, APPROVERS)  # type: ignore[arg-type]  # it only draws
    async with record.read() as tx:
        view = await cards.view(tx, triage)
        kept = await tx.cards.get(triage)
    assert view is not None
    assert kept is not None
    assert kept.shown == "", "so that the refresh is not skipped"
    drawn = repr(card(view)) + repr(view)
    assert ERASED in drawn
    return [canary for canary in CANARIES if canary.casefold() in drawn.casefold()]


async def test_forgetting_twice_or_at_once_changes_nothing_more(record: Record, rival: Record, saver: Guarded) -> None:
    await story(record, saver)
    await together(_forget(one) for one in (record, rival))
    before = await dump(record)
    assert await _forget(record) == Forgotten(tickets=0, withdrawn=0, entries=0, deliveries=0, busy=())
    assert await dump(record) == before
    assert held(before) == []


async def test_a_request_that_was_cut_off_anywhere_is_finished_by_the_next(record: Record, saver: Guarded) -> None:
    await story(record, saver)
    for lives in itertools.count(1):
        mortal = Mortal(record, lives)
        try:
            await _forget(mortal)  # type: ignore[arg-type]  # all that it asks of a record
        except ZeroDivisionError:
            async with record.read() as tx:
                await tx.audit.verify()
        else:
            break
    assert lives > 4
    assert held(await dump(record)) == []
    withdrawn = await rows(record, select(audit).where(audit.c.entry.contains('"withdrawn"')))
    assert len(withdrawn) == 1


async def test_work_under_way_is_left_alone_and_said(record: Record, saver: Guarded) -> None:
    """An approved change is written first; a triage that runs just now would write the text down again."""
    writing = await propose(record, saver, of_kim(1))
    await approve(record, writing, writing=True)
    async with record.begin() as tx:
        await tx.triages.begin(TriageId("triage-2"), a_ref(2), "opened")
        await tx.triages.keep(
            TriageId("triage-2"), Step.SCREEN, await tx.triages.recall(writing.triage, Step.SCREEN) or ""
        )
        await tx.jobs.add(TriageTicket(ref=a_ref(2), why="opened"), ticket=a_ref(2).key)
    running = jobs.c.ticket_key == a_ref(2).key
    await tamper(record, update(jobs).where(running).values(state="leased", lease_until=NOW * 2))
    before = await tuples(record, select(steps).order_by(steps.c.triage_id, steps.c.name))
    assert (await _forget(record)).busy == (a_ref(1).key, a_ref(2).key)
    assert await tuples(record, select(steps).order_by(steps.c.triage_id, steps.c.name)) == before
    await tamper(record, update(jobs).where(running).values(state="ready", turn=None))
    async with record.begin() as tx:
        await tx.triages.move(writing.triage, TriageState.APPLYING, TriageState.CLOSED)
    assert (await _forget(record)).busy == ()
    await tamper(record, update(jobs).where(jobs.c.kind == "execute_proposal").values(state="done", finished_at=NOW))
    assert held(await dump(record)) == []
    stopped = select(jobs.c.state, jobs.c.error).where(running, jobs.c.kind == "triage_ticket")
    assert await tuples(record, stopped) == [("dead", f"dropped: {ERASED}")]


async def test_one_ticket_alone_can_be_forgotten(record: Record, saver: Guarded) -> None:
    first, second = [await propose(record, saver, of_kim(number)) for number in (1, 2)]
    forgotten = await _forget(record, Whom(install=InstallId("main"), ticket=first.target.key))
    assert (forgotten.tickets, forgotten.withdrawn) == (1, 1)
    async with record.read() as tx:
        gone, kept = [await tx.triages.recall(one.triage, Step.SCREEN) or "" for one in (first, second)]
        assert await tx.triages.live(second.target.key) == second.triage
    assert (TITLE in gone, LOGIN in gone, TITLE in kept, LOGIN in kept) == (False, False, True, True)
    assert (await _forget(record, Whom(install=InstallId("main"), ticket=a_ref(99).key))).tickets == 0


async def test_an_answer_that_waits_in_a_sweeps_job_goes_too(record: Record, saver: Guarded) -> None:
    proposal = await propose(record, saver, of_kim(1))
    said = Prepared(
        id="question",
        analysis=an_analysis().model_copy(update={"evidence": (Evidence(source="quote", text=TITLE),)}),
    )
    async with record.begin() as tx:
        await tx.jobs.add(SweepTicket(ref=proposal.target, why="swept", prepared=said), ticket=proposal.target.key)
    await _forget(record, Whom(install=InstallId("main"), ticket=proposal.target.key))
    bodies = await tuples(record, select(jobs.c.body).where(jobs.c.kind == "sweep_ticket"))
    assert [SweepTicket.model_validate_json(one[0]).prepared for one in bodies] == [None]


async def test_another_install_is_another_person(record: Record, saver: Guarded) -> None:
    await propose(record, saver, of_kim(1))
    before = await _everything_of(record, 1)
    other = Whom(install=InstallId("elsewhere"), account="kim-canary")
    assert (await Forgetting(record, KEY).find(other)).tickets == ()
    assert (await Forgetting(record, KEY).find(KIM)).waiting == (a_ref(1).key,)
    assert await _everything_of(record, 1) == before


async def _everything_of(record: Record, number: int) -> list[tuple[object, ...]]:
    """What is stored of a ticket's triage."""
    triage = f"triage-{number}"
    found = await tuples(record, select(steps).where(steps.c.triage_id == triage).order_by(steps.c.name))
    return found + await tuples(record, select(proposals).where(proposals.c.triage_id == triage))


async def test_in_tickets_of_others_only_the_account_goes(record: Record, saver: Guarded) -> None:
    """A mention and an assignee are the person; a plain word is not. An approval may not hang on an account erased."""
    said = f"@{LOGIN} knows it since then. The {LOGIN}-like case is another, and so is {LOGIN}er."
    mentions = await propose(record, saver, a_ticket(a_ref(1), body=said))
    assigned = await propose(
        record, saver, a_ticket(a_ref(2), body="somebody else since then", assignees=(LOGIN.upper(),))
    )
    unconcerned = await propose(record, saver, a_ticket(a_ref(3), body="nobody since then"))
    before = await _everything_of(record, 3)
    first = await _forget(record)
    assert first.busy == (assigned.target.key,)
    assert (await _forget(record)).busy == ()
    async with record.read() as tx:
        texts = [await tx.triages.recall(one.triage, Step.SCREEN) or "" for one in (mentions, assigned)]
        screened = [Screened.model_validate_json(one).ticket for one in texts]
        assert await tx.triages.live(mentions.target.key) == mentions.triage
        assert await tx.triages.live(unconcerned.target.key) == unconcerned.triage
        ended = await tx.proposals.decision(assigned.id)
    assert screened[0].body == said.replace(f"@{LOGIN} ", f"@{ERASED} ")
    assert screened[1].assignees == (ERASED,)
    assert ended is not None
    assert ended.status == "withdrawn"
    assert await _everything_of(record, 3) == before


async def test_a_reporter_is_found_when_the_text_is_long_gone(record: Record, saver: Guarded) -> None:
    [edited, _, _] = await story(record, saver)
    await sweep(record, saver, RULES)
    assert await rows(record, select(steps).where(steps.c.triage_id == edited.triage)) == []
    assert EDITED in str(await dump(record))
    found = await Forgetting(record, KEY).find(KIM)
    assert edited.target.key in found.tickets
    assert (await Forgetting(record, b"another key").find(KIM)).tickets == (a_ref(3).key,)
    await _forget(record)
    assert held(await dump(record)) == []
    assert await _wrong_words(record, edited.triage) == []
    await sweep(record, saver, RULES)
    assert await rows(record, select(tickets).where(tickets.c.reporter.is_not(None))) == []


async def test_somebody_in_slack_is_forgotten_except_for_what_they_decided(record: Record, saver: Guarded) -> None:
    await reject(record, await propose(record, saver, a_ticket(a_ref(1), body="nothing since then")))
    asker = Asker(user=ON_DUTY, team="T0", channel="C1", response_url="http://127.0.0.1/answer")
    async with record.begin() as tx:
        await tx.cards.remember(Actor(user=ON_DUTY, team="T0"))
        await tx.jobs.add(TriageTicket(ref=a_ref(2), why="asked for", asker=asker), ticket=a_ref(2).key)
        await tx.jobs.add(LookUpPerson(user=ON_DUTY, team="T0", channel="C1"))
        _, row = await tx.inbox.store(_of_slack(1), Outcome.ACCEPTED, "")
        await tx.inbox.store(_of_slack(2), Outcome.ACCEPTED, "")
        await tx.jobs.add(TakeVerdict(delivery=row))
    last = jobs.c.kind == "look_up_person"
    await tamper(record, update(jobs).where(last).values(state="done", finished_at=NOW))
    whom = Whom(install=InstallId("main"), account=ON_DUTY)
    busy = (await _forget(record, whom)).busy
    assert [one.split(" ")[0] for one in busy] == ["clicks", "job"]
    await tamper(record, update(jobs).values(state="done", finished_at=NOW))
    assert (await _forget(record, whom)).busy == ()
    left = {name.rpartition(".")[2] for name, found in (await dump(record)).items() if ON_DUTY in found}
    assert left == {"decisions"}


def _of_slack(number: int) -> Delivery:
    body = json.dumps({"user": {"id": ON_DUTY}, "text": "list"}).encode()
    return Delivery(provider="slack", install="T0", delivery_id=f"s{number}", name="command", body=body)


def test_a_field_that_nobody_thought_of_is_erased() -> None:
    safe = frozenset({"kind", "labels"})
    told = {"kind": "bug", "labels": ["a", "b"], "new": "words", "deep": [{"more": "words", "n": 1, "ok": True}, None]}
    assert json.loads(Eraser().own(json.dumps(told), safe)) == {
        "kind": "bug",
        "labels": ["a", "b"],
        "new": ERASED,
        "deep": [{"more": ERASED, "n": 1, "ok": True}, None],
    }
    assert Eraser().own('"approved"', safe) == f'"{ERASED}"'


def test_an_account_that_is_an_ordinary_word_harms_nothing() -> None:
    """Somebody's account may be `bug`, `main` or `github`."""
    told = {
        "kind": "bug",
        "text": "a bug of @bug, see bug@bug.io and x/@bug/y",
        "author": "Bug",
        "assignees": ["BUG", "b"],
    }
    assert json.loads(Eraser("bug").others(json.dumps(told))) == {
        "kind": "bug",
        "text": f"a bug of @{ERASED}, see bug@bug.io and x/@bug/y",
        "author": ERASED,
        "assignees": [ERASED, "b"],
    }
    untouched = '{"x": 2.0635409890890123e-6,  "kind":"bug"}'
    assert Eraser("bug").others(untouched) == untouched
    assert Eraser("").others('{"author":""}') == '{"author":""}'
