"""`strata classify --batch`: half the price, any order, any ending, and never sent or paid for twice."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.batches import post
from bot.batches.file import state_of
from bot.batches.post import Pace
from bot.cli.exits import DONE, INTERRUPTED, REFUSED, UNREACHABLE, WRONG
from bot.sandbox.model.scripted import Answer, Fails, Json, Says, Server, answer
from graphs.agent import prices
from tests.agent.doubles import verdict
from tests.cli.strata import Ended, Strata
from tests.models.batches import BatchDesk, Fate
from tests.models.running import running

GOOD = verdict(evidence=[{"source": "quote", "ref": "", "text": "pages that are gone"}])
USAGE: Json = {"input_tokens": 10_000, "output_tokens": 1_000}
BATCH_USD, SINGLE_USD = 0.00075, 0.0015
"""A question of this usage at $0.10 and $0.50 a million tokens: at half the price, and at the whole."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "PACE", Pace(poll_s=0.01, poll_most_s=0.02, tries=3))


def says(**changed: object) -> Says:
    return answer({**GOOD, **changed}, usage=USAGE)


def rows(folder: Path, *titles: str) -> Path:
    file = folder / "rows.jsonl"
    body = "Citations point to pages that are gone."
    file.write_text("\n".join(json.dumps({"id": at, "title": one, "body": body}) for at, one in enumerate(titles)))
    return file


def about(request: Json) -> str:
    """The title of the ticket that a question is about."""
    return str(request["messages"]).split("title: ")[1].split("\\n")[0]


@pytest.fixture
def single() -> list[str]:
    """Titles of tickets that were asked about one by one."""
    return []


def serve(desk: BatchDesk, single: list[str], then: Answer | None = None) -> AbstractContextManager[Server]:
    def script(request: Json) -> Answer:
        single.append(about(request))
        return then or says()

    return running(script, batches=desk)


def run(strata: Strata, server: Server, folder: Path, **settings: str) -> Ended:
    given = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "key", **settings}
    files = ("--in", str(folder / "rows.jsonl"), "--out", str(folder / "out.jsonl"))
    return strata("classify", *files, "--engine", "claude", "--batch", **given)


