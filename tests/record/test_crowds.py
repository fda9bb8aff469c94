"""Many processes on one record: each job is done once, a ticket by one at a time, and each card has one winner."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from bot.record.record import Record
from bot.record.tables import jobs, proposals, tickets, triages
from tests.builders import a_proposal, a_ref
from tests.record.crowd import Share, all_at_once
from tests.record.seeds import tamper, to_refresh, to_triage

Worked = tuple[int, str, int, int]


async def _with_jobs(record: Record, count: int, of_tickets: int) -> None:
    """Two kinds of jobs, so that there are several ways to one ticket."""
    async with record.begin() as tx:
        for number in range(count):
            ref = a_ref(number % of_tickets)
            await tx.jobs.add(to_refresh() if number % 3 else to_triage(ref), ticket=ref.key)


async def _with_cards(record: Record, count: int) -> None:
    made = [a_proposal(f"proposal-{n}", f"triage-{n}", target=a_ref(n)) for n in range(count)]
    known = [{"key": one.target.key, "ref": one.target.model_dump_json()} for one in made]
    await tamper(record, insert(tickets).values([one | {"first_seen_at": 1, "last_seen_at": 1} for one in known]))
    started = [{"id": one.triage, "ticket_key": one.target.key, "state": "awaiting", "why": ""} for one in made]
    await tamper(record, insert(triages).values([one | {"created_at": 1, "changed_at": 1} for one in started]))
    columns = ("id", "digest", "created_at", "expires_at", "replaces")
    await tamper(
        record,
        insert(proposals).values(
            [
                {name: getattr(one, name) for name in columns}
                | {"triage_id": one.triage, "ticket_key": one.target.key, "body": one.model_dump_json()}
                for one in made
            ]
        ),
    )


def _one_at_a_time(worked: list[Worked]) -> None:
    by_ticket = defaultdict(list)
    for _, ticket, start, end in worked:
        by_ticket[ticket].append((start, end))
    for ticket, times in by_ticket.items():
        times.sort()
        for (_, end), (start, _) in pairwise(times):
            assert start >= end, f"{ticket} was worked on by two at once"


def _check_jobs(shares: list[Share], count: int) -> None:
    worked = [one for share in shares for one in share.worked]
    assert len(worked) == len({job for job, *_ in worked}) == count
    _one_at_a_time(worked)


async def _check_cards(record: Record, shares: list[Share], count: int) -> None:
    assert sorted(one for share in shares for one in share.won) == list(range(count))
    async with record.read() as tx:
        assert await tx.audit.verify() == count


async def test_a_hundred_cards_have_a_hundred_winners_and_each_job_one_worker(record: Record) -> None:
    await _with_cards(record, 100)
    await _with_jobs(record, 120, of_tickets=6)
    shares = await all_at_once(record.url, processes=3, cards=100)
    await _check_cards(record, shares, 100)
    _check_jobs(shares, 120)
    async with record.read() as tx:
        assert await tx.operating.counts() == {"ready": 0, "leased": 0, "dead": 0, "done": 120}


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_two_thousand_jobs_of_fifty_tickets_among_eight_processes(record: Record) -> None:
    await _with_jobs(record, 2_000, of_tickets=50)
    shares = await all_at_once(record.url, processes=8, cards=0)
    assert all(share.worked for share in shares), "somebody got nothing"
    _check_jobs(shares, 2_000)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_eight_processes_click_on_a_thousand_cards(record: Record) -> None:
    await _with_cards(record, 1_000)
    await _check_cards(record, await all_at_once(record.url, processes=8, cards=1_000), 1_000)


async def test_a_ticket_has_one_lease_whatever_a_program_tries(record: Record) -> None:
    """The index is the guarantee: not even a claim that forgot to look can lease a second job of a ticket."""
    await _with_jobs(record, 2, 1)
    with pytest.raises(IntegrityError):
        await tamper(record, update(jobs).values(state="leased"))
