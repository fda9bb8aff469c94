"""`strata policy`: are the rules in order, what would they say to one act, and what do they say to all of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings

if TYPE_CHECKING:
    from graphs.gate import Gate

policy = typer.Typer(
    help="Look at the permission rules: the shipped ones and those of STRATA_POLICIES.", no_args_is_help=True
)

MOST_BYTES = 256 * 1024
EXAMPLE = (
    '{"principal": {"kind": "Agent", "id": "triage"}, "action": "read_ticket", '
    '"ticket": "owner/repo#1", "context": {…}}'
)


@policy.command()
def check() -> None:
    """Read all policies and rules and say what is wrong with them. Exit 0: nothing; 2: they cannot be used."""
    from policies.loader import load

    found = settings()
    policies, gate = load(found.strata_policies), _gate()
    trial = f", {len(gate.trial)} on trial ({', '.join(gate.trial)})" if gate.trial else ""
    sys.stdout.write(
        f"{len(gate.rules)} rules in force{trial}, version {gate.policy_version}; "
        f"{len(policies.layers)} layers, {len(policies.owners)} owners, version {policies.version}\n"
    )


@policy.command()
def explain(
    request: Annotated[Path, typer.Argument(help=f"A JSON file with one request; - is standard input. {EXAMPLE}")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask the rules about one act: exit 0 when it is allowed, 1 when not, 2 when the request cannot be read."""
    asked = _asked(request)
    answer = _gate().judge(
        {"type": asked.principal.kind, "id": asked.principal.id},
        asked.action,
        f"github:main:{asked.ticket.casefold()}",
        dict(asked.context),
    )
    if as_json:
        sys.stdout.write(answer.model_dump_json() + "\n")
    else:
        said = "allowed" if answer.allowed else "denied"
        by = f" by {', '.join(answer.policies)}" if answer.policies else ""
        would = f"\nOn trial, would deny: {', '.join(answer.would_deny)}" if answer.would_deny else ""
        sys.stdout.write(f"{said}{by}: {answer.why}{would}\n")
    if not answer.allowed:
        raise typer.Exit(REFUSED)


@policy.command()
def table(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON rows.")] = False) -> None:
    """Print the decision table: who may do what under which circumstance, and by which rule."""
    from dataclasses import asdict

    from graphs.gate_table import markdown, rows

    gate = _gate()
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in rows(gate)]) + "\n")
    else:
        sys.stdout.write(markdown(gate) + "\n")


def _gate() -> Gate:
    from graphs.gate import Gate

    return Gate.load(settings().strata_policies)


class _Principal(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: str
    id: str


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    principal: _Principal
    action: str
    ticket: str = Field(pattern=r"^[^#\s]{1,200}#[^#\s]{1,20}$")
    context: dict[str, JsonValue]


def _asked(path: Path) -> _Asked:
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES) if path == Path("-") else path.read_bytes()[:MOST_BYTES]
        return _Asked.model_validate_json(raw)
    except OSError as error:
        sys.stderr.write(f"strata: {path} cannot be read: {error.strerror}\n")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        sys.stderr.write(f"strata: {path}: {where}: {first['msg']}. A request looks like {EXAMPLE}\n")
    raise typer.Exit(WRONG)
