"""What approvers' decisions teach: one row for each proposal of the agent that a person decided.

Written in the transaction of the decision, after the gate accepted it. Who decided what, when and why stands in
`decisions` and `proposals`, the ticket's text in `steps` and nowhere else: when retention or an erasure takes the text,
the lesson is gone with it. `seq` is the number of the audit entry that made or forgot the row. Whoever appends to the
audit holds its head until the commit, so numbers grow in the order in which others come to see them: nobody who asks
for what is behind a number misses anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import RowMapping, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.record.insert import insert_into
from bot.record.tables import decisions, lessons, proposals, steps
from graphs.model import (
    Approved,
    Decision,
    Edited,
    LayerId,
    Millis,
    Proposal,
    ProposalId,
    Rejected,
    RejectReason,
    SlackUserId,
    TicketKey,
    Value,
)
from graphs.state import Step

FROM_THE_START = -(2**62)
_READ = and_(steps.c.triage_id == proposals.c.triage_id, steps.c.name == Step.SCREEN.value)
_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


class Verdict(Value):
    """What a decision says about the layer."""

    layer: LayerId | None
    """The right one; None where the decision does not name it."""
    was_right: bool | None
    """Whether it was proposed; None where the decision does not say."""


def verdict_on(proposed: Proposal, decision: Decision, chosen: Proposal | None) -> Verdict:
    """`chosen` is what an editor approved instead. A decision that no person made says nothing."""
    match decision:
        case Approved():
            return Verdict(layer=proposed.layer, was_right=True)
        case Edited() if chosen is not None:
            return Verdict(layer=chosen.layer, was_right=chosen.layer == proposed.layer)
        case Rejected(reason=RejectReason.WRONG_LAYER, layer=named):
            return Verdict(layer=named if named != proposed.layer else None, was_right=False)
        case _:
            return Verdict(layer=None, was_right=None)


class Lesson(Value):
    """What one decision teaches, and where it is from."""

    proposal: ProposalId
    ticket: TicketKey
    engine: str
    said: LayerId
    share: int
    """The engine's probability for `said`, in percent."""
    layer: LayerId | None
    was_right: bool | None
    by: SlackUserId
    forgotten: bool
    seq: int


class Taught(Value):
    """A lesson with the ticket as it was read (`graphs.answers.Screened` as JSON); None when its text is gone."""

    lesson: Lesson
    screened: str | None


class Told(Value):
    """A lesson with the whole of its decision, for people."""

    lesson: Lesson
    proposed: Proposal
    decision: Decision
    chosen: Proposal | None
    decided_at: Millis
    has_text: bool
    """Whether the ticket's text is still there; without it nothing is taught."""


class Judged(Value):
    """Whether a proposal like another one was right."""

    was_right: bool
    share: int


class Made(Value):
    """Whether a proposal was right, and what had shaped it."""

    was_right: bool
    versions: dict[str, str]


