"""`strata costs`: an empty record, a table, JSON."""

from __future__ import annotations

import json
from pathlib import Path

from bot.cli.exits import DONE
from bot.service.spending import RecordJournal
from graphs.agent.talk import Usage
from tests.cli.strata import COMPLETE, Strata, with_record
from tests.record.test_spending import spent


def test_what_models_cost(strata: Strata, tmp_path: Path) -> None:
    ended = strata("costs", **COMPLETE)
    assert (ended.code, ended.out) == (DONE, "No model was asked within 14 days.\n")
    usage = Usage(fresh=600, cached=3_000, kept_minutes=400, written=200, lost=1_234)
    with_record(tmp_path, lambda record: RecordJournal(record).note(spent(0.001).model_copy(update={"usage": usage})))
    ended = strata("costs", "--days", "1", **COMPLETE)
    assert ended.code == DONE, ended.err
    _, row, whole, lost = ended.out.splitlines()
    assert row.split()[1:] == [
        "claude-haiku-5-5",
        "triage/v1",
        "1",
        "0",
        "600",
        "3,000",
        "400",
        "200",
        "75%",
        "$0.0010",
    ]
    assert whole == "1 answer paid for, $0.0010."
    assert "1,234 tokens went to attempts that broke off" in lost
    found = json.loads(strata("costs", "--json", **COMPLETE).out)
    assert found["total"] == {"asked": 1, "usd": 0.001}
    assert (found["rows"][0]["hit_rate"], found["rows"][0]["kept"]) == (0.75, 400)
