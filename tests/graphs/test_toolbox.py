"""No tool runs before the gate was asked, a refusal is audited, and every tool has an action in the rules."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace

import pytest

import graphs.tools
from graphs.acts import AGENT, READS, Action, ReadContext
from graphs.errors import Denied, TrackerUnavailable
from graphs.tools.toolbox import Arguments, Scene, Toolbox
from tests.builders import a_ref, a_ticket
from tests.graphs.doubles import GATE, TRIAGE, FakeNotebook, Trips, WatchedGate

SCENE = Scene(TRIAGE, a_ref(), private=False)


class Lookup:
    """A tool that says when it ran."""

    action = Action.LIST_LABELS

    def __init__(self, gate: WatchedGate) -> None:
        self.ran: list[int] = []
        self._gate = gate

    async def run(self, arguments: Arguments) -> str:
        self.ran.append(len(self._gate.asked))
        return f"read {arguments.ref.short}"


def parts(refuse: Action | None = None, *, paused: bool = False) -> tuple[Toolbox, Lookup, WatchedGate, FakeNotebook]:
    gate, notebook = WatchedGate(refuse), FakeNotebook(Trips())
    return Toolbox(gate, notebook, lambda: paused), Lookup(gate), gate, notebook


async def test_the_gate_is_asked_first_and_each_time() -> None:
    toolbox, tool, gate, _ = parts()
    assert await toolbox.use(tool, Arguments(ref=a_ref()), SCENE) == "read acme/assistant#12"
    await toolbox.use(tool, Arguments(ref=a_ref()), SCENE)
    assert tool.ran == [1, 2]
    assert [action for action, _ in gate.asked] == [Action.LIST_LABELS] * 2


async def test_a_refused_tool_does_not_run_and_the_refusal_is_audited() -> None:
    toolbox, tool, _, notebook = parts(refuse=Action.LIST_LABELS)
    with pytest.raises(Denied, match="list_labels is not allowed: the test says no"):
        await toolbox.use(tool, Arguments(ref=a_ref()), SCENE)
    assert tool.ran == []
    assert notebook.denials == [("list_labels", "the test says no")]


async def test_a_paused_bot_reads_nothing() -> None:
    toolbox, tool, _, notebook = parts(paused=True)
    with pytest.raises(Denied, match="paused"):
        await toolbox.use(tool, Arguments(ref=a_ref()), SCENE)
    assert (tool.ran, len(notebook.denials)) == ([], 1)


@pytest.mark.parametrize(
    ("scene", "ref", "allowed"),
    [
        (SCENE, a_ref(), True),
        (SCENE, a_ref(99), True),
        (SCENE, a_ref(project="acme/secrets"), False),
        (SCENE, a_ref(install="other"), False),
        (replace(SCENE, private=True), a_ref(project="acme/secrets"), True),
        (SCENE.after(39), a_ref(), True),
        (SCENE.after(40), a_ref(), False),
    ],
)
async def test_a_public_ticket_leads_to_nothing_private_and_look_ups_are_counted(
    scene: Scene, ref: object, *, allowed: bool
) -> None:
    toolbox, tool, _, notebook = parts()
    arguments = Arguments.model_validate({"ref": ref})
    if allowed:
        await toolbox.use(tool, arguments, scene)
    else:
        with pytest.raises(Denied):
            await toolbox.use(tool, arguments, scene)
    assert len(tool.ran) == allowed
    assert len(notebook.denials) == (not allowed)


async def test_what_a_tool_raises_comes_through() -> None:
    toolbox, _, gate, notebook = parts()

    class Broken(Lookup):
        async def run(self, arguments: Arguments) -> str:
            raise TrackerUnavailable("no answer")

    with pytest.raises(TrackerUnavailable):
        await toolbox.use(Broken(gate), Arguments(ref=a_ref()), SCENE)
    assert notebook.denials == []


# --- every tool there is ------------------------------------------------------------------------------------------


def tools() -> dict[str, Action]:
    """Found by looking into the folder, so that a new file cannot be forgotten here."""
    found = {}
    for module in pkgutil.iter_modules(graphs.tools.__path__):
        content = importlib.import_module(f"graphs.tools.{module.name}")
        for name, thing in inspect.getmembers(content, inspect.isclass):
            own = thing.__module__ == content.__name__
            if own and inspect.iscoroutinefunction(getattr(thing, "run", None)) and name != "Tool":
                found[f"{module.name}.{name}"] = getattr(thing, "action", None)
    return found  # type: ignore[return-value]  # a tool without an action is what the test below finds


def test_every_file_holds_one_tool() -> None:
    files = {module.name for module in pkgutil.iter_modules(graphs.tools.__path__)} - {"toolbox", "offered", "registry"}
    assert sorted(name.split(".")[0] for name in tools()) == sorted(files)


def test_every_tool_has_an_action_of_its_own_and_each_reading_action_a_tool() -> None:
    assert sorted(tools().values()) == sorted(READS)


@pytest.mark.parametrize("tool", tools())
def test_the_rules_know_every_tool_and_can_refuse_it(tool: str) -> None:
    context = ReadContext(
        kill_switch=False,
        own_ticket=True,
        ticket_private=False,
        resource_private=False,
        saw_untrusted=True,
        calls_so_far=0,
    )
    assert GATE.check(AGENT, tools()[tool], a_ticket().ref, context).allowed
    assert not GATE.check(AGENT, tools()[tool], a_ticket().ref, replace(context, kill_switch=True)).allowed
