"""A tracker's door: who gets in, what is answered to everybody else, and that 2xx means committed."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from functools import partial

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from starlette.applications import Starlette

from bot.events import Malformed, NotAuthentic
from bot.executor.marker import Marker
from bot.intake import web
from bot.intake.hooks import Hooks
from bot.record.inbox import Outcome
from bot.record.record import Record
from bot.service.arrivals import Arrivals, Install
from bot.trackers.github.webhook import GitHubDoor
from graphs.model import InstallId
from tests.intake.asgi import HungUp, Reply, ask
from tests.trackers.github.deliveries import PROJECT, SECRET, as_json, headers, payload, signature

DOOR = "/hooks/github/main"
OPENED = as_json(payload("opened"))
PREVIOUS = "the secret before this one"


async def _ready() -> dict[str, str]:
    return {"record": "ok"}


def application(
    arrived: Callable[[Mapping[str, str], bytes], Awaitable[Outcome]], ready: web.Ready = _ready
) -> Starlette:
    return web.build(Hooks({("github", "main"): arrived}), ready)


@pytest.fixture
def app(record: Record) -> Starlette:
    install = Install(
        id=InstallId("main"), provider="github", door=GitHubDoor(), secrets=(SECRET, PREVIOUS), projects=(PROJECT,)
    )
    return application(partial(Arrivals(record, Marker(b"x" * 32)).arrived, install))


async def post(app: Starlette, body: bytes = OPENED, path: str = DOOR, **changed: str | None) -> Reply:
    """A delivery as GitHub sends it, with some of its headers changed or (None) left out."""
    sent: dict[str, str | None] = {**headers("issues", body)}
    sent.update({name.replace("_", "-"): value for name, value in changed.items()})
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items() if value is not None]
    return await ask(app, path, [body], raw)


async def stored(record: Record) -> tuple[int, int]:
    """(inbox rows, jobs)"""
    async with record.read() as tx:
        jobs = await tx.jobs.count("ready")
        return sum((await tx.inbox.outcomes("github")).values()), jobs


# --- who gets in --------------------------------------------------------------------------------------------------


async def test_a_signed_delivery_is_stored_with_its_work(app: Starlette, record: Record) -> None:
    reply = await post(app)
    assert (reply.status, reply.json()) == (202, {"outcome": "accepted"})
    assert await stored(record) == (1, 1)


async def test_a_delivery_signed_with_the_previous_secret_gets_in(app: Starlette) -> None:
    assert (await post(app, x_hub_signature_256=signature(OPENED, PREVIOUS))).status == 202


BAD_SIGNATURES = {
    "none": None,
    "empty": "",
    "another secret": signature(OPENED, "guess"),
    "another body": signature(OPENED + b" "),
    "no algorithm": signature(OPENED).removeprefix("sha256="),
    "another algorithm": signature(OPENED).replace("sha256", "sha1"),
    "too short": signature(OPENED)[:-1],
    "upper case": signature(OPENED).upper(),
    "not ASCII": "sha256=" + "\xe9" * 64,
    "digits of another script": "sha256=" + "\xb2" * 64,
    "a list": f"{signature(OPENED)}, {signature(OPENED)}",
    "enormous": "sha256=" + "a" * 60_000,
}


@pytest.mark.parametrize("signed", BAD_SIGNATURES)
async def test_fault_47_without_a_good_signature_nothing_is_stored(app: Starlette, record: Record, signed: str) -> None:
    reply = await post(app, x_hub_signature_256=BAD_SIGNATURES[signed])
    assert (reply.status, reply.json()) == (401, {"error": "the signature is missing or wrong"})
    assert await stored(record) == (0, 0)


async def test_an_unknown_install_looks_like_a_path_that_does_not_exist(app: Starlette) -> None:
    nowhere = await post(app, path="/nowhere")
    for path in ("/hooks/github/other", "/hooks/gitlab/main", "/hooks/GITHUB/main", "/hooks/github/main%00"):
        reply = await post(app, path=path)
        assert (reply.status, reply.body, reply.headers) == (404, nowhere.body, nowhere.headers)
        assert reply.pieces_read == 0
    assert nowhere.status == 404


@pytest.mark.parametrize("path", ["/hooks/github/main", "/hooks/github/other"])
async def test_other_methods_do_not_tell_which_installs_there_are(app: Starlette, path: str) -> None:
    assert (await ask(app, path, method="GET")).status == 405


async def test_an_install_without_a_secret_lets_nobody_in(record: Record) -> None:
    for secrets in ((), ("",)):
        install = Install(
            id=InstallId("main"), provider="github", door=GitHubDoor(), secrets=secrets, projects=(PROJECT,)
        )
        app = application(partial(Arrivals(record, Marker(b"x" * 32)).arrived, install))
        assert (await post(app, x_hub_signature_256=signature(OPENED, ""))).status == 401


# --- odd deliveries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000, b"null", b'{"action": 5}', b"{}"])
async def test_signed_rubbish_is_kept_and_harms_nobody(app: Starlette, record: Record, body: bytes) -> None:
    reply = await post(app, body)
    assert (reply.status, reply.json()) == (202, {"outcome": "malformed"})
    assert await stored(record) == (1, 0)


@pytest.mark.parametrize("delivery", [None, "", "a b", "\xe9", "x" * 129, "a'; DROP TABLE inbox; --"])
async def test_a_delivery_without_a_usable_id_is_refused(app: Starlette, record: Record, delivery: str | None) -> None:
    assert (await post(app, x_github_delivery=delivery)).status == 400
    assert await stored(record) == (0, 0)


@pytest.mark.parametrize("name", ["x-github-event", "content-type", "user-agent", "accept"])
async def test_headers_that_are_not_ascii_harm_nobody(app: Starlette, name: str) -> None:
    sent = headers("issues", OPENED) | {name: "\xff\xe9"}
    reply = await ask(app, DOOR, [OPENED], [(key.encode(), value.encode("latin-1")) for key, value in sent.items()])
    assert reply.status == 202


async def test_another_projects_delivery_is_not_acted_on(app: Starlette, record: Record) -> None:
    body = as_json(payload("opened") | {"repository": {"full_name": "evil/place", "private": False}})
    assert (await post(app, body)).json() == {"outcome": "ignored"}
    assert await stored(record) == (1, 0)


async def test_fault_57_the_same_delivery_many_times_at_once_is_one(app: Starlette, record: Record) -> None:
    replies = await asyncio.gather(*(post(app) for _ in range(20)))
    outcomes = [json.loads(reply.body)["outcome"] for reply in replies]
    assert sorted(outcomes) == ["accepted", *["duplicate"] * 19]
    assert await stored(record) == (1, 1)


async def test_fault_58_a_known_id_with_another_body_is_kept_apart(app: Starlette, record: Record) -> None:
    await post(app)
    other = as_json(payload("opened") | {"forged": True})
    assert (await post(app, other)).json() == {"outcome": "quarantined"}
    assert await stored(record) == (1, 1)
    async with record.read() as tx:
        assert await tx.inbox.quarantined() == 1
        (entry,) = await tx.audit.entries("github:main")
    assert entry.action == "quarantined"


async def test_fault_47_a_body_beyond_the_cap_is_refused(app: Starlette, record: Record) -> None:
    piece = b"x" * (1024 * 1024)
    reply = await ask(app, DOOR, [piece] * 50)
    assert (reply.status, reply.pieces_read) == (413, 6)
    assert (await post(app, content_encoding="gzip")).status == 415
    assert (await ask(app, DOOR, [b"{", HungUp])).status == 400
    assert await stored(record) == (0, 0)


# --- 2xx means committed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["COMMIT", "INSERT INTO inbox", "INSERT INTO jobs"])
async def test_fault_1_a_delivery_that_cannot_be_committed_is_not_acknowledged(
    app: Starlette, record: Record, statement: str
) -> None:
    """The disk is full, the file is locked, the server is gone: the sender is asked to come back."""
    broken = True

    @event.listens_for(record.engine.sync_engine, "before_cursor_execute")
    def fail(_c: object, _cursor: object, said: str, *_rest: object) -> None:
        if broken and said.startswith(statement):
            raise OperationalError(said, {}, OSError("disk full: canary"))

    @event.listens_for(record.engine.sync_engine, "commit")
    def fail_commit(_c: object) -> None:
        if broken and statement == "COMMIT":
            raise OperationalError("COMMIT", {}, OSError("disk full: canary"))

    reply = await post(app)
    assert (reply.status, reply.headers["retry-after"]) == (503, "10")
    assert b"canary" not in reply.body
    assert await stored(record) == (0, 0)
    broken = False
    assert (await post(app)).json() == {"outcome": "accepted"}, "the same delivery, sent again"
    assert await stored(record) == (1, 1)


async def test_a_record_that_is_gone_asks_the_sender_to_come_back(app: Starlette, record: Record) -> None:
    async with record.engine.begin() as connection:
        await connection.execute(text("DROP TABLE inbox"))
    reply = await post(app)
    assert (reply.status, reply.headers["retry-after"]) == (503, "10")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAuthentic("canary"), 401),
        (Malformed("no id"), 400),
        (OSError("canary"), 503),
        (TimeoutError("canary"), 503),
        (OperationalError("INSERT", {"secret": "canary"}, OSError()), 503),
    ],
)
async def test_what_is_answered_tells_nothing_of_the_inside(error: Exception, status: int) -> None:
    async def arrived(_headers: Mapping[str, str], _body: bytes) -> Outcome:
        raise error

    reply = await post(application(arrived))
    assert reply.status == status
    assert b"canary" not in reply.body


# --- health -------------------------------------------------------------------------------------------------------


async def test_health_and_readiness(app: Starlette) -> None:
    assert (await ask(app, "/healthz", method="GET")).json() == {"status": "ok"}
    assert (await ask(app, "/readyz", method="GET")).status == 200


async def test_a_part_that_is_down_makes_it_unready_but_not_dead() -> None:
    async def ready() -> dict[str, str]:
        return {"record": "cannot be reached", "triage": "paused"}

    async def arrived(_headers: Mapping[str, str], _body: bytes) -> Outcome:
        raise AssertionError

    app = application(arrived, ready)
    reply = await ask(app, "/readyz", method="GET")
    assert (reply.status, json.loads(reply.body)["parts"]["record"]) == (503, "cannot be reached")
    assert (await ask(app, "/healthz", method="GET")).status == 200


# --- a store in trouble -------------------------------------------------------------------------------------------


async def test_fault_37_a_record_that_is_locked_for_too_long_asks_the_sender_to_come_back(
    app: Starlette, record: Record
) -> None:
    def soon(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.cursor().execute("PRAGMA busy_timeout=20")

    event.listen(record.engine.sync_engine, "connect", soon)
    await record.engine.dispose()
    assert await stored(record) == (0, 0)  # a connection that is opened under the lock would wait for its first pragma
    with closing(sqlite3.connect(str(record.engine.url.database), isolation_level=None)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        reply = await post(app)
        assert (reply.status, reply.headers["retry-after"]) == (503, "10")
        rival.execute("ROLLBACK")
    assert (await post(app)).json() == {"outcome": "accepted"}
    assert await stored(record) == (1, 1)


async def test_fault_38_a_full_disk_stops_the_accepting_and_breaks_nothing(app: Starlette, record: Record) -> None:
    full = True

    def limit(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count={1 if full else 1_000_000}")

    event.listen(record.engine.sync_engine, "connect", limit)
    statuses = []
    for number in range(200):  # the pages that are there have some room left
        body = as_json(payload("opened") | {"padding": "x" * 100})
        statuses.append((await post(app, body, x_github_delivery=f"delivery-{number}")).status)
        if statuses[-1] == 503:
            break
    assert set(statuses) <= {202, 503}
    assert statuses[-1] == 503
    accepted = statuses.count(202)
    assert (await stored(record))[0] == accepted
    full = False
    await record.engine.dispose()
    assert (await post(app, x_github_delivery="after")).json() == {"outcome": "accepted"}
    assert (await stored(record))[0] == accepted + 1
    async with record.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"


async def test_fault_60_a_delivery_of_days_ago_that_nobody_has_seen_is_worked_on(
    app: Starlette, record: Record
) -> None:
    """GitHub signs no time and does not send again by itself: whoever sends it again by hand means it."""
    ticket = {**payload("opened")["issue"], "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}  # type: ignore[dict-item]  # JSON
    old = as_json(payload("opened") | {"issue": ticket})
    assert (await post(app, old)).json() == {"outcome": "accepted"}
    assert (await post(app, old)).json() == {"outcome": "duplicate"}
    assert await stored(record) == (1, 1)
