"""The workbench: what went to the bot and came from it, and the last lines of its log. No secrets are in any of it."""

from __future__ import annotations

from bot.demo.page.forms import region
from bot.demo.town import Town
from bot.markup import Html, tag
from bot.sandbox.slack.delivery import Kind
from bot.sandbox.slack.narrow import Json, as_object, as_objects, as_text
from bot.sandbox.slack.outcome import Outcome

SHOWN = 15
LOG_LINES = 30


def wire(town: Town) -> Html:
    clicks = [_sent(*one) for one in town.slack.delivery.sent[-SHOWN:][::-1]]
    hooks = [
        tag("li", f"{one.name} → {one.status_code or one.status} in {one.duration_s * 1000:.0f} ms")
        for one in town.github.deliveries()[-SHOWN:][::-1]
    ]
    writes = [
        tag("li", tag("b", one.login), f" {one.method} {one.path} → {one.status}")
        for one in town.github.writes()[-SHOWN:][::-1]
    ]
    calls = [
        tag("li", f"{one.method} → {'ok' if one.ok else one.error}") for one in town.slack.journal.calls[-SHOWN:][::-1]
    ]
    lists = [
        _list("People → bot, signed", clicks),
        _list("Tracker → bot, signed", hooks),
        _list("Bot → Slack", calls),
        _list("Executor → tracker", writes),
    ]
    log = tag("pre", town.bot.tail(LOG_LINES) or "nothing yet", class_="words")
    inside = tag("div", lists, class_="lists")
    return region(
        "wire",
        "Workbench",
        tag(
            "details",
            tag("summary", "Workbench: what went over the wire"),
            inside,
            tag("h4", "The bot's log"),
            log,
            id="bench",
        ),
    )


def _list(title: str, lines: list[Html]) -> Html:
    return tag("div", tag("h4", title), tag("ol", lines) if lines else tag("p", "nothing yet", class_="quiet"))


def _sent(kind: Kind, payload: Json, outcome: Outcome) -> Html:
    who = as_text(as_object(payload.get("user")).get("name")) or as_text(payload.get("user_name"))
    actions = as_objects(payload.get("actions"))
    what = as_text(actions[0].get("action_id")) if actions else as_text(payload.get("command"))
    named = what or as_text(as_object(payload.get("view")).get("callback_id")) or as_text(payload.get("type"))
    result = outcome.status if outcome.acked else outcome.error or outcome.status
    return tag("li", tag("b", who), f" {named} ({kind}) → {result} in {outcome.seconds * 1000:.0f} ms")
