"""Addresses that a token may travel to: over TLS, or on this machine; and what a network is."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

Network = IPv4Network | IPv6Network
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("write the address like https://github.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address must not hold a user, a query or a fragment")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("plain http would show the token to the network: use https")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
