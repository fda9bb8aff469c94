"""The policies as frozen values: layers, owners, approval rules, label names.

Owns the types and what each single value must look like. What must hold between values is in `policies.checks`.
Must not import `graphs`: ids are plain strings here, `graphs.taxonomy` and `graphs.owners` give them their types.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
LayerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Handle = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
SlackPerson = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{5,20}$")]
SlackChannel = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{5,20}$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[^\s,\x00-\x1f](?:[^,\x00-\x1f]{0,48}[^\s,\x00-\x1f])?$")]
"""Fits every tracker: at most 50 characters, no comma, no control character, no space at the ends."""
Component = Annotated[str, StringConstraints(pattern=r"^[^\s*?\[\]](?:[^*?\[\]\n]{0,78}[^\s*?\[\]])?(?:/\*\*)?$")]
"""A word or phrase, or a path; a path that ends in `/` or `/**` stands for everything below it."""
KindName = Literal["bug", "feature", "question", "task"]
DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[DayName, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS: tuple[KindName, ...] = ("bug", "feature", "question", "task")


class Shape(BaseModel):
    """Immutable; an unknown key is a mistake; values are never quoted in errors, the path says where to look."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Layer(Shape):
    """One layer of an AI product: where the change lands that resolves a ticket."""

    id: LayerName
    title: Word
    label: LabelName
    definition: Sentence
    tie_breaks: tuple[Sentence, ...] = ()
    typical_owners: tuple[Word, ...] = ()
    review_questions: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=5)]
    channel: SlackChannel | None = None
    """Where cards of this layer go, unless their owner has a channel."""


class Absence(Shape):
    """Days on which an owner gets nothing, both ends included."""

    start: Annotated[date, Field(alias="from")]
    end: Annotated[date, Field(alias="to")]

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end < self.start:
            raise ValueError("`to` is before `from`")
        return self

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end


class Hours(Shape):
    """When an owner works. `utc_offset` is the zone's, such as `+01:00`; days are those of that zone."""

    start: Annotated[time, Field(alias="from")]
    end: Annotated[time, Field(alias="to")]
    utc_offset: Annotated[str, StringConstraints(pattern=r"^[+-](?:0\d|1[0-4]):[0-5]\d$")] = "+00:00"
    days: Annotated[tuple[DayName, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.end == self.start:
            raise ValueError("`to` is the same as `from`")
        return self

    def covers(self, moment: datetime) -> bool:
        """Whether `moment` (with a zone) is working time; hours over midnight belong to the day they begin on."""
        sign = -1 if self.utc_offset.startswith("-") else 1
        hours, minutes = self.utc_offset[1:].split(":")
        local = moment.astimezone(timezone(sign * timedelta(hours=int(hours), minutes=int(minutes))))
        clock, today, before = local.time(), DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        return (today in self.days and clock >= self.start) or (before in self.days and clock < self.end)

    @property
    def words(self) -> str:
        return f"{self.start:%H:%M} to {self.end:%H:%M} UTC{self.utc_offset}, {', '.join(self.days)}"


class Logins(Shape):
    """Account names per tracker."""

    github: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$")] | None = None
    gitlab: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,254})$")] | None = None
    jira: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._:+-]{0,254}$")] | None = None
    """The account's id in the Cloud, the user's name on a server."""
    zendesk: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")] | None = None
    """The agent's number."""
    linear: Annotated[str, StringConstraints(pattern=r"^[^\s/@]{1,80}$")] | None = None
    """The display name, which is unique in a workspace."""

    def of(self, tracker: str) -> str | None:
        """The account in one tracker, by the tracker's name; None where there is none."""
        return self.named().get(tracker)

    def named(self) -> dict[str, str]:
        """Every account, by the tracker's name."""
        return {name: login for name in type(self).model_fields if (login := getattr(self, name))}


class Owner(Shape):
    """A team or role that takes tickets. The order of `layers` is the order of preference."""

    id: Handle
    name: Word
    slack: SlackPerson | None = None
    channel: SlackChannel | None = None
    logins: Logins = Logins()
    layers: tuple[LayerName, ...] = ()
    components: tuple[Component, ...] = ()
    absences: tuple[Absence, ...] = ()
    hours: Hours | None = None
    most_a_week: Annotated[int, Field(ge=1, le=500)] | None = None
    """Tickets in seven days beyond which others of the same layer are asked first."""

    @model_validator(mode="after")
    def _owns_something(self) -> Self:
        if not self.layers and not self.components:
            raise ValueError("owns neither a layer nor a component")
        return self

    def away(self, day: date) -> bool:
        return self.absence(day) is not None

    def absence(self, day: date) -> Absence | None:
        return next((one for one in self.absences if one.covers(day)), None)


