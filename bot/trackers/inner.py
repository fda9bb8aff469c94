"""Keeps requests out of the inner network: a tracker's name must not lead to a private address that nobody allowed.

A name is looked up once for each request, every address it has is judged, and the request goes to one of those that
were judged: a name that leads elsewhere a moment later gains nothing by it. Certificates are checked against the name
as always. Owns what counts as private. Must not know a vendor.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx

from bot.address import Network
from graphs.errors import TrackerRefused

_Found = IPv4Address | IPv6Address
_EMBEDDED: Final = ip_network("64:ff9b::/96")
"""Addresses of IPv4 behind a translator (RFC 6052)."""
_LOW_32: Final = 0xFFFF_FFFF


class InnerNetwork(TrackerRefused):
    """The tracker's address leads into the inner network, and the settings do not allow that."""


def is_private(address: str) -> bool:
    """Anything but a plain address of the internet: private, shared, link-local, loopback, multicast, reserved.

    An address of IPv4 inside one of IPv6 is judged by itself.
    """
    found = _inmost(ip_address(address.partition("%")[0]))
    return not found.is_global or found.is_multicast


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """On the internet, or in a network that the settings name."""
    found = _inmost(ip_address(address.partition("%")[0]))
    return not is_private(address) or any(found.version == one.version and found in one for one in allowed)


class Guard:
    """A hook of `httpx.AsyncClient`: judges and pins the address of each request before a connection is made."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    async def __call__(self, request: httpx.Request) -> None:
        """Raises `InnerNetwork`, and `httpx.ConnectError` for a name that nobody knows."""
        host = request.url.host
        if _by_proxy(request.url):
            return  # the proxy looks the name up, and it is there to say what may be reached
        found = await _addresses(request)
        for one in found:
            if not is_allowed(one, self._allowed):
                raise InnerNetwork(
                    f"{host} leads to {one}, which is not on the internet: if your tracker is there, "
                    "name its network in STRATA_PRIVATE_NETWORKS"
                )
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=found[0])


async def _addresses(request: httpx.Request) -> list[str]:
    """As the system would try them, the best first."""
    url = request.url
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        told = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(f"{url.host} has no address ({type(error).__name__})", request=request) from error
    return [str(one[4][0]) for one in told]


def _by_proxy(url: httpx.URL) -> bool:
    known = getproxies()
    return bool(known.get(url.scheme) or known.get("all")) and not proxy_bypass(url.host)


def _inmost(found: _Found) -> _Found:
    if isinstance(found, IPv4Address):
        return found
    if found in _EMBEDDED:
        return IPv4Address(int(found) & _LOW_32)
    return found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None) or found
