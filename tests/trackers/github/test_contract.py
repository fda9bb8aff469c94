"""Every call we make is one that GitHub's own API description allows, and every answer we rely on is one it promises.

Prism judges both directions between our adapter and the local tracker. It answers a wrong request itself, so the
tracker never sees it and the call fails; on top of that its every complaint is collected, because some refusals
(a 404 for somebody who cannot be assigned) are ordinary answers to us.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import JsonValue, SecretStr, TypeAdapter

from bot.sandbox.github import Token
from bot.trackers.credentials import Access
from bot.trackers.github import payloads
from bot.trackers.github.credentials import AppIdentity, AppToken
from bot.trackers.github.transport import Transport
from graphs.errors import TrackerError
from graphs.model import Login
from tests.trackers.github.place import BOT, Place, open_place
from tests.trackers.github.prism import Prism, description, running_prism, sliced

pytestmark = pytest.mark.xdist_group("prism")
LAYER = "layer: retrieval and context"


@pytest.fixture(scope="session")
def prism(node: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    with running_prism(node, tmp_path_factory.mktemp("prism")) as proxy:
        yield proxy


@dataclass
class Judged:
    place: Place
    complaints: list[str]
    calls: list[str]


@pytest.fixture
async def judged(prism: Prism) -> AsyncIterator[Judged]:
    async with open_place(port=prism.behind, api=prism.url) as place:
        judged = Judged(place, [], [])

        async def listen(response: httpx.Response) -> None:
            judged.calls.append(f"{response.request.method} {response.request.url.path}")
            if "problem+json" in response.headers.get("content-type", ""):
                judged.complaints.append((await response.aread()).decode())

        place.http.event_hooks["response"].append(listen)
        yield judged


async def test_all_calls_of_reader_and_writer(judged: Judged) -> None:
    place = judged.place
    ref = await place.filed(labels=["needs info"])
    before = await place.reader.read(ref)
    assert before.labels == ("needs info",)
    assert LAYER in await place.reader.labels(ref)
    await place.writer.create_label(ref, "kind: new one")
    await place.writer.add_label(ref, LAYER)
    await place.writer.add_label(ref, "kind: new one")
    await place.writer.remove_label(ref, "needs info")
    await place.writer.assign(ref, Login("data-lead"))
    await place.writer.comment(ref, "Sorted to retrieval <!-- marker -->")
    after = await place.writer.read(ref)
    assert set(after.labels) == {LAYER, "kind: new one"}
    assert after.assignees == ("data-lead",)
    assert [one.author for one in await place.writer.comments(ref)] == [BOT]
    await place.writer.unassign(ref, Login("data-lead"))
    assert (await place.reader.read(ref)).assignees == ()
    assert judged.complaints == []


async def test_a_member_that_is_not_there(judged: Judged) -> None:
    place = judged.place
    ref = await place.filed()
    await place.writer.remove_label(ref, "wontfix")
    await place.writer.create_label(ref, LAYER)
    await place.writer.unassign(ref, Login("data-lead"))
    assert judged.complaints == []


async def test_an_apps_tokens(judged: Judged) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    place = judged.place
    place.github.install_app("triage", public, app_id=7, installation_id=9, repos=[place.repo])
    app = Transport(place.http, place.site, AppIdentity("7", SecretStr(pem)))
    for access in Access:
        assert (await AppToken(app, 9, access).token()).get_secret_value().startswith("ghs_")
    assert judged.complaints == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "labels", {"labels": "layer: operations"}),
        ("POST", "labels", {"labels": []}),
        ("POST", "assignees", {"assignees": "data-lead"}),
        ("POST", "comments", {"text": "no body"}),
        ("POST", "comments", {"body": 7}),
        ("DELETE", "assignees", {"assignee": "data-lead"}),
        ("POST", "tags", {}),
        ("PATCH", "labels", {"labels": ["x"]}),
    ],
)
async def test_a_wrong_call_would_be_noticed(judged: Judged, method: str, path: str, body: JsonValue) -> None:
    """The judge itself is judged: without this the tests above could pass for the wrong reason."""
    ref = await judged.place.filed()
    issue = f"/repos/{ref.project}/issues/{ref.number}"
    transport = judged.place.transport(Token(BOT, is_app=True, issues="write", repos=[judged.place.repo]))
    with pytest.raises(TrackerError):
        await transport.write(method, f"{issue}/{path}", body)
    assert len(judged.complaints) == 1
    assert judged.place.github.effects(judged.place.repo, int(ref.number)) == ()


async def test_no_call_replaces_a_list_or_edits_an_issue(judged: Judged) -> None:
    await test_all_calls_of_reader_and_writer(judged)
    assert {one.split()[0] for one in judged.calls} == {"GET", "POST", "DELETE"}
    deleted = [one for one in judged.calls if one.startswith("DELETE")]
    assert all("/labels/" in one or one.endswith("/assignees") for one in deleted)


READS: dict[str, TypeAdapter[object]] = {
    "issue": TypeAdapter(payloads.IssuePayload),
    "label-items": TypeAdapter(tuple[payloads.LabelPayload, ...]),
    "issue-comment": TypeAdapter(payloads.CommentPayload),
    "issue-comment-items": TypeAdapter(tuple[payloads.CommentPayload, ...]),
    "full-repository": TypeAdapter(payloads.RepositoryPayload),
}


@pytest.mark.parametrize("name", READS)
def test_the_answers_that_github_documents_are_readable(name: str) -> None:
    components = sliced(description())["components"]
    assert isinstance(components, dict)
    example = components["examples"][name]["value"]
    assert READS[name].validate_python(example)
