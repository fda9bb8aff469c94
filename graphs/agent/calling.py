"""Answers one call of a tool: unknown names, bad arguments, refusals and failures all become a result in words.

Owns what a model is told when it does not get what it asked for. Every refusal is audited; nothing that the model sent
is repeated, neither to it nor to the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphs.agent.fence import Fence
from graphs.agent.talk import Call, Result
from graphs.errors import Denied, Outage, TrackerError
from graphs.ports import Notebook, Permission
from graphs.tools.offered import ANSWER_CHARS, BadQuestion, Case, Offer
from graphs.tools.toolbox import Scene, Toolbox

if TYPE_CHECKING:
    from graphs.agent.loop import Meter

UNKNOWN = "agent-unknown-tool"
"""In place of a policy's id: the tool is not on offer, so no policy was asked."""
TOO_MANY = "too many look-ups: answer with what you have"


@dataclass(frozen=True)
class Desk:
    """Where calls are answered for one ticket."""

    offers: Mapping[str, Offer]
    toolbox: Toolbox
    notebook: Notebook
    scene: Scene
    case: Case
    fence: Fence
    policy_version: str
    meter: Meter


@dataclass(frozen=True, slots=True)
class Answered:
    result: Result
    cites: Mapping[str, str] = field(default_factory=dict)


async def tell(desk: Desk, call: Call, made: int, *, allowed: bool, chars: int) -> Answered:
    """`made`: look-ups before this one; `chars`: how much may still be told."""
    if not allowed or chars <= 0:
        return _no(call, TOO_MANY)
    offer = desk.offers.get(call.name)
    if offer is None:
        no = Permission(allowed=False, policies=(UNKNOWN,), policy_version=desk.policy_version, why="no such tool")
        await desk.notebook.denied(desk.scene.triage, "unknown_tool", no)
        return _no(call, f"there is no such tool; there are: {', '.join(desk.offers)}")
    try:
        told = await offer.answer(call.input, desk.toolbox, desk.scene.after(made), desk.case)
    except BadQuestion as error:
        return _no(call, str(error))
    except Denied as error:
        return _no(call, str(error))
    except (TrackerError, Outage):
        return _no(call, "this cannot be read now")
    text = desk.fence.cleaned(told.text, min(ANSWER_CHARS, chars))
    return Answered(Result(call=call.id, text=desk.fence.around(text)), told.cites)


def _no(call: Call, why: str) -> Answered:
    return Answered(Result(call=call.id, text=why, is_error=True))
