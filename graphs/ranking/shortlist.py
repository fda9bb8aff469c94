"""Who of those who may take a ticket should: policy first, then what the history says, then who can just now.

Owns how policy, history and circumstances are put together:

- Whom `owners.yaml` or CODEOWNERS entitles comes first, the stronger claim before the weaker. Nobody outside the
  directory is ever proposed.
- Among owners of the same layer the history may change the order, once it has `ENOUGH` tickets. Before that the order
  is the policy's, so that a team's first tickets go where its policy says.
- Absent people are out. Whoever is outside working hours or has had the most for a week comes after those who can.
- Where no policy entitles anybody, people of the directory who took tickets like it are asked; else it is a gap.

The share that history needs to overtake policy (`POLICY_ODDS`) is a choice, not a measurement: there is no public data
with an owners' policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field

from graphs.model import CleanTicket, LayerId, Millis, OwnerChoice, OwnerId, SlackUserId, Value
from graphs.owners import Claim, Owners, Title, choice
from graphs.ranking.history import Asked, History
from graphs.ranking.rank import Ranked, rank
from policies.shapes import Owner

ENOUGH = 20
"""Past tickets before the history may change the order of a layer's owners."""
POLICY_ODDS = 2.0
"""How many times likelier than the owner before it one must be, by history, to come first."""
LEAST_SHARE = 0.05
"""What the history grants whoever it has not seen."""
MOST_TOLD = 5


class Question(Value):
    """A ticket in need of an owner, and what is known of this moment."""

    ticket: CleanTicket
    layer: LayerId
    now: Millis
    away: dict[SlackUserId, str] = Field(default_factory=dict)
    """Last day of the absence, by person, of those who said so themselves."""


class Standing(Value):
    """One candidate. `why` and `why_not` are short sentences with their evidence."""

    owner: OwnerId
    why: tuple[str, ...]
    why_not: tuple[str, ...]


class Shortlist(Value):
    """The answer: who, and how the others stand. `gap` says why there is nobody, else it is empty."""

    choice: OwnerChoice | None
    standings: tuple[Standing, ...]
    gap: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    claim: Claim
    weight: float
    """For ordering within a title."""
    ranked: Ranked | None
    away: str
    busy: str


def shortlist(owners: Owners, question: Question, history: History) -> Shortlist:
    """Pure: the same policy, ticket, history and moment give the same answer."""
    asked = _asked(question, owners.known_as(question.ticket.author))
    past = rank(history, asked, limit=len(history) or 1)
    directory = {owner.id for owner in owners.everybody()}
    spoken = {one.owner: one for one in past if one.owner in directory}
    recent = history.taken_since(asked, Millis(question.now - 7 * 86_400_000))
    claims = owners.claims(question.layer, question.ticket) or _by_history(owners, spoken)
    first = [_candidate(claim, place, spoken, recent, question) for place, claim in enumerate(claims)]
    learnt = len(history) >= ENOUGH
    ordered = sorted(first, key=lambda one: (bool(one.away or one.busy), one.claim.title, -one.weight * learnt))
    chosen = next((one for one in ordered if not one.away), None)
    return Shortlist(
        choice=_choice(chosen, first, question, learnt=learnt) if chosen else None,
        standings=tuple(_standing(one, chosen, learnt=learnt) for one in ordered[:MOST_TOLD]),
        gap="" if chosen else _gap(owners, question.layer, first),
    )


def _asked(question: Question, author: str) -> Asked:
    ticket = question.ticket
    return Asked(
        key=ticket.ref.key,
        project=ticket.ref.project.casefold(),
        title=ticket.title,
        body=ticket.body,
        author=author,
        at=question.now,
        private=ticket.private,
    )


def _by_history(owners: Owners, spoken: Mapping[str, Ranked]) -> list[Claim]:
    found = [
        Claim(owner, Title.HISTORY, "took tickets like it", "no policy line names anybody for this ticket")
        for owner in owners.everybody()
        if owner.id in spoken
    ]
    return sorted(found, key=lambda one: -spoken[one.owner.id].score)


def _candidate(
    claim: Claim, place: int, spoken: Mapping[str, Ranked], recent: Mapping[str, int], question: Question
) -> _Candidate:
    now = question.now
    owner, ranked = claim.owner, spoken.get(claim.owner.id)
    share = ranked.score if ranked else 0.0
    return _Candidate(
        claim=claim,
        weight=(share + LEAST_SHARE) / POLICY_ODDS**place if claim.title is Title.LAYER else 0.0,
        ranked=ranked,
        away=_away(owner, question),
        busy=_busy(owner, recent.get(owner.id, 0), now),
    )


def _away(owner: Owner, question: Question) -> str:
    if owner.slack and (said := question.away.get(SlackUserId(owner.slack))):
        return f"Away until {said} (said so in Slack)."
    absence = owner.absence(_moment(question.now).date())
    return f"Away until {absence.end.isoformat()} (owners.yaml)." if absence else ""


def _busy(owner: Owner, recent: int, now: Millis) -> str:
    if owner.most_a_week is not None and recent >= owner.most_a_week:
        return f"Was given {recent} tickets in seven days; owners.yaml says at most {owner.most_a_week}."
    if owner.hours and not owner.hours.covers(_moment(now)):
        return f"Outside working hours: {owner.hours.words} (owners.yaml)."
    return ""


def _choice(chosen: _Candidate, first: list[_Candidate], question: Question, *, learnt: bool) -> OwnerChoice:
    """The reason on the card says what made the difference: policy, somebody's absence, or the history."""
    before = first[: first.index(chosen)]
    reason = chosen.claim.reason
    if blocked := next((one for one in before if one.away or one.busy), None):
        why = "away" if blocked.away else "busy" if "seven days" in blocked.busy else "off hours"
        reason = f"covers for {blocked.claim.owner.id} ({why})"
    elif before and learnt:
        reason = "took more tickets like it"
    return choice(chosen.claim.owner, reason, question.ticket.ref.tracker)


def _standing(one: _Candidate, chosen: _Candidate | None, *, learnt: bool) -> Standing:
    why = (f"{_capital(one.claim.line)}.", *(one.ranked.why if one.ranked else ()))
    why_not = [told for told in (one.away, one.busy) if told]
    if chosen and one is not chosen and not why_not:
        why_not.append(_behind(one, chosen, learnt=learnt))
    return Standing(owner=OwnerId(one.claim.owner.id), why=why, why_not=tuple(why_not))


def _behind(one: _Candidate, chosen: _Candidate, *, learnt: bool) -> str:
    if chosen.claim.title < one.claim.title:
        return f"The policy names {chosen.claim.owner.id} more closely: {chosen.claim.line}."
    if learnt and chosen.ranked and chosen.weight > one.weight:
        mine = f"{one.ranked.score:.0%}" if one.ranked else "nothing"
        return f"Past tickets speak for {chosen.claim.owner.id} ({chosen.ranked.score:.0%}, here {mine})."
    return f"Comes after {chosen.claim.owner.id} in the policy."


def _gap(owners: Owners, layer: LayerId, first: list[_Candidate]) -> str:
    title = owners.layer_title(layer)
    if first:
        names = ", ".join(f"{one.claim.owner.id}: {one.away[0].lower()}{one.away[1:]}" for one in first[:MOST_TOLD])
        return f"Everybody who owns this is away. {names}"
    return f"Nobody in owners.yaml owns {title}, and nobody there has taken a ticket like it."


def _moment(now: Millis) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("no ") else text
