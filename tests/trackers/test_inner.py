"""No tracker's name leads into the inner network unless the settings say so; and a name is believed once a request."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr, ValidationError

from bot.settings import Settings
from bot.trackers.credentials import StaticToken
from bot.trackers.gitlab.site import GitLabSite
from bot.trackers.gitlab.wire import gitlab_transport
from bot.trackers.inner import InnerNetwork, is_allowed, is_private
from bot.trackers.transport import open_http
from graphs.errors import TrackerUnavailable

NAME = "tracker.example.com"
HERE = ip_network("127.0.0.0/8")
PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # nobody listens there
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_what_is_not_on_the_internet(address: str) -> None:
    assert is_private(address)
    assert not is_allowed(address, [ip_network("11.0.0.0/8"), ip_network("2001:db8::/32")])


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_what_is(address: str) -> None:
    assert not is_private(address)
    assert is_allowed(address, [])


@pytest.mark.parametrize("address", ["10.20.3.4", "::ffff:10.20.3.4", "fd12::9"])
def test_a_network_that_is_named_is_allowed(address: str) -> None:
    assert is_allowed(address, [ip_network("10.20.0.0/16"), ip_network("fd12::/64")])


def leading_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Every name leads there; which names were asked for."""
    asked: list[str] = []

    def told(host: str, port: int, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr("socket.getaddrinfo", told)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return asked


@asynccontextmanager
async def serving(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server with a certificate for `NAME`, which our client trusts; its port and what it heard."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    whose = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    own = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    file = folder / "own.pem"
    file.write_bytes(own + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    trusting = ssl.create_default_context(cadata=own.decode())
    monkeypatch.setattr("bot.trackers.transport._authorities", lambda _: trusting)
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1], heard


async def asked(name: str, port: int, *allowed: str) -> int:
    site = GitLabSite(web=f"https://{name}:{port}")
    async with open_http(site.api, allowed=[ip_network(one) for one in allowed]) as http:
        transport = gitlab_transport(http, site, StaticToken(SecretStr("canary")))
        return (await transport.get("/x")).status


async def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch) as (port, heard):
        for addresses in (["127.0.0.1"], [PUBLIC, "127.0.0.1"]):
            leading_to(monkeypatch, *addresses)
            with pytest.raises(
                InnerNetwork, match=r"tracker\.example\.com leads to 127\.0\.0\.1.*STRATA_PRIVATE_NETWORKS"
            ):
                await asked(NAME, port)
        assert heard == []


async def test_an_allowed_network_is_asked_by_name_and_its_certificate_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, monkeypatch) as (port, heard):
        looked_up = leading_to(monkeypatch, "127.0.0.1")
        assert await asked(NAME, port, "10.0.0.0/8", str(HERE)) == 200
        assert f"\r\nhost: {NAME}:{port}\r\n".encode() in heard[0].lower()
        assert looked_up.count(NAME) == 1, "looked up a second time, it could lead elsewhere"
        with pytest.raises(TrackerUnavailable):
            await asked("another.example.com", port, str(HERE))
        assert len(heard) == 1


async def test_a_name_that_nobody_knows_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    leading_to(monkeypatch)
    monkeypatch.setattr("socket.getaddrinfo", unknown)
    with pytest.raises(TrackerUnavailable):
        await asked(NAME, 443)


async def test_a_proxy_looks_names_up_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = leading_to(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    with pytest.raises(TrackerUnavailable):
        await asked(NAME, 443)
    assert NAME not in looked_up


def test_networks_in_the_settings() -> None:
    known = Settings.model_validate({"strata_private_networks": "10.20.0.0/16, fd12::/64"})
    assert known.strata_private_networks == (ip_network("10.20.0.0/16"), ip_network("fd12::/64"))
    with pytest.raises(ValidationError):
        Settings.model_validate({"strata_private_networks": "my office"})
