"""A GitHub App: its signed word gets it a token, narrowed to what it asked for."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.github import LocalGitHub
from tests.sandbox.github.conftest import plain_client

MINT = "/app/installations/55/access_tokens"
REPO = "/repos/acme/assistant"


@dataclass
class App:
    key: rsa.RSAPrivateKey
    http: httpx.AsyncClient

    def word(self, *, iss: str = "7", starts_in: float = -10, ends_in: float = 540) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": iss, "iat": now + int(starts_in), "exp": now + int(ends_in)}
        return {"authorization": f"Bearer {jwt.encode(claims, self.key, algorithm='RS256')}"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
async def app(github: LocalGitHub, key: rsa.RSAPrivateKey) -> AsyncIterator[App]:
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    github.add_repository("acme/other", private=True)
    repos = ["acme/assistant", "acme/other"]
    github.install_app("strata", public.decode(), app_id=7, installation_id=55, repos=repos)
    async with plain_client(github.url) as client:
        yield App(key, client)


async def test_a_token_for_reading_only(github: LocalGitHub, app: App) -> None:
    await github.file("acme/assistant", "reporter-1", "t", None)
    asked = {"permissions": {"issues": "read"}, "repositories": ["assistant"]}
    minted = await app.http.post(MINT, json=asked, headers=app.word())
    assert minted.status_code == 201
    assert minted.json()["permissions"] == {"issues": "read", "metadata": "read"}
    assert [one["full_name"] for one in minted.json()["repositories"]] == ["acme/assistant"]
    token = {"authorization": f"Bearer {minted.json()['token']}"}
    assert (await app.http.get(f"{REPO}/issues/1", headers=token)).status_code == 200
    assert (await app.http.post(f"{REPO}/issues/1/labels", json=["kind: bug"], headers=token)).status_code == 403
    assert (await app.http.get("/repos/acme/other", headers=token)).status_code == 404
    assert github.writes()[0].login == "strata[bot]"
    assert len(github.writes()) == 1, "minting a token is not a write to a ticket"


async def test_without_narrowing_it_may_do_what_was_installed(github: LocalGitHub, app: App) -> None:
    await github.file("acme/assistant", "reporter-1", "t", None)
    minted = (await app.http.post(MINT, headers=app.word())).json()
    token = {"authorization": f"Bearer {minted['token']}"}
    assert (await app.http.post(f"{REPO}/issues/1/labels", json=["kind: bug"], headers=token)).status_code == 200
    assert (await app.http.get("/repos/acme/other", headers=token)).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"permissions": {"issues": "admin"}},
        {"permissions": {"contents": "read"}},
        {"permissions": {"issues": "everything"}},
        {"repositories": ["secret"]},
        {"repositories": []},
        {"repository_ids": [1]},
    ],
)
async def test_more_than_installed_is_refused(app: App, asked: dict[str, object]) -> None:
    assert (await app.http.post(MINT, json=asked, headers=app.word())).status_code == 422


async def test_a_word_that_does_not_hold_is_401(app: App) -> None:
    stranger = App(rsa.generate_private_key(65537, 2048), app.http)
    unsigned = jwt.encode({"iss": "7", "iat": 0, "exp": time.time() + 60}, "", algorithm="none")
    for header in (
        stranger.word(),
        app.word(iss="8"),
        app.word(ends_in=-1),
        app.word(ends_in=1200),
        app.word(starts_in=120),
        {"authorization": f"Bearer {unsigned}"},
        {"authorization": "Bearer nonsense"},
        {},
    ):
        assert (await app.http.post(MINT, headers=header)).status_code == 401, header


async def test_it_finds_its_installation(app: App) -> None:
    found = await app.http.get(f"{REPO}/installation", headers=app.word())
    assert (found.status_code, found.json()["id"]) == (200, 55)
    assert (await app.http.get("/app", headers=app.word())).json()["slug"] == "strata"
    assert (await app.http.post(MINT.replace("55", "56"), headers=app.word())).status_code == 404


async def test_tokens_live_an_hour(key: rsa.RSAPrivateKey) -> None:
    now = time.time()
    async with LocalGitHub(clock=lambda: now) as github:
        github.add_repository("acme/assistant", private=True)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        github.install_app("strata", public.decode(), app_id=7, installation_id=55, repos=["acme/assistant"])
        async with plain_client(github.url) as http:
            minted = (await http.post(MINT, headers=App(key, http).word())).json()
            token = {"authorization": f"Bearer {minted['token']}"}
            assert (await http.get(REPO, headers=token)).status_code == 200
            now += 3601
            assert (await http.get(REPO, headers=token)).status_code == 401
