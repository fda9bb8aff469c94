"""What can happen in a local tracker. Every act writes history and fires what webhooks tell of.

Owns the rules that all vendors share: an act that changes nothing leaves no trace. Must not know who may act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from bot.sandbox.board.model import Actor, Comment, Fired, Happening, Project, Ticket


class Board:
    def __init__(self, clock: Callable[[], float], fire: Callable[[Fired], None]) -> None:
        self.clock = clock
        self.projects: dict[str, Project] = {}
        self.people: dict[str, int] = {}
        self._fire = fire
        self._ids = count(1)

    def person(self, login: str) -> int:
        """The account's number; made when it is first spoken of."""
        return self.people.setdefault(login, len(self.people) + 1)

    def add_project(self, name: str, members: Iterable[str], *, private: bool) -> Project:
        people = frozenset(members)
        for one in people:
            self.person(one)
        self.projects[name] = Project(name, next(self._ids), private, people)
        return self.projects[name]

    def file(self, project: str, by: Actor, title: str, body: str, labels: Iterable[str] = ()) -> Ticket:
        place, now = self.projects[project], self.clock()
        self.person(by.login)
        ticket = Ticket(project, len(place.tickets) + 1, title, body, by.login, now, now, list(labels))
        place.tickets.append(ticket)
        self._fire(Fired("opened", ticket, by.login))
        return ticket

    def edit(self, ticket: Ticket, by: Actor, *, title: str | None = None, body: str | None = None) -> None:
        ticket.title = ticket.title if title is None else title
        ticket.body = ticket.body if body is None else body
        self._note(ticket, by, "edited", "title" if title is not None else "body")

    def add_label(self, ticket: Ticket, by: Actor, label: str) -> bool:
        """Whether anything changed."""
        if label in ticket.labels:
            return False
        before = tuple(ticket.labels)
        ticket.labels.append(label)
        self._note(ticket, by, "labeled", label, before)
        return True

    def remove_label(self, ticket: Ticket, by: Actor, label: str) -> bool:
        if label not in ticket.labels:
            return False
        before = tuple(ticket.labels)
        ticket.labels.remove(label)
        self._note(ticket, by, "unlabeled", label, before)
        return True

    def set_assignees(self, ticket: Ticket, by: Actor, logins: Iterable[str]) -> bool:
        """The whole list, as one act."""
        before, wanted = tuple(ticket.assignees), list(dict.fromkeys(logins))
        if list(before) == wanted:
            return False
        ticket.assignees = wanted
        for one in set(before) - set(wanted):
            self._note(ticket, by, "unassigned", one, before)
        for one in wanted:
            if one not in before:
                self._note(ticket, by, "assigned", one, before)
        return True

    def comment(self, ticket: Ticket, by: Actor, body: str, chosen: str = "") -> Comment:
        comment = Comment(next(self._ids), by.login, body, self.clock(), chosen)
        self.person(by.login)
        ticket.comments.append(comment)
        self._note(ticket, by, "commented", body, comment=comment)
        return comment

    def delete_comment(self, ticket: Ticket, by: Actor, comment: Comment) -> None:
        ticket.comments.remove(comment)
        self._note(ticket, by, "comment_deleted", comment.body)

    def close(self, ticket: Ticket, by: Actor) -> None:
        ticket.closed = True
        self._note(ticket, by, "closed", "")

    def reopen(self, ticket: Ticket, by: Actor) -> None:
        ticket.closed = False
        self._note(ticket, by, "reopened", "")

    def _note(
        self,
        ticket: Ticket,
        by: Actor,
        event: str,
        value: str,
        before: tuple[str, ...] = (),
        comment: Comment | None = None,
    ) -> None:
        now = self.clock()
        ticket.updated_at = now
        ticket.history.append(Happening(event, value, by.login, by.via_api, now))
        self._fire(Fired(event, ticket, by.login, value, before, comment))
