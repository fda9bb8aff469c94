"""The executor's hand in GitHub: one member at a time, each change checked in GitHub's own answer.

GitHub drops labels and assignees without a word where the credential may not set them, so a success counts only when
the answer shows the change. Must not replace a list or edit an issue: no PUT, no PATCH.
"""

from __future__ import annotations

from bot.executor.port import PostedComment
from bot.trackers.github.answers import Rejection
from bot.trackers.github.names import is_number, issue_path, label_segment, login_segment, project_path, same
from bot.trackers.github.payloads import ASSIGNEES, COMMENT, LABELS, names_of
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.tickets import Tickets
from bot.trackers.github.transport import Transport
from graphs.errors import TicketGone, TrackerRejected
from graphs.model import Login, Ticket, TicketRef

_PLAIN_GREY = "ededed"
"""What GitHub gives a label that nobody gave a colour."""


class GitHubWriter:
    """Implements `bot.executor.port.TicketWriter`."""

    def __init__(self, transport: Transport, site: GitHubSite) -> None:
        self._transport = transport
        self._tickets = Tickets(transport, site)

    async def read(self, ref: TicketRef) -> Ticket:
        # Who writes compares fields and shows them to nobody, five times for each ticket.
        return await self._tickets.read(ref, private=True)

    async def labels(self, ref: TicketRef) -> frozenset[str]:
        return await self._tickets.labels(ref)

    async def comments(self, ref: TicketRef) -> tuple[PostedComment, ...]:
        return await self._tickets.comments(ref)

    async def create_label(self, ref: TicketRef, label: str) -> None:
        label_segment(label)
        try:
            await self._transport.write(
                "POST", f"{project_path(ref.project)}/labels", {"name": label, "color": _PLAIN_GREY}
            )
        except Rejection as error:
            if "already_exists" not in error.codes:
                raise

    async def add_label(self, ref: TicketRef, label: str) -> None:
        label_segment(label)
        answer = await self._transport.write("POST", f"{issue_path(ref)}/labels", {"labels": [label]})
        shown = answer.read(LABELS)
        if not any(same(label, name) for name in names_of(shown)):
            raise TrackerRejected(f"GitHub silently ignored the label on {ref.short}: may this credential set labels?")

    async def remove_label(self, ref: TicketRef, label: str) -> None:
        try:
            await self._transport.write("DELETE", f"{issue_path(ref)}/labels/{label_segment(label)}")
        except TicketGone:
            # 404 also means that the label is not on the issue, or that we may not: the issue itself tells which.
            ticket = await self.read(ref)
            if any(same(label, name) for name in ticket.labels):
                raise TrackerRejected(f"GitHub does not let this credential remove a label of {ref.short}") from None

    async def assign(self, ref: TicketRef, login: Login) -> None:
        answer = await self._transport.write("POST", f"{issue_path(ref)}/assignees", {"assignees": [login]})
        if any(same(login, one.login) for one in answer.read(ASSIGNEES).assignees):
            return
        known = await self._may_be_assigned(ref, login)
        why = "may this credential assign?" if known else "GitHub does not list them as assignable"
        raise TrackerRejected(f"GitHub silently ignored the assignment of {login} to {ref.short}: {why}")

    async def unassign(self, ref: TicketRef, login: Login) -> None:
        login_segment(login)
        answer = await self._transport.write("DELETE", f"{issue_path(ref)}/assignees", {"assignees": [login]})
        if any(same(login, one.login) for one in answer.read(ASSIGNEES).assignees):
            raise TrackerRejected(f"GitHub silently ignored that {login} was taken off {ref.short}")

    async def comment(self, ref: TicketRef, body: str) -> None:
        answer = await self._transport.write("POST", f"{issue_path(ref)}/comments", {"body": body})
        answer.read(COMMENT)

    async def remove_comment(self, ref: TicketRef, comment: str) -> None:
        if not is_number(comment):
            raise TrackerRejected("the id of a GitHub comment has digits only")
        path = f"{project_path(ref.project)}/issues/comments/{comment}"
        try:
            await self._transport.write("DELETE", path)
        except TicketGone:
            # 404: it is gone already, or we may not: whether it is still listed tells which.
            if any(one.id == comment for one in await self.comments(ref)):
                raise TrackerRejected(f"GitHub does not let this credential delete a comment of {ref.short}") from None

    async def _may_be_assigned(self, ref: TicketRef, login: Login) -> bool:
        """For a better sentence only: some servers answer 404 for everybody, so a no proves nothing by itself."""
        try:
            await self._transport.get(f"{project_path(ref.project)}/assignees/{login_segment(login)}")
        except TicketGone:
            return False
        return True
