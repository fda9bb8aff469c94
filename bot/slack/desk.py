"""Says things in Slack. Implements `bot.service.desk.Desk` on the Web API.

Owns which failures are final, which ask to wait, and which leave the outcome of a post unknown. The SDK's own retries
are off: it would post a second time after a lost answer. Each call takes its turn first (`bot.slack.rates`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.limits.rates import Rate, RateLimits, Unlimited
from bot.slack import rates
from bot.slack.blocks.message import Json, Message
from bot.slack.errors import PostUnknown, SlackNotSetUp, SlackRefused
from bot.slack.lint import fitted, fitted_view
from bot.slack.replies import Me, next_cursor, parse_cards, parse_me, parse_posted, parse_profile
from graphs.errors import RateLimited, StrataError
from graphs.model import Actor, SlackUserId, TriageId

SEARCH_PAGES = 5
PAGE = 200
DEFAULT_WAIT_S = 5.0
HTTP_ERROR = 500
TOO_MANY = 429
_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
"""Answers after which Slack may have done what was asked."""


FIXES = {
    "not_in_channel": "invite the bot to the channel: /invite @strata",
    "channel_not_found": "set SLACK_CHANNEL to the id of a channel the bot is in",
    "is_archived": "the channel is archived: choose another one in SLACK_CHANNEL",
    "missing_scope": "install the app again with the scopes of `strata manifest`",
    "invalid_auth": "SLACK_BOT_TOKEN is not valid",
    "token_revoked": "SLACK_BOT_TOKEN was revoked: install the app again",
    "account_inactive": "SLACK_BOT_TOKEN belongs to a removed app: install the app again",
}


def open_client(token: str, base_url: str, timeout_s: int = 10) -> AsyncWebClient:
    """A Web API client without retries of its own."""
    return AsyncWebClient(token=token, base_url=base_url, timeout=timeout_s, retry_handlers=[])


class SlackDesk:
    def __init__(self, client: AsyncWebClient, me: Me, limits: RateLimits | None = None) -> None:
        self._client = client
        self._home = me.home
        self._bot = me.bot
        self._limits = limits or Unlimited()

    async def post(self, channel: str, message: Message, thread: str | None = None) -> str:
        answers = {"thread_ts": thread} if thread else {}
        whole = {"channel": channel, **answers, **fitted(message).arguments()}
        rate = rates.posting(self._home.team, channel)
        reply = await self._ask(rate, lambda: self._client.api_call("chat.postMessage", json=whole))
        return parse_posted(reply.data).ts

    async def find(self, channel: str, triage: TriageId, thread: str | None = None) -> str | None:
        cursor: str | None = None
        for _ in range(SEARCH_PAGES):
            reply = await self._page(channel, thread, cursor)
            for found in parse_cards(reply.data):
                if found.triage == triage and found.bot in (self._bot, None):  # not what another app made look like it
                    return found.ts
            cursor = next_cursor(reply.data)
            if cursor is None:
                return None
        return None

    async def _page(self, channel: str, thread: str | None, cursor: str | None) -> AsyncSlackResponse:
        if thread is None:
            return await self._ask(
                self._rate("conversations.history"),
                lambda: self._client.conversations_history(
                    channel=channel, include_all_metadata=True, limit=PAGE, cursor=cursor
                ),
            )
        return await self._ask(
            self._rate("conversations.replies"),
            lambda: self._client.conversations_replies(
                channel=channel, ts=thread, include_all_metadata=True, limit=PAGE, cursor=cursor
            ),
        )

    async def update(self, channel: str, ts: str, message: Message) -> None:
        whole = {"channel": channel, "ts": ts, **fitted(message).arguments()}
        await self._ask(self._rate("chat.update"), lambda: self._client.api_call("chat.update", json=whole))

    async def whisper(self, channel: str, user: SlackUserId, message: Message) -> None:
        whole = {"channel": channel, "user": user, **fitted(message).arguments()}
        rate = self._rate("chat.postEphemeral")
        await self._ask(rate, lambda: self._client.api_call("chat.postEphemeral", json=whole))

    async def respond(self, response_url: str, message: Message) -> None:
        hook = AsyncWebhookClient(response_url, retry_handlers=[])
        message = fitted(message)
        try:
            answer = await hook.send(
                text=message.text,
                blocks=[*message.blocks],
                response_type="ephemeral",
                replace_original=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackRefused(f"the response address could not be reached: {type(error).__name__}") from error
        if answer.status_code != 200:  # noqa: PLR2004  # HTTP OK
            raise SlackRefused(f"the response address answered {answer.status_code}")

    async def publish(self, user: SlackUserId, view: Json) -> None:
        shown = fitted_view(view)
        await self._ask(self._rate("views.publish"), lambda: self._client.views_publish(user_id=user, view=shown))

    async def person(self, user: SlackUserId) -> Actor:
        try:
            reply = await self._ask(self._rate("users.info"), lambda: self._client.users_info(user=user))
        except SlackRefused as error:
            if "user_not_found" in str(error) or "user_not_visible" in str(error):
                return Actor(user=user, team="", is_known=False)
            raise
        found = parse_profile(reply.data)
        return Actor(
            user=user,
            team=found.team or "",
            is_bot=found.is_bot,
            is_guest=found.is_guest,
            is_stranger=not found.belongs_to(self._home),
            is_deactivated=found.is_deactivated,
        )

    def _rate(self, method: str) -> Rate:
        return rates.calling(self._home.team, method)

    async def _ask(self, rate: Rate, call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        """Makes one call in its turn. What Slack says about waiting is passed on to everybody who uses this rate."""
        await self._limits.take(rate)
        try:
            return await _asked(call)
        except RateLimited as told:
            await self._limits.close(rate, told.retry_after_s)
            raise


async def who_am_i(client: AsyncWebClient) -> Me:
    """Who the bot is and where it lives. Raises `SlackRefused`, `PostUnknown`, `RateLimited`."""
    return parse_me((await _asked(client.auth_test)).data)


async def _asked(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
    """Makes one call and sorts its failures."""
    try:
        return await call()
    except SlackApiError as error:
        raise _sorted(error) from error
    except (aiohttp.ClientError, TimeoutError, SlackRequestError, OSError, UnicodeDecodeError) as error:
        raise PostUnknown(f"Slack's answer was lost ({type(error).__name__})") from error


def _sorted(error: SlackApiError) -> StrataError:
    status: int = getattr(error.response, "status_code", 0)
    if status == TOO_MANY:
        wait = error.response.headers.get("Retry-After", "")
        return RateLimited("Slack asks to wait", float(wait) if wait.isdigit() else DEFAULT_WAIT_S)
    data = getattr(error.response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status >= HTTP_ERROR or not code or code in _UNSURE:
        return PostUnknown(f"Slack answered {status} {code}".strip())
    if code == "ratelimited":
        return RateLimited("Slack asks to wait", DEFAULT_WAIT_S)
    if code in FIXES:
        return SlackNotSetUp(f"Slack refused ({code}); {FIXES[code]}")
    return SlackRefused(f"Slack refused ({code}); see the method page of Slack")
