"""One question about one ticket that is asked without tools, as a batch needs it: put, and later understood.

Owns the name of a question and what follows from each way in which its answer can end: an answer that cannot be used is
a failure here, and whoever asked takes the usual way instead. Must not send anything.
"""

from __future__ import annotations

import hashlib

from graphs.agent import prompting
from graphs.agent.answer import BadAnswer, Verdict, read, shape
from graphs.agent.batching import Missed, Question, at_most, halved
from graphs.agent.budget import ModelFailed, Outcome, Spent
from graphs.agent.concluding import Said, conclude
from graphs.agent.engine import Agent, Conversation
from graphs.agent.fence import Fence
from graphs.agent.prices import cost
from graphs.agent.talk import Keep, Reply, Request, Stop, Text, Turn, Usage
from graphs.model import Analysis, TicketKey, TriageId
from graphs.ports import Dossier

_ENDS = {
    Stop.REFUSAL: Outcome.REFUSED,
    Stop.CONTEXT_EXCEEDED: Outcome.CONTEXT,
    Stop.MAX_TOKENS: Outcome.TOO_LONG,
    Stop.TOOL_USE: Outcome.BAD_ANSWER,
    Stop.PAUSE_TURN: Outcome.BAD_ANSWER,
}
_ID_CHARS = 48


class Single:
    """Questions of one agent, one at a time."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._price = halved(agent.price)

    def name(self, dossier: Dossier) -> str:
        """Of the question: model, prompts, taxonomy, layers and the ticket's text as it is read."""
        parts = (*sorted(self._agent.versions.items()), dossier.layers, prompting.as_read(dossier.ticket))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:_ID_CHARS]

    async def question(self, dossier: Dossier) -> Question:
        """Not kept by the service: whether one question of a batch finds what another has written is chance."""
        agent, profile = self._agent, self._agent.profile
        fence = Fence(agent.kit.redactor, agent.kit.fence)
        text, past = await agent.opening(dossier, await agent.kit.notebook.now(), fence)
        request = Request(
            model=agent.model,
            system=agent.system,
            turns=(Turn(role="user", blocks=(Text(text=text),)),),
            shape=shape() if profile.holds_shape else None,
            max_tokens=profile.max_tokens,
            effort=profile.effort,
            keep=Keep.NOT,
            deadline_s=agent.kit.limits.call_seconds,
        )
        return Question(id=self.name(dossier), request=request, past=past)

    def at_most(self, question: Question) -> float:
        """US dollars that it can cost."""
        return at_most(question.request, self._price)

    async def heard(
        self, question: Question, dossier: Dossier, local: Analysis | None, told: Reply | Missed, batch: str
    ) -> Conversation:
        """`batch`: which one the answer came in."""
        if isinstance(told, Missed):
            return Conversation(
                self._spent(question, dossier, Usage(), Outcome.AWAY, batch),
                None,
                ModelFailed(Outcome.AWAY, f"{told} in its batch"),
            )
        try:
            verdict = _verdict(told, dossier)
        except ModelFailed as error:
            return Conversation(self._spent(question, dossier, told.usage, error.outcome, batch), None, error)
        agent = self._agent
        spent = self._spent(question, dossier, told.usage, Outcome.ANSWERED, batch)
        fence = Fence(agent.kit.redactor, agent.kit.fence)
        said = Said(verdict, agent.known | question.past, spent, agent.versions, await agent.certainty(dossier))
        analysis = conclude(said, dossier, local, fence)
        agreed = None if local is None else analysis.layer == local.layer
        return Conversation(spent.model_copy(update={"agreed": agreed}), analysis, None, verdict.sure)

    def unclaimed(self, name: str, reply: Reply, batch: str) -> Spent:
        """The bill for an answer about a ticket that nobody asks about any more."""
        return self._bill(name, TriageId(""), TicketKey(""), reply.usage, Outcome.ANSWERED, batch)

    def _spent(self, question: Question, dossier: Dossier, usage: Usage, outcome: Outcome, batch: str) -> Spent:
        return self._bill(question.id, dossier.triage, dossier.ticket.ref.key, usage, outcome, batch)

    def _bill(
        self, name: str, triage: TriageId, ticket: TicketKey, usage: Usage, outcome: Outcome, batch: str
    ) -> Spent:
        return Spent(
            triage=triage,
            ticket=ticket,
            model=self._agent.model,
            prompt=self._agent.kit.prompts.triage.label,
            outcome=outcome,
            usage=usage,
            usd=round(cost(usage, self._price), 6),
            steps=1,
            calls=0,
            keep=Keep.NOT,
            batch=f"{batch}/{name}",
        )


def _verdict(reply: Reply, dossier: Dossier) -> Verdict:
    """Raises `ModelFailed`."""
    if reply.stop in _ENDS:
        raise ModelFailed(_ENDS[reply.stop])
    try:
        return read(reply.text, dossier.layers)
    except BadAnswer as error:
        raise ModelFailed(Outcome.BAD_ANSWER, str(error)) from None
