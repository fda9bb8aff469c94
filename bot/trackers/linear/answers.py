"""Linear's answers as a whole, one shape for each document of `documents`: read once, here, into frozen values."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import AliasChoices, Field, TypeAdapter

from bot.trackers.linear.payloads import (
    Comment,
    FromLinear,
    Identifier,
    Issue,
    Listed,
    Page,
    Person,
    ProjectLabel,
    Team,
)


class _Discussed(FromLinear):
    identifier: Identifier
    comments: Page[Comment]


class _Issue(FromLinear):
    issue: Issue | None


class _Comments(FromLinear):
    issue: _Discussed | None


class _Labels(FromLinear):
    issue_labels: Annotated[Page[ProjectLabel], Field(alias="issueLabels")]


class _Teams(FromLinear):
    teams: Page[Team]


class _People(FromLinear):
    users: Page[Person]


class _Issues(FromLinear):
    issues: Page[Listed]


class _Changed(FromLinear):
    issue: Issue | None = None


class _Change(FromLinear):
    """Of the three mutations that answer with the issue."""

    changed: Annotated[
        _Changed, Field(validation_alias=AliasChoices("issueAddLabel", "issueRemoveLabel", "issueUpdate"))
    ]


class _Done(FromLinear):
    success: bool = False


class _Finished(FromLinear):
    """Of the mutations whose answer says no more than whether it was done."""

    done: Annotated[_Done, Field(validation_alias=AliasChoices("issueLabelCreate", "commentCreate", "commentDelete"))]


Data = TypeVar("Data")


class Answered(FromLinear, Generic[Data]):
    data: Data


ISSUE = TypeAdapter(Answered[_Issue])
COMMENTS = TypeAdapter(Answered[_Comments])
LABELS = TypeAdapter(Answered[_Labels])
TEAMS = TypeAdapter(Answered[_Teams])
PEOPLE = TypeAdapter(Answered[_People])
ISSUES = TypeAdapter(Answered[_Issues])
CHANGED = TypeAdapter(Answered[_Change])
FINISHED = TypeAdapter(Answered[_Finished])
