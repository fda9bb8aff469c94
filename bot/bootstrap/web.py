"""The web role: the doors for trackers and Slack. Stores what arrives and answers; the work is done by workers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from bot.bootstrap.core import Core
from bot.bootstrap.readiness import readiness
from bot.bootstrap.slack import SlackSide, revealed, socket_door, verdict_rules
from bot.intake import web
from bot.intake.hooks import Hooks
from bot.service.arrivals import Arrivals
from bot.service.front import Parts, SlackFront
from bot.slack import app as slack_app
from bot.slack.socket import SocketDoor
from prompts.loader import load as load_prompt


@dataclass(frozen=True)
class Doors:
    app: Starlette
    slack: AsyncApp
    socket: SocketDoor | None
    """Where Slack is reached by Socket Mode; else its door is a route of `app`."""


def open_doors(core: Core, slack: SlackSide) -> Doors:
    front = SlackFront(
        Parts(
            record=core.record,
            cards=slack.cards,
            people=slack.people,
            key=core.card_key,
            home=slack.me.home,
            rules=verdict_rules(core),
            owners=core.owners,
            editing=slack.editing,
            question=load_prompt("question"),
            calendar=core.calendar,
        )
    )
    signing = revealed(core.settings.slack_signing_secret)
    app = slack_app.build(front, slack.client, slack.me, signing)
    socket = socket_door(core.settings, app)
    arrivals = Arrivals(core.record, core.marker)
    installs = [one for one in core.trackers.installs if one.secrets]
    hooks = Hooks(
        {(one.provider, one.id): partial(arrivals.arrived, one) for one in installs},
        {(one.provider, one.id): one.answers for one in installs},
    )
    more = [slack_app.route(app, signing)] if signing else []
    return Doors(web.build(hooks, readiness(core, socket), more), app, socket)
