"""Linear by `emulate`: the process, an interpreter in front of it, and people who act on it through GraphQL.

Where it is not like Linear (version 0.12.2), and what the interpreter does about it:

- `CommentCreateInput` has no `id`, `Issue` neither `trashed` nor `botActor`, `Comment` neither `botActor` nor
  `externalUser`, `IssueLabel` no `isGroup`: these are left out of what is asked.
- `issueLabels` takes no filter, `users` knows no display name to filter by, `issues` neither times nor an order: what
  is asked for without a filter is more than was wanted, and the adapter takes its own from it.
- An issue that is not there is null instead of an error. Every error is a 400 without a code.
- Webhooks have no `Linear-Timestamp`, issues in them no team, state, label ids and assignee, comments no issue; and
  `updatedFrom` is the whole issue as it was. So closing and assigning are seen by looking only.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from pydantic import BaseModel, JsonValue, SecretStr, TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.demo.town import free_port
from bot.sandbox.github.seed import KIND_LABELS, LAYER_LABELS
from bot.sandbox.github.server import Loopback
from bot.settings import Settings
from tests.others.bots import BODY, HOOK_SECRET, TITLE
from tests.others.processes import serving
from tests.trackers.github.examples import node_module

TEAM = "OPS"
"""Beside the team `ENG`, which every start brings with it, open to all."""
BOT = "triage"
ADMIN = "on-duty"
PEOPLE = (ADMIN, "product-lead", "data-lead", "ml-lead", "reporter-1", BOT)
READS = "lin_api_reads"
_LEFT_OUT = (
    r" trashed\b",
    r" isGroup\b",
    r" botActor \{ name \}",
    r" externalUser \{ displayName \}",
    r"\$filter: (?:IssueLabel|User|Issue)Filter,? ?",
    r"\$sort: \[IssueSortInput!\], \$archived: Boolean, ",
    r"(?<=issueLabels\()filter: \$filter, ",
    r"(?<=users\()filter: \$filter, ",
    r"(?<=issues\()filter: \$filter, sort: \$sort, includeArchived: \$archived, ",
    r"(?<=ReadPeople)\(\)",
)
_JSON = TypeAdapter(dict[str, JsonValue])


def interpreted(said: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A question of ours as this version understands it."""
    query, variables = str(said["query"]), _JSON.validate_python(said.get("variables") or {})
    for one in _LEFT_OUT:
        query = re.sub(one, "", query)
    told = variables.get("input")
    if isinstance(told, dict):
        variables["input"] = {name: value for name, value in told.items() if name != "id"}
    return {**said, "query": query, "variables": variables}


@dataclass(frozen=True)
class Workspace:
    """What people see and do. Every act is a request with that person's key."""

    http: httpx.AsyncClient
    url: str
    """Of the interpreter: what the bot is given."""
    server: str
    team_id: str

    async def act(self, login: str, query: str, **variables: JsonValue) -> dict[str, JsonValue]:
        key = {"authorization": key_of(login)}
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=key)
        whole = _JSON.validate_json(answer.content)
        assert "errors" not in whole, whole
        return _JSON.validate_python(whole["data"])

    async def hook_up(self, url: str) -> None:
        wanted: JsonValue = {"url": url, "teamId": self.team_id, "secret": HOOK_SECRET, "allPublicTeams": False}
        await self.act(ADMIN, "mutation H($w: WebhookCreateInput!) { webhookCreate(input: $w) { success } }", w=wanted)

    async def file(self, title: str = TITLE, body: str = BODY, author: str = "reporter-1") -> str:
        """The new issue's identifier."""
        wanted: JsonValue = {"teamId": self.team_id, "title": title, "description": body}
        query = "mutation F($w: IssueCreateInput!) { issueCreate(input: $w) { issue { identifier } } }"
        said = await self.act(author, query, w=wanted)
        return _Filed.model_validate(said).issueCreate.issue.identifier

    async def issue(self, identifier: str) -> Issue:
        query = """query I($id: String!) { issue(id: $id) {
            labels { nodes { name } } assignee { displayName } comments { nodes { body user { displayName } } } } }"""
        return _Seen.model_validate(await self.act(ADMIN, query, id=identifier)).issue

    async def label(self, identifier: str, name: str, by: str) -> None:
        said = await self.act(by, "query L { issueLabels(first: 100) { nodes { id name } } }")
        ids = {one.name: one.id for one in _Labels.model_validate(said).issueLabels.nodes}
        query = "mutation A($id: String!, $label: String!) { issueAddLabel(id: $id, labelId: $label) { success } }"
        await self.act(by, query, id=identifier, label=ids[name])


