"""Who may decide: turns a Slack actor and the approval rules into the context the gate judges.

Owns the matching of people with owners.yaml and approval.yaml. Must not decide: that is the gate's part.
"""

from __future__ import annotations

from graphs.acts import AskContext, DecideContext, Person, UndoContext, WhoApproves
from graphs.model import Actor, LayerId, Login, Millis, Proposal, SlackUserId, TrackerName
from policies.shapes import Policies


class Approvers:
    """The loaded approval rules. Pure."""

    def __init__(self, policies: Policies) -> None:
        self._rules = policies.approval
        self._owners = policies.owners

    @property
    def expires_after_ms(self) -> Millis:
        """How long a proposal waits for a person."""
        return Millis(self._rules.expires_after_hours * 3_600_000)

    @property
    def apply_within_s(self) -> int:
        """How old an approval may be when it is carried out."""
        return self._rules.apply_within_minutes * 60

    def deciding(
        self,
        actor: Actor,
        proposal: Proposal,
        *,
        author: Login,
        decided: bool,
        now: Millis,
        due_at: Millis,
        kill_switch: bool,
        risky: bool,
        first: SlackUserId | None,
    ) -> DecideContext:
        """The context of what a person does with a waiting card.

        `author` filed the ticket; `due_at` is when nobody may decide any more; `risky` and `first`: whether the ticket
        has a risk, and who has approved already where two have to.
        """
        return DecideContext(
            person=self.person(actor, proposal.target.tracker, author, proposal.layer),
            who=self._who(),
            reporter_may_approve=self._rules.reporter_may_approve,
            kill_switch=kill_switch,
            decided=decided,
            expired=now >= due_at,
            formal=self.is_formal(risky=risky),
            has_first=first is not None,
            first_is_self=first == actor.user,
        )

    def undoing(self, actor: Actor, *, kill_switch: bool) -> UndoContext:
        """The context of taking back what was written, and of the off switch."""
        return UndoContext(person=self.person(actor, None, None), who=self._who(), kill_switch=kill_switch)

    def asking(self, actor: Actor, *, kill_switch: bool) -> AskContext:
        """The context of `/triage` as far as it asks for something, looks, or says when somebody is away."""
        return AskContext(person=self.person(actor, None, None), kill_switch=kill_switch)

    def is_formal(self, *, risky: bool) -> bool:
        """Whether two people have to approve."""
        return risky and bool(self._rules.second)

    def seconds(self, first: SlackUserId | None) -> tuple[SlackUserId, ...]:
        """Who may be the second of two approvers."""
        return tuple(SlackUserId(one) for one in self._rules.second if one != first)

    def person(
        self, actor: Actor, tracker: TrackerName | None, author: Login | None, layer: LayerId | None = None
    ) -> Person:
        mine = [owner for owner in self._owners if owner.slack == actor.user]
        logins = {login.casefold() for owner in mine if tracker and (login := owner.logins.of(tracker))}
        who = self._rules.who
        return Person(
            is_bot=actor.is_bot,
            is_guest=actor.is_guest,
            is_stranger=actor.is_stranger,
            is_deactivated=actor.is_deactivated,
            is_known=actor.is_known,
            is_reporter=author is not None and author.casefold() in logins,
            is_listed=isinstance(who, tuple) and actor.user in who,
            in_directory=bool(mine),
            is_layer_owner=any(layer is None or layer in owner.layers for owner in mine),
            is_second=actor.user in self._rules.second,
        )

    def _who(self) -> WhoApproves:
        match self._rules.who:
            case "members":
                return WhoApproves.MEMBERS
            case "directory":
                return WhoApproves.DIRECTORY
            case "owners":
                return WhoApproves.OWNERS
            case _:
                return WhoApproves.LISTED
