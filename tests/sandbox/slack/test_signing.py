"""Slack's own verifier accepts what the local Slack signs, and refuses what a fault script spoils."""

from __future__ import annotations

from slack_sdk.signature import SignatureVerifier

from bot.sandbox.slack import LocalSlack
from tests.sandbox.slack.receiver import Receiver
from tests.sandbox.slack.tiny_bot import TinyBot


def verifier(slack: LocalSlack) -> SignatureVerifier:
    return SignatureVerifier(slack.workspace.signing_secret.get_secret_value())


async def test_every_kind_of_delivery_is_signed(slack: LocalSlack, receiver: Receiver) -> None:
    await slack.slash("on-duty", "triage", "/triage", "größe & co")
    await slack.mention("on-duty", "triage", "hello")
    message = slack.messages("triage")[0]
    await slack.shortcut("on-duty", "triage", message.ts, "triage_message")
    assert len(receiver.got) == 3
    for got in receiver.got:
        assert verifier(slack).is_valid_request(got.body, got.headers)
        assert not verifier(slack).is_valid_request(got.body + b" ", got.headers)


async def test_forged_and_aged_signatures_are_refused(slack: LocalSlack, receiver: Receiver) -> None:
    slack.faults.forge_signature()
    await slack.slash("on-duty", "triage", "/triage")
    slack.faults.age_signature(301)
    await slack.slash("on-duty", "triage", "/triage")
    await slack.slash("on-duty", "triage", "/triage")
    forged, aged, good = (verifier(slack).is_valid_request(got.body, got.headers) for got in receiver.got)
    assert (forged, aged, good) == (False, False, True)


async def test_bolt_refuses_a_forged_request(slack: LocalSlack, tiny_bot: TinyBot) -> None:
    slack.faults.forge_signature()
    outcome = await slack.slash("on-duty", "triage", "/triage", "x")
    assert (outcome.acked, outcome.status) == (False, 401)
    assert tiny_bot.seen == []


async def test_bolt_answers_the_url_challenge(slack: LocalSlack, tiny_bot: TinyBot) -> None:
    assert await slack.verify_request_url()


async def test_secrets_do_not_show(slack: LocalSlack) -> None:
    shown = repr(slack.workspace) + repr(slack.world)
    for secret in (slack.workspace.bot_token, slack.workspace.app_token, slack.workspace.signing_secret):
        assert secret.get_secret_value() not in shown