def written(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


@pytest.fixture(autouse=True)
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine counts as one's own and as free; here it stands for the vendor's."""
    monkeypatch.setattr(prices, "FREE", prices.PRICES["claude-haiku-5-5"])


def test_every_ending_of_a_question(strata: Strata, tmp_path: Path, single: list[str]) -> None:
    """What a batch answers is taken by its name at half the price; everything else is asked for once more, alone."""
    fates: dict[str, Fate] = {
        "first": says(kind="bug"),
        "second": says(kind="task"),
        "errored": "errored",
        "expired": "expired",
        "canceled": "canceled",
        "garbage": "garbage",
        "silence": "silence",
        "refused": Says([], stop="refusal", usage=USAGE),
        "broken": Says([{"type": "text", "text": "{"}], usage=USAGE),
        "cut": Says([{"type": "text", "text": "{"}], stop="max_tokens", usage=USAGE),
    }
    rows(tmp_path, *fates, "first")
    desk = BatchDesk(lambda request: fates[about(request)])
    with serve(desk, single) as server:
        ended = run(strata, server, tmp_path)
    assert ended.code == DONE, ended.err
    found = written(tmp_path)
    assert [one["id"] for one in found] == list(range(11))
    assert [one["kind"] for one in found[:2]] == ["bug", "task"]
    assert found[0]["evidence"] == [{"source": "quote", "text": "pages that are gone", "ref": ""}]
    assert [one["cost_usd"] for one in found[:2]] == [BATCH_USD, BATCH_USD]
    assert {**found[10], "id": 0} == found[0], "the same text is one question"
    assert sorted(single) == sorted([one for one in fates if one not in ("first", "second")])
    assert [one["cost_usd"] for one in found[2:7]] == [SINGLE_USD] * 5
    assert [one["cost_usd"] for one in found[7:10]] == pytest.approx([BATCH_USD + SINGLE_USD] * 3)
    assert all(one["model"] == "claude-haiku-5-5" and not one["stands_in"] for one in found)
    assert len(desk.taken) == 1
    [sent] = [one for one in server.requests if "requests" in one]
    assert isinstance(sent["requests"], list)
    assert len(sent["requests"]) == 10
    for one in sent["requests"]:
        assert set(one["params"]) == {"model", "max_tokens", "system", "messages", "output_config"}, "no tools"
        assert "cache_control" not in one["params"]["system"][0]
    assert "0 of 10 tickets are back" in ended.err
    assert "2 of 10 questions answered in batches, $0.0037; 8 without a usable answer" in ended.err
    assert not state_of(tmp_path / "out.jsonl").exists()
    assert [one.name for one in tmp_path.glob(".*lock")] == []


def test_what_cannot_be_had_either_way_is_the_local_guess(strata: Strata, tmp_path: Path, single: list[str]) -> None:
    rows(tmp_path, "one")
    refused = Says([], stop="refusal", usage=USAGE)
    with serve(BatchDesk(lambda _: "expired"), single, refused) as server:
        ended = run(strata, server, tmp_path)
    assert ended.code == DONE, ended.err
    [row] = written(tmp_path)
    assert (row["model"], row["stands_in"]) == (None, "the model refused")


def test_a_lost_answer_to_sending_sends_nothing_twice(strata: Strata, tmp_path: Path, single: list[str]) -> None:
    rows(tmp_path, "one", "two")
    desk = BatchDesk(lambda _: says(), lose_answers=1)
    with serve(desk, single) as server:
        ended = run(strata, server, tmp_path)
    assert ended.code == DONE, ended.err
    assert (len(desk.taken), single) == (1, [])


def test_a_stranger_of_the_same_size_is_left_alone(strata: Strata, tmp_path: Path, single: list[str]) -> None:
    """Somebody else's batch was found after a lost answer: it holds none of our questions, so ours are sent."""
    rows(tmp_path, "one")
    desk = BatchDesk(lambda _: says())
    with serve(desk, single) as server:
        desk.answer("POST", "/v1/messages/batches", {"requests": [{"custom_id": "theirs", "params": {"model": "m"}}]})
        _cut_off_while_sending(strata, tmp_path, single)
        ended = run(strata, server, tmp_path)
    assert ended.code == DONE, ended.err
    assert "msgbatch_1 is somebody else's" in ended.err
    assert (len(desk.taken), single) == (2, [])


def _cut_off_while_sending(strata: Strata, folder: Path, single: list[str]) -> None:
    """A run that got as far as writing down what it was about to send."""
    desk = BatchDesk(lambda _: says(), refuse=Fails(500))
    with serve(desk, single) as server:
        ended = run(strata, server, folder)
    assert ended.code == UNREACHABLE
    assert "trying again" in ended.err
    assert state_of(folder / "out.jsonl").exists()


@pytest.mark.parametrize("moment", ["while waiting", "while asking one by one"])
def test_an_interrupted_run_goes_on(
    strata: Strata, tmp_path: Path, single: list[str], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent is read, what was asked alone is not asked again, and a new row goes into a batch of its own."""
    rows(tmp_path, "one", "two", "late")
    desk = BatchDesk(lambda request: "errored" if about(request) == "late" else says())
    with serve(desk, single) as server:
        with monkeypatch.context() as patched:
            if moment == "while waiting":
                patched.setattr(post.Post, "_read", _interrupt)
            else:
                patched.setattr("bot.batches.file.StateFile.done", _interrupt_now)
            first = run(strata, server, tmp_path)
        assert first.code == INTERRUPTED
        state = state_of(tmp_path / "out.jsonl")
        assert "msgbatch_1" in state.read_text()
        rows(tmp_path, "one", "two", "late", "new")
        second = run(strata, server, tmp_path)
    assert second.code == DONE, second.err
    assert [len(one.questions) for one in desk.taken] == [3, 1]
    assert single == ["late"]
    assert [one["cost_usd"] for one in written(tmp_path)] == [BATCH_USD, BATCH_USD, SINGLE_USD, BATCH_USD]
    assert not state.exists()


async def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _interrupt_now(*_: object) -> None:
    raise KeyboardInterrupt


def test_no_more_is_sent_than_the_budget_covers(strata: Strata, tmp_path: Path, single: list[str]) -> None:
    """A wave fits into what is left if every answer took all its room; its real cost makes room for the next."""
    rows(tmp_path, *(f"ticket {at}" for at in range(6)))
    desk = BatchDesk(lambda _: says())
    with serve(desk, single) as server:
        ended = run(strata, server, tmp_path, STRATA_MODEL_HOUR_USD="0.003")
    assert ended.code == DONE, ended.err
    sizes = [len(one.questions) for one in desk.taken]
    assert sizes == [2, 1], "a question may cost $0.0013 and costs $0.00075"
    found = written(tmp_path)
    assert [one["model"] is None for one in found] == [False] * 3 + [True] * 3
    assert found[5]["stands_in"] == "the model budget is used up: none is left for another batch"
    assert single == []
    assert "3 not sent: the model budget is used up" in ended.err


@pytest.mark.parametrize(
    ("arguments", "settings", "why"),
    [
        (("--in", "rows.jsonl", "--out", "-", "--engine", "claude"), {}, "name a file for each"),
        (("--in", "rows.jsonl", "--out", "out.jsonl"), {}, "add --engine claude"),
        (
            ("--in", "rows.jsonl", "--out", "out.jsonl", "--engine", "claude"),
            {"STRATA_MODEL_PROVIDER": "bedrock", "STRATA_MODEL_REGION": "x", "ANTHROPIC_API_KEY": "key"},
            "cannot be used with bedrock",
        ),
        (("--in", "none.jsonl", "--out", "out.jsonl", "--engine", "claude"), {}, "none.jsonl cannot be read"),
    ],
)
def test_what_cannot_be_a_batch_is_said(
    strata: Strata, tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], why: str
) -> None:
    rows(tmp_path, "one")
    ended = strata("classify", *arguments, "--batch", **settings)
    assert ended.code == WRONG
    assert why in ended.err


def test_a_service_without_batches_is_said(strata: Strata, tmp_path: Path, single: list[str]) -> None:
    rows(tmp_path, "one")
    with serve(BatchDesk(lambda _: says(), refuse=Fails(404, "not_found_error")), single) as server:
        ended = run(strata, server, tmp_path)
    assert ended.code == UNREACHABLE
    assert "batches: 404 not_found_error" in ended.err
    (tmp_path / "out.jsonl.batches.json").write_text("{")
    with serve(BatchDesk(lambda _: says()), single) as server:
        ended = run(strata, server, tmp_path)
    assert ended.code == WRONG
    assert "delete it to begin anew" in ended.err
    assert REFUSED != WRONG
