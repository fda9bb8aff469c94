"""What people do in GitHub's web page, as methods; each fires the webhooks that github.com would fire.

Owns the person's side only: no token, no journal entry. They are `async` because they need the running loop that
carries the webhooks away.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.github.acts import assigning, commenting, filing, labelling
from bot.sandbox.github.model import Issue
from bot.sandbox.github.world import Actor, World


class People:
    def __init__(self, world: World) -> None:
        self.world = world

    def issue(self, repo: str, number: int) -> Issue:
        """As it is now, also when deleted or transferred."""
        return self.world.any_issue(self.world.repository(repo).full_name, number)

    async def file(self, repo: str, author: str, title: str, body: str | None, labels: Iterable[str] = ()) -> int:
        """Returns the issue's number."""
        full_name = self.world.repository(repo).full_name
        return filing.file_issue(self.world, self._as(author), full_name, title, body, labels=labels).number

    async def edit(self, repo: str, number: int, by: str, *, title: str | None = None, body: str | None = None) -> None:
        filing.edit_issue(self.world, self._as(by), self._live(repo, number), title=title, body=body)

    async def close(self, repo: str, number: int, by: str, reason: str = "completed") -> None:
        filing.close_issue(self.world, self._as(by), self._live(repo, number), reason)

    async def reopen(self, repo: str, number: int, by: str) -> None:
        filing.reopen_issue(self.world, self._as(by), self._live(repo, number))

    async def label_as(self, repo: str, number: int, by: str, *labels: str) -> None:
        labelling.add_labels(self.world, self._as(by), self._live(repo, number), labels)

    async def unlabel_as(self, repo: str, number: int, by: str, label: str) -> None:
        labelling.remove_label(self.world, self._as(by), self._live(repo, number), label)

    async def create_label_as(self, repo: str, by: str, label: str) -> None:
        labelling.create_label(self.world, self._as(by), self.world.repository(repo).full_name, label)

    async def assign_as(self, repo: str, number: int, by: str, *logins: str) -> None:
        assigning.assign(self.world, self._as(by), self._live(repo, number), logins)

    async def unassign_as(self, repo: str, number: int, by: str, *logins: str) -> None:
        assigning.unassign(self.world, self._as(by), self._live(repo, number), logins)

    async def comment_as(self, repo: str, number: int, by: str, body: str) -> int:
        """Returns the comment's id."""
        return commenting.comment_on(self.world, self._as(by), self._live(repo, number), body)[1].id

    async def delete_comment_as(self, repo: str, number: int, by: str, comment_id: int) -> None:
        commenting.delete_comment(self.world, self._as(by), self._live(repo, number), comment_id)

    async def lock(self, repo: str, number: int, by: str, reason: filing.LockReason | None = None) -> None:
        filing.lock_issue(self.world, self._as(by), self._live(repo, number), reason)

    async def unlock(self, repo: str, number: int, by: str) -> None:
        filing.unlock_issue(self.world, self._as(by), self._live(repo, number))

    async def delete(self, repo: str, number: int, by: str) -> None:
        filing.delete_issue(self.world, self._as(by), self._live(repo, number))

    async def transfer(self, repo: str, number: int, by: str, to: str) -> int:
        """Returns the number in the new repository."""
        return filing.transfer_issue(self.world, self._as(by), self._live(repo, number), to).number

    def _as(self, login: str) -> Actor:
        return Actor(self.world.account(login).login)

    def _live(self, repo: str, number: int) -> Issue:
        issue = self.issue(repo, number)
        assert not issue.deleted, f"{repo}#{number} was deleted"
        assert issue.moved_to is None, f"{repo}#{number} was transferred"
        return issue
