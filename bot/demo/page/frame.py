"""The whole page: channel on one side, tracker on the other, what was sent beneath, modals above."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bot.demo.page import tickets
from bot.demo.page.channel import composer, messages, people, switcher
from bot.demo.page.forms import region
from bot.demo.page.memory import Memory
from bot.demo.page.modal import overlay
from bot.demo.page.reader import Reader
from bot.demo.page.wire import wire
from bot.demo.town import CHANNEL, Town
from bot.markup import Child, Html, document, joined, tag
from bot.sandbox.stories import Story, prepared

FIRST_PERSON = "on-duty"


@dataclass
class Desk:
    """Everything a request needs: the stage, and what the page remembers."""

    town: Town
    memory: Memory = field(default_factory=Memory)
    stories: dict[str, Story] = field(default_factory=prepared)

    def reader(self, user: str, ticket: str) -> Reader:
        """Whoever is asked for and does not exist is the first person."""
        known = [one.name for one in people(self.town.slack)]
        return Reader(
            user=user if user in known else FIRST_PERSON,
            handles={one.id: one.name for one in self.town.slack.workspace.everyone},
            channels={one.id: one.name for one in self.town.slack.workspace.channels},
            repository=self.town.repository,
            now=time.time(),
            ticket=int(ticket) if ticket.isdecimal() and len(ticket) < len("1000000000") else None,
        )

    @property
    def channel(self) -> str:
        return next(one.name for one in self.town.slack.workspace.channels if one.id == CHANNEL)


def page(desk: Desk, reader: Reader) -> str:
    """The document for one reader."""
    town, memory = desk.town, desk.memory
    views = town.slack.open_views(reader.user)
    over = overlay(views[-1] if views else None, reader, memory)
    is_covered = bool(views) or reader.user in memory.asked
    slack = tag(
        "div",
        tag("h2", f"#{desk.channel}", id="channel-name"),
        messages(town.slack, CHANNEL, reader, memory),
        composer(desk.channel, reader),
        class_="slack",
        id="channel",
    )
    tracker = tag(
        "div",
        tag("h2", town.repository),
        tickets.filing(reader, desk.stories),
        tickets.one_ticket(town.github, reader),
        tickets.listing(town.github, reader),
        class_="tracker",
        id="tracker",
    )
    parts = [
        tag("main", slack, tracker, id="main", inert=is_covered),
        tag("footer", wire(town), class_="foot", inert=is_covered, id="foot"),
    ]
    body = [_top(desk, reader, is_covered), _notice(desk, reader), parts, over]
    drawn = time.time_ns() // 1000  # the script shows no page that is older than the one it shows
    return document(tag("html", _head(reader), tag("body", body, data_drawn=drawn), lang="en"))


def _head(reader: Reader) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"Strata demo, as {reader.user}"),
        tag("link", rel="icon", href="data:,"),
        tag("link", rel="stylesheet", href="/style.css"),
        tag("link", rel="stylesheet", href="/labels.css"),
        tag("script", src="/script.js", defer=True),
    )


def _top(desk: Desk, reader: Reader, is_covered: bool) -> Html:  # noqa: FBT001  # an attribute of the element
    ways = [tag("a", name, href=f"#{target}") for name, target in (("Channel", "channel"), ("Tracker", "tracker"))]
    again = tag("noscript", tag("a", "Look again", href=reader.place()))
    return tag(
        "header",
        tag("h1", "Strata", tag("span", " demo", class_="quiet")),
        tag("nav", ways, again, class_="jump", aria_label="Parts of the page"),
        switcher(desk.town.slack, reader),
        class_="top",
        id="top",
        inert=is_covered,
    )


def _notice(desk: Desk, reader: Reader) -> Html:
    told = desk.memory.notices.get(reader.user, "")
    stopped = desk.town.bot.process is not None and desk.town.bot.process.returncode is not None
    lines: Child = [
        tag("p", "The bot has ended by itself: its last words are at the foot of the page.") if stopped else None,
        tag("p", told) if told else None,
    ]
    return tag("div", region("notice", "", joined(lines)), role="status", aria_live="polite")