class _Versions(BaseModel):
    """Of a stored proposal, nothing else is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    versions: dict[str, str]


_VERSIONS = TypeAdapter(_Versions)


class Lessons:
    """Lesson rows within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection

    async def add(self, proposed: Proposal, verdict: Verdict, by: SlackUserId, share: float, seq: int) -> None:
        """`seq`: the audit entry of the decision, appended in this transaction."""
        await self._db.execute(
            insert_into(self._db, lessons)
            .values(
                proposal_id=proposed.id,
                ticket_key=proposed.target.key,
                place=proposed.target.place,
                engine=proposed.versions.get("engine", ""),
                said=proposed.layer,
                share=round(100 * share),
                layer=verdict.layer,
                was_right=verdict.was_right,
                by=by,
                forgotten=False,
                seq=seq,
            )
            .on_conflict_do_nothing(index_elements=["proposal_id"])
        )

    async def forget(self, ticket: TicketKey, seq: int) -> int:
        """Nothing about this ticket teaches or counts any more; returns how many lessons that were."""
        mine = update(lessons).where(lessons.c.ticket_key == ticket, lessons.c.forgotten.is_(False))
        return (await self._db.execute(mine.values(forgotten=True, seq=seq))).rowcount

    async def about(self, ticket: TicketKey) -> int:
        """How many lessons there are about a ticket that are not forgotten."""
        mine = select(func.count()).where(lessons.c.ticket_key == ticket, lessons.c.forgotten.is_(False))
        return int((await self._db.execute(mine)).scalar_one())

    async def head(self, place: str) -> int:
        """The number of the last change in this place."""
        query = select(func.max(lessons.c.seq)).where(lessons.c.place == place)
        found: int | None = (await self._db.execute(query)).scalar_one()
        return FROM_THE_START if found is None else found

    async def changed(self, place: str, after: int, upto: int, limit: int) -> Sequence[Taught]:
        """The newest changes of a place within (after, upto], newest first."""
        query = (
            select(lessons, steps.c.answer)
            .join(proposals, proposals.c.id == lessons.c.proposal_id)
            .outerjoin(steps, _READ)
            .where(lessons.c.place == place, lessons.c.seq > after, lessons.c.seq <= upto)
            .order_by(lessons.c.seq.desc())
            .limit(limit)
        )
        rows = (await self._db.execute(query)).mappings().all()
        return [Taught(lesson=_lesson(row), screened=row["answer"]) for row in rows]

    async def like(self, proposed: Proposal, limit: int) -> Sequence[Judged]:
        """The newest decisions about other proposals of the same engine and layer in the same place, newest first."""
        query = (
            select(lessons.c.was_right, lessons.c.share, lessons.c.proposal_id)
            .where(
                lessons.c.place == proposed.target.place,
                lessons.c.engine == proposed.versions.get("engine", ""),
                lessons.c.said == proposed.layer,
                lessons.c.was_right.is_not(None),
                lessons.c.forgotten.is_(False),
            )
            .order_by(lessons.c.seq.desc())
            .limit(limit)
        )
        return [
            Judged(was_right=row.was_right, share=row.share)
            for row in await self._db.execute(query)
            if row.proposal_id not in (proposed.id, proposed.replaces)
        ]

    async def made_by(self, place: str, engine: str, limit: int) -> Sequence[Made]:
        """The newest decisions about proposals of one engine in one place, newest first."""
        query = (
            select(lessons.c.was_right, proposals.c.body)
            .join(proposals, proposals.c.id == lessons.c.proposal_id)
            .where(
                lessons.c.place == place,
                lessons.c.engine == engine,
                lessons.c.was_right.is_not(None),
                lessons.c.forgotten.is_(False),
            )
            .order_by(lessons.c.seq.desc())
            .limit(limit)
        )
        rows = await self._db.execute(query)
        return [Made(was_right=right, versions=_VERSIONS.validate_json(body).versions) for right, body in rows]

    async def of(self, ticket: TicketKey) -> Told | None:
        """The newest lesson about a ticket that is not forgotten."""
        mine = _told().where(lessons.c.ticket_key == ticket, lessons.c.forgotten.is_(False))
        found = await self._all(mine.order_by(lessons.c.seq.desc()).limit(1))
        return found[0] if found else None

    async def listed(self, place: str, limit: int) -> list[Told]:
        """The newest of a place, or of all; forgotten ones too."""
        query = _told() if not place else _told().where(lessons.c.place == place)
        return await self._all(query.order_by(lessons.c.seq.desc(), lessons.c.proposal_id).limit(limit))

    async def _all(self, query: Select[tuple[object, ...]]) -> list[Told]:
        found = []
        for row in (await self._db.execute(query)).mappings().all():
            decision = _DECISION.validate_json(row["decision"])
            chosen: str | None = None
            if isinstance(decision, Edited):
                body = select(proposals.c.body).where(proposals.c.id == decision.proposal)
                chosen = (await self._db.execute(body)).scalar_one_or_none()
            found.append(
                Told(
                    lesson=_lesson(row),
                    proposed=Proposal.model_validate_json(row["proposed"]),
                    decision=decision,
                    chosen=None if chosen is None else Proposal.model_validate_json(chosen),
                    decided_at=row["decided_at"],
                    has_text=row["read_at"] is not None,
                )
            )
        return found


def _told() -> Select[tuple[object, ...]]:
    return (
        select(
            lessons,
            proposals.c.body.label("proposed"),
            decisions.c.body.label("decision"),
            decisions.c.at.label("decided_at"),
            steps.c.at.label("read_at"),
        )
        .join(proposals, proposals.c.id == lessons.c.proposal_id)
        .join(decisions, decisions.c.proposal_id == lessons.c.proposal_id)
        .outerjoin(steps, _READ)
    )


def _lesson(row: RowMapping) -> Lesson:
    return Lesson(
        proposal=row["proposal_id"],
        ticket=row["ticket_key"],
        engine=row["engine"],
        said=row["said"],
        share=row["share"],
        layer=row["layer"],
        was_right=row["was_right"],
        by=row["by"],
        forgotten=row["forgotten"],
        seq=row["seq"],
    )
