"""`strata incidents`: what people reported, for the operator."""

from __future__ import annotations

from pathlib import Path

from bot.cli.exits import DONE, REFUSED
from bot.record.incidents import Wrong
from bot.record.record import Record
from graphs.model import TriageId
from tests.builders import ON_DUTY, a_proposal, a_ref
from tests.cli.strata import COMPLETE, Strata, with_record


async def _reported(record: Record) -> None:
    proposal = a_proposal()
    async with record.begin() as tx:
        await tx.triages.begin(TriageId(proposal.triage), a_ref(), "opened")
        await tx.proposals.add(proposal)
        await tx.incidents.open(proposal, Wrong.INVENTED, "no such\x1b[2J page", ON_DUTY)


def test_reports_are_listed_and_closed_once(strata: Strata, tmp_path: Path) -> None:
    with_record(tmp_path, _reported)
    listed = strata("incidents", "list", **COMPLETE)
    assert listed.code == DONE, listed.err
    assert "invented  open  acme/assistant#12  U0ONDUTY  no such" in listed.out
    assert "\x1b" not in listed.out
    assert strata("incidents", "close", "1", **COMPLETE).code == DONE
    again = strata("incidents", "close", "1", **COMPLETE)
    assert (again.code, "no open report 1" in again.err) == (REFUSED, True)
    assert strata("incidents", "list", **COMPLETE).out == "No open reports.\n"
    assert "closed" in strata("incidents", "list", "--all", **COMPLETE).out
