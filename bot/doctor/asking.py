"""One question to a tracker, by the rules that hold for the bot's own: where it may be asked, and what came back."""

from __future__ import annotations

import asyncio

import httpx

from bot.doctor.finding import Check, broken, good
from bot.settings import Settings
from bot.trackers.inner import InnerNetwork
from bot.trackers.transport import open_http

TIMEOUT_S = 10
HTTP_OK = 200


async def ask(
    settings: Settings, name: str, vendor: str, setting: str, url: str, headers: dict[str, str], fix: str
) -> Check:
    try:
        async with open_http(url, allowed=settings.strata_private_networks) as http, asyncio.timeout(TIMEOUT_S):
            answer = await http.get(url, headers=headers)
    except InnerNetwork as error:
        return broken(name, str(error), "Add the network to STRATA_PRIVATE_NETWORKS, for example 10.20.0.0/16.")
    except (httpx.HTTPError, TimeoutError) as error:
        finding = f"{vendor} cannot be reached ({type(error).__name__})"
        return broken(name, finding, f"Check the network and {setting}.")
    if answer.status_code != HTTP_OK:
        return broken(name, f"{vendor} answers {answer.status_code}", fix)
    return good(name, "can reach the project")