class _Name(BaseModel):
    name: str
    id: str = ""


class _Names(BaseModel):
    nodes: tuple[_Name, ...]


class _Person(BaseModel):
    displayName: str  # noqa: N815  # Linear's name


class _Comment(BaseModel):
    body: str
    user: _Person


class _Comments(BaseModel):
    nodes: tuple[_Comment, ...]


class Issue(BaseModel):
    labels: _Names
    assignee: _Person | None
    comments: _Comments

    @property
    def label_names(self) -> set[str]:
        return {one.name for one in self.labels.nodes}


class _Seen(BaseModel):
    issue: Issue


class _Labels(BaseModel):
    issueLabels: _Names  # noqa: N815  # Linear's name


class _Identified(BaseModel):
    identifier: str


class _Payload(BaseModel):
    issue: _Identified


class _Filed(BaseModel):
    issueCreate: _Payload  # noqa: N815  # Linear's name


class _Team(BaseModel):
    id: str


class _Teams(BaseModel):
    nodes: tuple[_Team, ...]


class _Place(BaseModel):
    teams: _Teams


def key_of(login: str) -> str:
    return f"lin_api_{login}"


@contextmanager
def running_emulate(node: Path, folder: Path) -> Iterator[str]:
    """Its address."""
    seed, port = folder / "seed.yaml", free_port()
    seed.write_text(yaml.safe_dump(_seed()))
    program = node_module("emulate") / "dist" / "index.js"
    command = [str(node), str(program), "start", "--host", "127.0.0.1", "-p", str(port), "-s", "linear"]
    url = f"http://127.0.0.1:{port}"
    home = {"HOME": str(folder), "NO_COLOR": "1"}
    with serving([*command, "--seed", str(seed)], f"{url}/graphql", folder / "emulate.log", home):
        yield url


def _seed() -> dict[str, object]:
    users = [{"email": f"{one}@example.com", "name": one, "display_name": one, "admin": one == ADMIN} for one in PEOPLE]
    rights = {one: ["read", "write", *(["admin"] if one == ADMIN else [])] for one in PEOPLE}
    keys = [{"token": key_of(one), "user": one, "scopes": rights[one]} for one in PEOPLE]
    keys.append({"token": READS, "user": BOT, "scopes": ["read"]})
    labels = [
        {"name": name, "color": f"#{color}", "team": TEAM} for name, color in {**LAYER_LABELS, **KIND_LABELS}.items()
    ]
    return {
        "tokens": {str(one["token"]): {"login": one["user"], "scopes": []} for one in keys},
        "linear": {
            "organization": {"name": "Acme", "url_key": "acme"},
            "users": users,
            "teams": [{"key": TEAM, "name": "Engineering", "private": True}],
            "labels": labels,
            "tokens": keys,
            "strict_scopes": True,
        },
    }


@asynccontextmanager
async def open_workspace(server: str) -> AsyncIterator[Workspace]:
    """With an interpreter of its own in front."""
    async with httpx.AsyncClient(base_url=server, trust_env=False) as http:

        async def pass_on(request: Request) -> Response:
            said = interpreted(_JSON.validate_json(await request.body()))
            key = {"authorization": request.headers.get("authorization", "")}
            answer = await http.post("/graphql", json=said, headers=key)
            return Response(answer.content, answer.status_code, media_type="application/json")

        front = Loopback(0)
        await front.start(Starlette(routes=[Route("/graphql", pass_on, methods=["POST"])]))
        place = Workspace(http, front.url, server, "")
        said = await place.act(
            ADMIN, "query T($f: TeamFilter) { teams(filter: $f) { nodes { id } } }", f={"key": {"eq": TEAM}}
        )
        try:
            yield Workspace(http, front.url, server, _Place.model_validate(said).teams.nodes[0].id)
        finally:
            await front.stop()


def pointed_at(settings: Settings, place: Workspace, policies: Path) -> Settings:
    return settings.model_copy(
        update={
            "linear_api_url": place.url,
            "linear_web_url": place.server,
            "linear_teams": (TEAM,),
            "linear_read_token": SecretStr(READS),
            "linear_write_token": SecretStr(key_of(BOT)),
            "linear_webhook_secret": SecretStr(HOOK_SECRET),
            "strata_policies": policies,
        }
    )
