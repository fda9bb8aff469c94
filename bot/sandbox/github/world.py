"""Everything the local tracker knows, in memory: accounts, repositories, labels, issues.

Owns lookups, ids and the one way an issue changes (`change`). Must not do I/O or know HTTP requests;
what may change, and when, is in `acts`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal, TypedDict, Unpack

from bot.sandbox.github.answers import not_found
from bot.sandbox.github.model import (
    Account,
    Comment,
    Happening,
    Issue,
    Json,
    Label,
    LabelPolicy,
    Repository,
    UnknownAssignee,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and whether through the API or as a person in the web page."""

    login: str
    via_api: bool = False


@dataclass(frozen=True, slots=True)
class Fired:
    """Something a webhook tells about. Values are as they were right after the change."""

    name: str
    action: str
    repo: str
    sender: str
    issue: Issue | None = None
    label: Label | None = None
    assignee: str | None = None
    comment: Comment | None = None
    changes: Json | None = None
    moved: tuple[str, Issue] | None = None
    """The other end of a transfer: (repository, issue)."""


class Fields(TypedDict, total=False):
    """The fields of an issue that acts change."""

    title: str
    body: str | None
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    comments: tuple[Comment, ...]
    state: Literal["open", "closed"]
    state_reason: str | None
    closed_at: float | None
    closed_by: str | None
    locked: bool
    lock_reason: str | None
    deleted: bool
    moved_to: tuple[str, int] | None


@dataclass
class World:
    clock: Callable[[], float]
    label_policy: LabelPolicy
    unknown_assignee: UnknownAssignee
    fire: Callable[[Fired], None]
    _ids: count[int] = field(default_factory=lambda: count(1001))
    _accounts: dict[str, Account] = field(default_factory=dict)
    _repositories: dict[str, Repository] = field(default_factory=dict)
    _labels: dict[str, dict[str, Label]] = field(default_factory=lambda: defaultdict(dict))
    _issues: dict[str, dict[int, Issue]] = field(default_factory=lambda: defaultdict(dict))
    _homes: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Where each comment lives: comment id to (repository, issue number)."""
    _open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _listed: tuple[object, list[Issue]] | None = None
    """The last list that was made, until an issue changes."""

    def new_id(self) -> int:
        return next(self._ids)

    def accounts(self) -> tuple[Account, ...]:
        return tuple(self._accounts.values())

    def next_free_id(self) -> int:
        """The id the next thing will get."""
        taken = next(self._ids)
        self._ids = count(taken)
        return taken

    def continue_with(self, next_id: int, accounts: Iterable[Account]) -> None:
        """As it was when it was saved."""
        self._ids = count(next_id)
        self._accounts = {one.login.lower(): one for one in accounts}

    def account(self, login: str) -> Account:
        """The account; made on first sight, because anybody may have a GitHub account."""
        known = self._accounts.get(login.lower())
        if known is None:
            known = Account(self.new_id(), login, "Bot" if login.endswith("[bot]") else "User")
            self._accounts[login.lower()] = known
        return known

    def add_organization(self, login: str) -> Account:
        self._accounts[login.lower()] = Account(self.new_id(), login, "Organization")
        return self._accounts[login.lower()]

    def add_repository(self, repo: Repository) -> None:
        self._repositories[repo.full_name.lower()] = repo

    def repositories(self) -> tuple[Repository, ...]:
        return tuple(self._repositories.values())

    def repository(self, full_name: str) -> Repository:
        found = self._repositories.get(full_name.lower())
        if found is None:
            raise not_found()
        return found

    def repository_by_id(self, repo_id: int) -> Repository | None:
        return next((one for one in self._repositories.values() if one.id == repo_id), None)

    def can_be_assigned(self, repo: str, login: str) -> bool:
        return login.lower() in self.repository(repo).collaborators

    def labels(self, repo: str) -> tuple[Label, ...]:
        return tuple(self._labels[repo].values())

    def find_label(self, repo: str, name: str) -> Label | None:
        return self._labels[repo].get(name.lower())

    def label(self, repo: str, name: str) -> Label:
        found = self.find_label(repo, name)
        if found is None:
            raise not_found()
        return found

    def put_label(self, repo: str, label: Label) -> None:
        self._labels[repo][label.name.lower()] = label

    def issues(self, repo: str) -> tuple[Issue, ...]:
        """All that are there: not the deleted, not the transferred."""
        return tuple(one for one in self._issues[repo].values() if not one.deleted and one.moved_to is None)

    def listed(self, asked: object, make: Callable[[], list[Issue]]) -> list[Issue]:
        """What `make` made for this question: a list of thousands is read page by page."""
        if self._listed is None or self._listed[0] != asked:
            self._listed = (asked, make())
        return self._listed[1]

    def every_issue(self, repo: str) -> tuple[Issue, ...]:
        """Also the deleted and the transferred."""
        return tuple(self._issues[repo].values())

    def any_issue(self, repo: str, number: int) -> Issue:
        """Also one that was deleted or transferred."""
        found = self._issues[repo].get(number)
        if found is None:
            raise not_found()
        return found

    def next_number(self, repo: str) -> int:
        return len(self._issues[repo]) + 1

    def open_count(self, repo: str) -> int:
        return self._open[repo]

    def put(self, issue: Issue) -> Issue:
        there = self._issues[issue.repo]
        before = there.get(issue.number)
        self._open[issue.repo] += _counts(issue) - (0 if before is None else _counts(before))
        there[issue.number] = issue
        self._listed = None
        for comment in issue.comments:
            self._homes[comment.id] = (issue.repo, issue.number)
        return issue

    def issue_of_comment(self, comment_id: int) -> Issue:
        home = self._homes.get(comment_id)
        if home is None:
            raise not_found()
        return self.any_issue(*home)

    def change(self, issue: Issue, happening: Happening | None, **fields: Unpack[Fields]) -> Issue:
        """The one way an issue changes: new fields, a line of history, a new `updated_at`."""
        now = happening.at if happening is not None else self.clock()
        history = issue.history if happening is None else (*issue.history, happening)
        return self.put(replace(issue, **fields, history=history, updated_at=now))

    def happening(self, actor: Actor, event: str) -> Happening:
        return Happening(self.new_id(), event, actor.login, self.clock(), actor.via_api)


def _counts(issue: Issue) -> int:
    return int(issue.state == "open" and not issue.deleted and issue.moved_to is None)
