"""The one way a tool is used: the gate is asked first, a refusal is audited, then the tool runs.

Owns the shape of a tool. To add one: a file beside this one, and its action in `graphs.acts` and the Cedar schema.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, runtime_checkable

from graphs.acts import AGENT, Action, ReadContext
from graphs.errors import Denied
from graphs.model import TicketRef, TriageId, Value
from graphs.ports import Gatekeeper, Notebook


class Arguments(Value):
    """Base of every tool's arguments: typed, unknown ones refused. `ref` says which ticket or project is read."""

    ref: TicketRef


A_contra = TypeVar("A_contra", bound=Arguments, contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Tool(Protocol[A_contra, R_co]):
    """Reads one thing. Raises `graphs.errors.TrackerError` subclasses."""

    @property
    def action(self) -> Action:
        """What the gate is asked. Also the tool's name."""
        ...

    async def run(self, arguments: A_contra) -> R_co: ...


@runtime_checkable
class KnowsVisibility(Protocol[A_contra]):
    """A tool that can say, without showing it, whether what is asked for can be read by few."""

    async def is_private(self, arguments: A_contra) -> bool: ...


@dataclass(frozen=True)
class Scene:
    """The circumstances of a tool call."""

    triage: TriageId
    ref: TicketRef
    private: bool = True
    """Whether few may read the ticket being triaged; True until it was read."""
    calls: int = 0
    saw_untrusted: bool = False
    """True as soon as a model that has read the ticket chooses what is looked up."""

    def after(self, calls: int) -> Scene:
        return replace(self, calls=self.calls + calls)


A = TypeVar("A", bound=Arguments)
R = TypeVar("R")


class Toolbox:
    """Asks the gate, then runs the tool."""

    def __init__(self, gate: Gatekeeper, notebook: Notebook, paused: Callable[[], bool]) -> None:
        self._gate = gate
        self._notebook = notebook
        self._paused = paused

    async def use(self, tool: Tool[A, R], arguments: A, scene: Scene) -> R:
        """Raises `Denied` when the gate says no, and whatever the tool raises."""
        own = arguments.ref.install == scene.ref.install and arguments.ref.project == scene.ref.project
        context = ReadContext(
            kill_switch=self._paused(),
            own_ticket=own,
            ticket_private=scene.private,
            resource_private=await _is_private(tool, arguments, scene, own=own),
            saw_untrusted=scene.saw_untrusted,
            calls_so_far=scene.calls,
        )
        permission = self._gate.check(AGENT, tool.action, arguments.ref, context)
        if not permission.allowed:
            await self._notebook.denied(scene.triage, tool.action, permission)
            raise Denied(f"{tool.action} is not allowed: {permission.why}")
        return await tool.run(arguments)


async def _is_private(tool: Tool[A, R], arguments: A, scene: Scene, *, own: bool) -> bool:
    """Without a look at it, another project counts as private."""
    if isinstance(tool, KnowsVisibility):
        return await tool.is_private(arguments)
    return scene.private if own else True