class Approval(Shape):
    """Who may say yes, and for how long a yes or an open question is good."""

    who: Annotated[
        Annotated[Literal["members", "directory", "owners"], Tag("<word>")]
        | Annotated[tuple[SlackPerson, ...], Field(min_length=1), Tag("<ids>")],
        Discriminator(lambda value: "<ids>" if isinstance(value, list | tuple) else "<word>"),
    ]
    """`members`: any full member of the workspace; `directory`: people in owners.yaml; `owners`: those of them who have
    the card's layer; or a list of Slack ids."""
    second: tuple[SlackPerson, ...] = ()
    """Who may be the second of two approvers where the ticket has a risk; empty: one approver is enough."""
    reporter_may_approve: bool
    expires_after_hours: Annotated[int, Field(ge=1, le=336)]
    """A card that nobody decides is withdrawn after this."""
    apply_within_minutes: Annotated[int, Field(ge=1, le=10_080)]
    """An approval older than this is not carried out; `/triage` makes a fresh proposal."""
    local_precision: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95
    """Where a model is asked: the precision from which on the local engine may settle a ticket without it."""


class Office(Shape):
    """Where and when people work. Deadlines count its hours, and reminders keep to them."""

    id: Handle
    zone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,60}$")]
    """Of the IANA list, such as `Europe/Lisbon`; the clock changes with it."""
    start: Annotated[time, Field(alias="from")] = time(9)
    end: Annotated[time, Field(alias="to")] = time(17)
    days: Annotated[tuple[DayName, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """Whose public holidays count; None: no day is a holiday."""
    region: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _-]{1,40}$")] | None = None
    people: tuple[SlackPerson, ...] = ()
    """Who works there; whoever is in no office counts as in the first."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.end <= self.start:
            raise ValueError("`to` is not after `from`")
        if self.region and not self.country:
            raise ValueError("`region` without `country`")
        return self


class Duty(Shape):
    """Who is asked first, in turns."""

    people: Annotated[tuple[SlackPerson, ...], Field(min_length=1, max_length=50)]
    every: Literal["day", "week"] = "week"
    since: date
    """The day on which the first of them began."""

    @property
    def days(self) -> int:
        return 7 if self.every == "week" else 1


class Clock(Shape):
    """When people work, how long a card waits, and who is reminded of it."""

    offices: tuple[Office, ...] = ()
    decide_within_hours: Annotated[int, Field(ge=1, le=200)] | None = None
    """Working hours a card waits; None: the hours of approval.yaml, around the clock."""
    remind_at: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(max_length=5)] = (25, 75)
    """Percent of the time; the last one speaks to the backup as well. Empty: no reminders."""
    backup: tuple[SlackPerson, ...] = ()
    """Who is asked when the time is nearly over; the first who is not away."""
    duty: Duty | None = None

    @model_validator(mode="after")
    def _has_offices(self) -> Self:
        if self.decide_within_hours and not self.offices:
            raise ValueError("`decide_within_hours` counts working hours, and there is no office")
        if list(self.remind_at) != sorted(set(self.remind_at)):
            raise ValueError("`remind_at` is not in order")
        return self


class KindLabels(Shape):
    bug: LabelName
    feature: LabelName
    question: LabelName
    task: LabelName

    def of(self, kind: KindName) -> str:
        match kind:
            case "bug":
                return self.bug
            case "feature":
                return self.feature
            case "question":
                return self.question
            case "task":
                return self.task


class LabelsFile(Shape):
    kinds: KindLabels


class CodeRule(Shape):
    """One line of a CODEOWNERS file: which paths, whose. Names stand as in the file, with their `@`."""

    line: int
    pattern: str
    names: tuple[str, ...]


class Policies(Shape):
    """Everything in one policy folder except the permission rules, which are Cedar text (`policies.rules`)."""

    layers: tuple[Layer, ...]
    owners: tuple[Owner, ...]
    approval: Approval
    kind_labels: KindLabels
    clock: Clock = Clock()
    code_owners: tuple[CodeRule, ...] = ()
    """The team's CODEOWNERS file, where its folder has one."""
    version: str
    """Changes whenever any of the above changes; stored with every proposal."""
    example_owners: bool
    """True while the owners are those of the demo: real tickets must not be assigned with them."""
