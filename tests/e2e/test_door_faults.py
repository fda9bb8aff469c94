"""Requests that nobody signed, forms that came too late, answers that are none: refused, told, and no harm done."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from bot.sandbox.github.faults import Fault, Faults
from tests.e2e.rest import at_rest
from tests.e2e.stage import CHANNEL, HOOK_SECRET, ML_LEAD, ON_DUTY, Stage

MIB = 1024 * 1024
SIX_MINUTES_S = 360
READ = r"/issues/\d+$"


async def test_fault_47_what_slack_did_not_sign_just_now_is_refused(stage: Stage) -> None:
    number, card = await stage.file_and_wait()
    faults = stage.slack.faults
    for age_s in (None, SIX_MINUTES_S, -SIX_MINUTES_S):
        if age_s is None:
            faults.forge_signature()
        else:
            faults.age_signature(age_s)
        outcome = await stage.slack.click(ON_DUTY, CHANNEL, card.ts, "approve", seen=card)
        assert (outcome.acked, outcome.status) == (False, 401)
    await stage.quiet()
    assert stage.github.writes() == ()
    await stage.approve(card)
    await stage.card_says(card, "All of it is set")
    assert len(stage.effects(number)) == 4


ODD_HEADERS: dict[str, dict[str, bytes]] = {
    "none": {},
    "a time that is no number": {"x-slack-request-timestamp": b"soon", "x-slack-signature": b"v0=00"},
    "a time of 400 digits": {"x-slack-request-timestamp": b"1" * 400, "x-slack-signature": b"v0=00"},
    "a signature in no alphabet": {"x-slack-request-timestamp": b"1", "x-slack-signature": b"v0=\xff\xfe"},
    "GitHub's with letters beyond ASCII": {"x-hub-signature-256": b"sha256=\xe9\xe9", "x-github-delivery": b"x"},
}


@pytest.mark.parametrize("door", ["slack/events", "hooks/github/main"])
async def test_fault_47_odd_requests_are_refused_without_a_traceback(
    stage: Stage, door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for name, headers in ODD_HEADERS.items():
            raw = [(key.encode(), value) for key, value in headers.items()]
            answer = await http.post(f"{stage.url}/{door}", content=b"{}", headers=raw)
            assert answer.status_code == 401, name
        huge = await http.post(f"{stage.url}/{door}", content=b"x" * (6 * MIB))
        assert huge.status_code == 413
        body = b"\xff" * 100
        mac = hmac.new(HOOK_SECRET.encode(), b"another body", hashlib.sha256).hexdigest()
        signed = {"x-hub-signature-256": f"sha256={mac}", "x-github-delivery": "x", "x-github-event": "issues"}
        assert (await http.post(f"{stage.url}/{door}", content=body, headers=signed)).status_code == 401
        assert (await http.get(f"{stage.url}/readyz")).is_success
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    async with stage.core.record.read() as tx:
        assert await tx.inbox.outcomes("github") == {}
        assert await tx.inbox.outcomes("slack") == {}


async def test_fault_48_a_trigger_that_ran_out_is_told_and_the_card_stays_usable(stage: Stage) -> None:
    _, card = await stage.file_and_wait()
    await stage.form(ML_LEAD, card, "reject")  # from here on the bot knows this person
    await stage.slack.close_view(ML_LEAD, stage.slack.open_views(ML_LEAD)[-1].id)
    stage.slack.faults.fail("views.open", error="expired_trigger_id")
    outcome = await stage.slack.click(ML_LEAD, CHANNEL, card.ts, "reject")
    assert outcome.acked
    assert "press again" in await stage.told(ML_LEAD, "too long for Slack")
    view = await stage.form(ML_LEAD, card, "reject")
    await stage.slack.submit(ML_LEAD, view, {"reason": {"choose_reason": "duplicate"}})
    await stage.card_says(card, "Rejected")


async def test_fault_26_48_a_form_of_a_card_that_was_decided_meanwhile_is_refused_politely(stage: Stage) -> None:
    number, card = await stage.file_and_wait()
    view = await stage.form(ML_LEAD, card, "edit")
    await stage.approve(card, ON_DUTY)
    await stage.card_says(card, "All of it is set")
    outcome = await stage.slack.submit(ML_LEAD, view, {"layer": {"choose_layer": "business_workflow"}})
    assert outcome.acked
    assert f"<@{ON_DUTY}>" in await stage.told(ML_LEAD, "Already decided")
    await stage.quiet()
    assert len(stage.effects(number)) == 4
    assert "layer: business workflow" not in stage.github.issue(stage.repo, number).labels


NO_ANSWERS: dict[str, Callable[[Faults], Fault]] = {
    "a hundred megabytes": lambda faults: faults.huge_body(100 * MIB, method="GET", path=READ),
    "a byte now and then": lambda faults: faults.slow_body(0.3, method="GET", path=READ),
    "somewhere else": lambda faults: faults.redirect("http://127.0.0.1:9/", method="GET", path=READ),
    "cut off": lambda faults: faults.garbage(method="GET", path=READ),
}


async def test_fault_55_answers_without_an_end_or_from_elsewhere_are_cut_short(shaky: Stage) -> None:
    for name, happens in NO_ANSWERS.items():
        struck = happens(shaky.github.faults)
        number, card = await shaky.file_and_wait(name)
        assert struck.hits == 1, name
        await shaky.approve(card)
        await shaky.card_says(card, "All of it is set")
        assert len(shaky.effects(number)) == 4
    assert await at_rest(shaky) == {}


@pytest.mark.parametrize(
    "body",
    [{"number": 1}, {"number": 1, "title": None, "labels": "bug"}, [], None],
    ids=["fields gone", "fields of another kind", "a list", "nothing"],
)
async def test_fault_56_a_ticket_in_a_shape_we_do_not_know_ends_in_a_notice(shaky: Stage, body: object) -> None:
    """It may be a passing trouble, so it is waited out like an outage; when patience is at its end, people are told."""
    shaky.bot.worker._pace = replace(shaky.bot.worker._pace, patience_s=0.0)
    shaky.github.faults.fail(200, method="GET", path=READ, body=body if body is not None else "", times=100)
    await shaky.file()
    await shaky.slack.until(lambda: shaky.slack.messages(CHANNEL), 30)
    assert "It needs a person" in shaky.slack.messages(CHANNEL)[0].all_text
    assert shaky.github.writes() == ()
