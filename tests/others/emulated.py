"""GitHub by `emulate`: the process, and people who act on it through its REST API.

Where it is not like github.com (version 0.12.2):

- `GET /repos/…/assignees/{login}` is 404 for everybody, so who may be assigned shows only when it is tried;
  `POST …/assignees` answers 200 instead of 201, and 422 for an unknown account, which github.com drops in silence.
- An `edited` webhook says `"changes": {"title": true, "body": false}` instead of quoting the old text.
- `X-GitHub-Delivery` is a counter (1, 2, 3 …) that starts again with the server; github.com sends a GUID. For a hook
  of an app it is the time in milliseconds, twice the same within one, so these stories use a repository's hook.
- Nothing is redelivered, there is no ETag, labels are compared with their case, and the label of a `labeled` event has
  a name and a colour only.
- A personal token may write wherever its account may read. Only tokens of an app are held to their permissions, so
  these stories use an app, in a private repository, where reading needs permission too.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import BaseModel, TypeAdapter

from bot.demo.town import free_port
from bot.sandbox.github.seed import KIND_LABELS, LAYER_LABELS
from bot.settings import Settings
from tests.others.bots import BODY, HOOK_SECRET, TITLE
from tests.others.processes import serving
from tests.trackers.github.examples import node_module

ORGANISATION = "acme"
APP, INSTALLATION, APP_LOGIN = 4711, 99, "strata[bot]"
ADMIN = "on-duty"
PEOPLE = (ADMIN, "product-lead", "data-lead", "ml-lead", "support-lead", "reporter-1")
"""Without `ops-lead`: an owner whose account is gone."""
_numbers = itertools.count(1)


class _Named(BaseModel):
    name: str


class _Account(BaseModel):
    login: str


class Issue(BaseModel):
    number: int
    labels: tuple[_Named, ...]
    assignees: tuple[_Account, ...]

    @property
    def label_names(self) -> set[str]:
        return {one.name for one in self.labels}

    @property
    def logins(self) -> tuple[str, ...]:
        return tuple(one.login for one in self.assignees)


class Comment(BaseModel):
    body: str
    user: _Account


class Delivery(BaseModel):
    event: str
    action: str | None
    status_code: int | None

    @property
    def name(self) -> str:
        return f"{self.event}.{self.action}"


class _Hook(BaseModel):
    id: int


class MintedToken(BaseModel):
    permissions: dict[str, str]


class _Minted(BaseModel):
    installation_tokens: tuple[MintedToken, ...]


_COMMENTS = TypeAdapter(tuple[Comment, ...])
_DELIVERIES = TypeAdapter(tuple[Delivery, ...])


@dataclass(frozen=True)
class Emulate:
    url: str
    key_file: Path
    """The app's private key."""


@contextmanager
def running_emulate(node: Path, folder: Path) -> Iterator[Emulate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key_file, seed, port = folder / "app.pem", folder / "seed.yaml", free_port()
    key_file.write_text(pem)
    seed.write_text(yaml.safe_dump(_seed(pem)))
    program = node_module("emulate") / "dist" / "index.js"
    command = [str(node), str(program), "start", "--host", "127.0.0.1", "-p", str(port), "-s", "github"]
    url = f"http://127.0.0.1:{port}"
    home = {"HOME": str(folder), "NO_COLOR": "1"}
    with serving([*command, "--seed", str(seed)], f"{url}/meta", folder / "emulate.log", home):
        yield Emulate(url, key_file)


def _seed(pem: str) -> dict[str, object]:
    rights = {"issues": "write", "metadata": "read"}
    installation = {"installation_id": INSTALLATION, "account": ORGANISATION, "repository_selection": "all"}
    app = {"app_id": APP, "slug": "strata", "name": "Strata", "private_key": pem, "permissions": rights}
    members = [{"login": one, "role": "admin" if one == ADMIN else "member"} for one in PEOPLE]
    return {
        "tokens": {f"token-of-{one}": {"login": one, "scopes": ["repo", "admin:repo_hook"]} for one in PEOPLE},
        "github": {
            "users": [{"login": one} for one in PEOPLE],
            "orgs": [{"login": ORGANISATION, "members": members}],
            "apps": [{**app, "installations": [installation]}],
        },
    }


@dataclass(frozen=True)
class Project:
    """One repository, as people see it. Every act is a request with that person's token."""

    http: httpx.AsyncClient
    repo: str

    async def hook_up(self, url: str) -> int:
        config = {"url": url, "secret": HOOK_SECRET, "content_type": "json"}
        whole = {"config": config, "events": ["issues", "issue_comment"]}
        return _Hook.model_validate_json(await self.act(ADMIN, "POST", "/hooks", whole)).id

    async def file(self, title: str = TITLE, body: str = BODY, author: str = "reporter-1") -> int:
        said = await self.act(author, "POST", "/issues", {"title": title, "body": body})
        return Issue.model_validate_json(said).number

    async def issue(self, number: int) -> Issue:
        return Issue.model_validate_json(await self.act(ADMIN, "GET", f"/issues/{number}"))

    async def comments(self, number: int) -> tuple[Comment, ...]:
        return _COMMENTS.validate_json(await self.act(ADMIN, "GET", f"/issues/{number}/comments"))

    async def deliveries(self, hook: int) -> tuple[Delivery, ...]:
        """What its webhook has told the bot, and what the bot answered."""
        return _DELIVERIES.validate_json(await self.act(ADMIN, "GET", f"/hooks/{hook}/deliveries?per_page=100"))

    async def act(self, login: str, method: str, path: str, body: object = None) -> bytes:
        token = {"authorization": f"Bearer token-of-{login}"}
        answer = await self.http.request(method, f"/repos/{self.repo}{path}", json=body, headers=token)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.content

    async def minted(self) -> tuple[MintedToken, ...]:
        """Every token an app was given since the server started."""
        answer = await self.http.get("/_emulate/installation-tokens")
        return _Minted.model_validate_json(answer.content).installation_tokens


@asynccontextmanager
async def new_project(emulate: Emulate) -> AsyncIterator[Project]:
    """A private repository of its own for each test, with the labels a team would have."""
    async with httpx.AsyncClient(base_url=emulate.url, trust_env=False) as http:
        name = f"assistant-{next(_numbers)}"
        made = await http.post(
            f"/orgs/{ORGANISATION}/repos",
            json={"name": name, "private": True},
            headers={"authorization": f"Bearer token-of-{ADMIN}"},
        )
        assert made.status_code == httpx.codes.CREATED, made.text
        project = Project(http, f"{ORGANISATION}/{name}")
        for label, color in {**LAYER_LABELS, **KIND_LABELS}.items():
            await project.act(ADMIN, "POST", "/labels", {"name": label, "color": color})
        yield project


def pointed_at(settings: Settings, emulate: Emulate, project: Project) -> Settings:
    """The bot as an app of this GitHub: each half gets a token narrowed to what it needs."""
    return settings.model_copy(
        update={
            "github_api_url": emulate.url,
            "github_web_url": emulate.url,
            "github_repositories": (project.repo,),
            "github_app_id": str(APP),
            "github_app_installation_id": str(INSTALLATION),
            "github_app_private_key_file": emulate.key_file,
        }
    )
