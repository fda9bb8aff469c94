"""The executor's hand in GitLab: one member at a time, each change checked in GitLab's own answer.

GitLab drops labels and assignees without a word where the token may not set them, so a success counts only when the
answer shows the change. It has no call that adds one assignee: the list is set, so it is set only where it is empty or
holds nobody but whom we mean. Between that look and the write somebody may assign themselves; GitLab offers nothing to
rule it out.
"""

from __future__ import annotations

import re

from bot.executor.port import PostedComment
from bot.trackers.answers import Rejection
from bot.trackers.gitlab.names import is_login, is_number, issue_path, label_item, project_path
from bot.trackers.gitlab.payloads import ISSUE, NOTE, PEOPLE, Person
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.tickets import Tickets
from bot.trackers.text import same
from bot.trackers.transport import Transport
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import Login, Ticket, TicketRef

_PLAIN_GREY = "#ededed"
_CONFLICT = "already exists"
_COMMAND = re.compile(r"(?m)^[ \t]*/[A-Za-z_]")
"""GitLab carries out such a line instead of showing it (`/close`, `/assign`): a comment must not command."""


class GitLabWriter:
    """Implements `bot.executor.port.TicketWriter`."""

    def __init__(self, transport: Transport, site: GitLabSite) -> None:
        self._transport = transport
        self._tickets = Tickets(transport, site)

    async def read(self, ref: TicketRef) -> Ticket:
        # Who writes compares fields and shows them to nobody, five times for each ticket.
        return await self._tickets.read(ref, private=True)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._tickets.labels(ref)

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        return await self._tickets.comments(ref, internal=True)

    async def create_label(self, ref: TicketRef, label: str) -> None:
        wanted = {"name": label_item(label), "color": _PLAIN_GREY}
        try:
            await self._transport.write("POST", f"{project_path(ref.project)}/labels", dict(wanted))
        except Rejection as error:
            if _CONFLICT not in str(error).casefold():
                raise

    async def add_label(self, ref: TicketRef, label: str) -> None:
        answer = await self._transport.write("PUT", issue_path(ref), {"add_labels": label_item(label)})
        if not any(same(label, name) for name in answer.read(ISSUE).labels):
            raise TrackerRejected(f"GitLab silently ignored the label on {ref.short}: may this token set labels?")

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        there = [one for one in (await self._tickets.issue(ref)).labels if same(one, label)]
        if not there:
            label_item(label)
            return
        # As GitLab spells it: it takes labels with regard to case.
        answer = await self._transport.write("PUT", issue_path(ref), {"remove_labels": label_item(there[0])})
        if any(same(label, name) for name in answer.read(ISSUE).labels):
            raise TrackerRejected(f"GitLab does not let this token remove a label of {ref.short}")

    async def assign(self, ref: TicketRef, login: Login) -> None:
        person = await self._person(login)
        others = [one.username for one in await self._assignees(ref) if one.id != person.id]
        if others:
            raise TrackerRejected(f"GitLab would replace {', '.join(others)} on {ref.short}: assign by hand")
        answer = await self._transport.write("PUT", issue_path(ref), {"assignee_ids": [person.id]})
        if person.id not in {one.id for one in answer.read(ISSUE).assignees or ()}:
            raise TrackerRejected(f"GitLab silently ignored the assignment of {login} to {ref.short}: is it a member?")

    async def unassign(self, ref: TicketRef, login: Login) -> None:
        assigned = await self._assignees(ref)
        if not any(same(login, one.username) for one in assigned):
            return
        if len(assigned) > 1:
            raise TrackerRejected(f"GitLab would take everybody off {ref.short}: take {login} off by hand")
        answer = await self._transport.write("PUT", issue_path(ref), {"assignee_ids": [0]})
        if any(same(login, one.username) for one in answer.read(ISSUE).assignees or ()):
            raise TrackerRejected(f"GitLab silently ignored that {login} was taken off {ref.short}")

    async def comment(self, ref: TicketRef, body: str) -> None:
        if _COMMAND.search(body):
            raise TrackerRejected("GitLab would carry out a line of the comment that begins with /: reword it")
        answer = await self._transport.write("POST", f"{issue_path(ref)}/notes", {"body": body})
        answer.read(NOTE)

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        if not is_number(comment):
            raise TrackerRejected("the id of a GitLab note has digits only")
        try:
            await self._transport.write("DELETE", f"{issue_path(ref)}/notes/{comment}")
        except TicketGone:
            # 404: it is gone already, or we may not: whether it is still listed tells which.
            if any(one.id == comment for one in await self.comments(ref)):
                raise TrackerRejected(f"GitLab does not let this token delete a comment of {ref.short}") from None

    async def _assignees(self, ref: TicketRef) -> tuple[Person, ...]:
        return (await self._tickets.issue(ref)).assignees or ()

    async def _person(self, login: Login) -> Person:
        """GitLab assigns by number; it finds names without regard to case."""
        if not is_login(login):
            raise TrackerRejected("GitLab has no account of that name")
        answer = await self._transport.get("/users", {"username": login})
        found = [one for one in answer.read(PEOPLE) if same(one.username, login)]
        if not found:
            raise TrackerRejected(f"GitLab has no account named {login}")
        return found[0]
