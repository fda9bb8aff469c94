"""Tokens: narrow, short-lived, made one at a time, and never shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import JsonValue, SecretStr

from bot.sandbox.github import LocalGitHub, demo_repository
from bot.trackers.credentials import Access, StaticToken
from bot.trackers.github.credentials import AppIdentity, AppToken, BadKey
from bot.trackers.github.reader import GitHubReader
from bot.trackers.github.site import GitHubSite
from bot.trackers.github.transport import Transport, open_http
from bot.trackers.github.writer import GitHubWriter
from graphs.errors import RateLimited, TrackerRefused, TrackerUnavailable
from graphs.model import InstallId, TicketRef, TrackerName

APP, INSTALLATION = "7", 9
SITE = GitHubSite()


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> SecretStr:
    return SecretStr(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Mint:
    """GitHub's minting endpoint, with a clock that the test turns."""

    now: float = 1_800_000_000.0
    asked: list[dict[str, JsonValue]] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)
    status: int = 201
    gives: dict[str, JsonValue] = field(default_factory=dict)
    """Instead of what a good server answers."""

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # lets the others in, as a network would
        wanted: dict[str, JsonValue] = json.loads(request.content)
        self.asked.append(wanted)
        self.signed.append(request.headers["authorization"].removeprefix("Bearer "))
        ends = datetime.fromtimestamp(self.now + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {"token": f"ghs_{len(self.asked)}", "expires_at": ends, **wanted, **self.gives}
        return httpx.Response(self.status, json=said)

    @asynccontextmanager
    async def token(self, key: rsa.RSAPrivateKey, access: Access = Access.READ) -> AsyncIterator[AppToken]:
        def wall() -> float:
            return self.now

        async with httpx.AsyncClient(transport=httpx.MockTransport(self.answer)) as http:
            yield AppToken(Transport(http, SITE, AppIdentity(APP, pem_of(key), wall)), INSTALLATION, access, wall)


async def shown(token: AppToken) -> str:
    return (await token.token()).get_secret_value()


@pytest.mark.parametrize("access", Access)
async def test_each_half_asks_for_its_own_rights_only(key: rsa.RSAPrivateKey, access: Access) -> None:
    mint = Mint()
    async with mint.token(key, access) as token:
        assert await shown(token) == "ghs_1"
    assert mint.asked == [{"permissions": {"issues": access.value, "metadata": "read"}}]


async def test_the_app_signs_for_minutes(key: rsa.RSAPrivateKey) -> None:
    mint = Mint()
    async with mint.token(key) as token:
        await token.token()
    claims = jwt.decode(
        mint.signed[0], key.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["iss"] == APP
    assert claims["iat"] <= mint.now < claims["exp"] <= mint.now + 600


async def test_a_token_is_kept_until_a_minute_before_its_end(key: rsa.RSAPrivateKey) -> None:
    mint = Mint()
    async with mint.token(key) as token:
        assert await shown(token) == "ghs_1"
        mint.now += 3600 - 61
        assert await shown(token) == "ghs_1"
        mint.now += 1
        assert await shown(token) == "ghs_2"


async def test_many_callers_make_one_token(key: rsa.RSAPrivateKey) -> None:
    mint = Mint()
    async with mint.token(key) as token:
        assert await asyncio.gather(*[shown(token) for _ in range(20)]) == ["ghs_1"] * 20
    assert len(mint.asked) == 1


async def test_a_refused_token_is_made_anew(key: rsa.RSAPrivateKey) -> None:
    """Revoked before its time: the call that learns it fails, the next one has a new token."""
    mint = Mint()

    async def tracker(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401 if request.headers["authorization"] == "Bearer ghs_1" else 200, json={})

    async with mint.token(key) as token, httpx.AsyncClient(transport=httpx.MockTransport(tracker)) as http:
        transport = Transport(http, SITE, token)
        with pytest.raises(TrackerRefused):
            await transport.get("/x")
        assert (await transport.get("/x")).status == 200


@pytest.mark.parametrize(
    "rights", [{"issues": "write", "metadata": "read"}, {"issues": "read", "contents": "write"}, {}]
)
async def test_a_token_with_other_rights_than_asked_is_not_used(key: rsa.RSAPrivateKey, rights: JsonValue) -> None:
    mint = Mint(gives={"permissions": rights})
    async with mint.token(key) as token:
        with pytest.raises(TrackerRefused, match="other rights"):
            await token.token()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, TrackerRefused),
        (404, TrackerRefused),
        (422, TrackerRefused),
        (429, RateLimited),
        (500, TrackerUnavailable),
    ],
)
async def test_no_token_is_a_refusal_of_the_credential(
    key: rsa.RSAPrivateKey, status: int, kind: type[Exception]
) -> None:
    """Never `TicketGone`: that would settle a ticket because an app was uninstalled."""
    mint = Mint(status=status)
    async with mint.token(key) as token:
        with pytest.raises(kind):
            await token.token()
        mint.status = 201
        assert await shown(token)


@pytest.mark.parametrize("gives", [{"expires_at": "tomorrow"}, {"expires_at": "2027-01-01T00:00:00"}, {"token": None}])
async def test_an_odd_answer_is_no_token(key: rsa.RSAPrivateKey, gives: dict[str, JsonValue]) -> None:
    mint = Mint(gives=gives)
    async with mint.token(key) as token:
        with pytest.raises(TrackerUnavailable):
            await token.token()


@pytest.mark.parametrize(
    "text", ["", "-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END RSA PRIVATE KEY-----", "sécret"]
)
def test_a_broken_key_is_named_but_not_shown(text: str) -> None:
    with pytest.raises(BadKey) as caught:
        AppIdentity(APP, SecretStr(text))
    assert "cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_only_an_rsa_key_will_do() -> None:
    with pytest.raises(BadKey, match="not an RSA key"):
        AppIdentity(APP, pem_of(ec.generate_private_key(ec.SECP256R1())))


async def test_nothing_shows_a_secret(key: rsa.RSAPrivateKey) -> None:
    mint = Mint()
    identity = AppIdentity(APP, pem_of(key))
    async with mint.token(key) as token:
        await token.token()
        for holder in (StaticToken(SecretStr("ghp_secret")), identity, token):
            text = f"{holder!r} {holder!s} {vars(holder)}"
            assert "ghp_secret" not in text
            assert "ghs_1" not in text
            assert "BEGIN" not in text


async def test_with_the_local_github_each_token_can_do_its_part_only(key: rsa.RSAPrivateKey) -> None:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    async with LocalGitHub() as github:
        repo = demo_repository(github)
        github.install_app("triage", public, app_id=int(APP), installation_id=INSTALLATION, repos=[repo])
        number = await github.file(repo, "reporter-1", "title", "body")
        ref = TicketRef(tracker=TrackerName.GITHUB, install=InstallId("main"), project=repo, number=str(number))
        site = GitHubSite(web=github.url, api=github.url)
        async with open_http(site) as http:
            app = Transport(http, site, AppIdentity(APP, pem_of(key)))
            read = Transport(http, site, AppToken(app, INSTALLATION, Access.READ))
            write = Transport(http, site, AppToken(app, INSTALLATION, Access.WRITE))
            assert (await GitHubReader(read, site).read(ref)).title == "title"
            with pytest.raises(TrackerRefused):
                await GitHubWriter(read, site).comment(ref, "no")
            await GitHubWriter(write, site).comment(ref, "yes")
        assert [one.body for one in github.issue(repo, number).comments] == ["yes"]
