"""Looks up whose a path, module or component is: CODEOWNERS first, then the components of owners.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from graphs.acts import Action
from graphs.model import OwnerId, Value
from graphs.owners import Owners
from graphs.tools.offered import Offered, Told, ToolInput
from graphs.tools.toolbox import Arguments

MOST_PATHS, PATH_CHARS = 10, 160


class WhichPaths(Arguments):
    paths: tuple[str, ...]


class PathOwner(Value):
    path: str
    owners: tuple[OwnerId, ...]
    """Of the directory; names that are not in it count for nothing."""
    line: str
    """The policy line that says so; empty where none does."""


class CodeOwners:
    action = Action.CODE_OWNERS

    def __init__(self, owners: Owners) -> None:
        self._owners = owners

    async def run(self, arguments: WhichPaths) -> tuple[PathOwner, ...]:
        return tuple(self._one(path) for path in arguments.paths)

    def _one(self, path: str) -> PathOwner:
        found = self._owners.of_path(path)
        ids = dict.fromkeys(OwnerId(claim.owner.id) for claim in found)
        return PathOwner(path=path, owners=tuple(ids), line="; ".join(dict.fromkeys(claim.line for claim in found)))


class Paths(ToolInput):
    paths: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=PATH_CHARS)]],
        Field(min_length=1, max_length=MOST_PATHS, description="Paths, modules or components that the ticket names."),
    ]


def offer(tool: CodeOwners) -> Offered[Paths, WhichPaths, tuple[PathOwner, ...]]:
    return Offered(
        tool=tool,
        question=Paths,
        purpose="Whose the paths, modules or components are that the ticket names, by CODEOWNERS and the directory.",
        arguments=lambda asked, case: WhichPaths(ref=case.ticket.ref, paths=tuple(asked.paths)),
        told=lambda found, _: Told(
            "\n".join(f"{one.path}: {', '.join(one.owners) or 'nobody'} {one.line}".rstrip() for one in found),
            {owner: owner for one in found for owner in one.owners},
        ),
    )
