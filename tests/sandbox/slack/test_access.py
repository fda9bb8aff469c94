"""Tokens, scopes and membership: the app may do what it was granted and not more."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, PersonCannot, Workspace, demo_workspace

CHANNEL = "C01TRIAGE"


async def refusal(client: AsyncWebClient, method: str, **arguments: object) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=dict(arguments))
    return caught.value


async def test_auth_test_names_the_bot_and_its_scopes(slack: LocalSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0BOT", "B0LOCAL", "T0LOCAL")
    assert set(answer.headers["x-oauth-scopes"].split(",")) == slack.workspace.scopes


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
async def test_tokens_are_checked(slack: LocalSlack, token: str, error: str) -> None:
    stranger = AsyncWebClient(token=token, base_url=slack.base_url)
    assert (await refusal(stranger, "auth.test")).response["error"] == error


async def test_each_token_has_its_methods(slack: LocalSlack, client: AsyncWebClient) -> None:
    app_client = AsyncWebClient(token=slack.workspace.app_token.get_secret_value(), base_url=slack.base_url)
    assert (await refusal(client, "apps.connections.open")).response["error"] == "not_allowed_token_type"
    failed = await refusal(app_client, "chat.postMessage", channel=CHANNEL, text="x")
    assert failed.response["error"] == "not_allowed_token_type"
    assert (await app_client.apps_connections_open(app_token=str(app_client.token)))["url"].startswith("ws://127.0.0.1")


@pytest.mark.parametrize(
    ("scope", "method", "arguments"),
    [
        ("chat:write", "chat.postMessage", {"channel": CHANNEL, "text": "x"}),
        ("chat:write", "chat.postEphemeral", {"channel": CHANNEL, "text": "x", "user": "U01ONDUTY"}),
        ("channels:history", "conversations.history", {"channel": CHANNEL}),
        ("groups:history", "conversations.history", {"channel": "G03LEADS"}),
        ("channels:read", "conversations.info", {"channel": CHANNEL}),
        ("channels:read", "conversations.members", {"channel": CHANNEL}),
        ("channels:read", "conversations.list", {}),
        ("im:write", "conversations.open", {"users": "U01ONDUTY"}),
        ("users:read", "users.info", {"user": "U01ONDUTY"}),
        ("users:read", "users.list", {}),
        ("reactions:write", "reactions.add", {"channel": CHANNEL, "timestamp": "1", "name": "eyes"}),
        ("team:read", "team.info", {}),
    ],
)
async def test_a_scope_that_was_not_granted_is_named(scope: str, method: str, arguments: dict[str, object]) -> None:
    async with LocalSlack(demo_workspace().without_scopes(scope)) as slack:
        client = AsyncWebClient(token=slack.workspace.bot_token.get_secret_value(), base_url=slack.base_url)
        answer = (await refusal(client, method, **arguments)).response
    assert answer["error"] == "missing_scope"
    assert scope in answer["needed"].split(",")
    assert scope not in answer["provided"].split(",")


async def test_the_mail_address_has_its_own_scope(client: AsyncWebClient) -> None:
    user = (await client.users_info(user="U01ONDUTY"))["user"]
    assert user["profile"]["email"] == "on-duty@example.com"
    async with LocalSlack(demo_workspace().without_scopes("users:read.email")) as slack:
        client = AsyncWebClient(token=slack.workspace.bot_token.get_secret_value(), base_url=slack.base_url)
        user = (await client.users_info(user="U01ONDUTY"))["user"]
    assert "email" not in user["profile"]


async def test_users_show_what_an_approver_check_needs(client: AsyncWebClient) -> None:
    guest = (await client.users_info(user="U06GUEST"))["user"]
    stranger = (await client.users_info(user="U07STRANGER"))["user"]
    gone = (await client.users_info(user="U08GONE"))["user"]
    assert (guest["is_restricted"], guest["deleted"]) == (True, False)
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, "T0OTHER")
    assert gone["deleted"] is True
    assert (await refusal(client, "users.info", user="U99")).response["error"] == "user_not_found"


async def test_users_come_in_pages(client: AsyncWebClient) -> None:
    ids: list[str] = []
    async for page in await client.users_list(limit=3):
        ids += [member["id"] for member in page["members"]]
    assert len(ids) == len(set(ids)) == 8
    assert "U07STRANGER" not in ids


async def test_channels_the_app_is_not_in(client: AsyncWebClient) -> None:
    post = await refusal(client, "chat.postMessage", channel="C02GENERAL", text="x")
    assert post.response["error"] == "not_in_channel"
    read = await refusal(client, "conversations.history", channel="C02GENERAL")
    assert read.response["error"] == "not_in_channel"
    unknown = await refusal(client, "chat.postMessage", channel="C99", text="x")
    assert unknown.response["error"] == "channel_not_found"


async def test_an_unknown_method_and_a_missing_argument(client: AsyncWebClient) -> None:
    assert (await refusal(client, "chat.shout")).response["error"] == "unknown_method"
    missing = (await refusal(client, "chat.postMessage", text="x")).response
    assert missing["error"] == "invalid_arguments"
    assert "/channel" in missing["response_metadata"]["messages"][0]


async def test_people_who_cannot_act(slack: LocalSlack) -> None:
    with pytest.raises(PersonCannot, match="deactivated"):
        await slack.slash("deactivated", "triage", "/triage")
    with pytest.raises(PersonCannot, match="not a member"):
        await slack.slash("guest", "leads", "/triage")
    with pytest.raises(PersonCannot, match="no user"):
        await slack.mention("nobody", "triage", "hello")


async def test_no_command_without_the_scope() -> None:
    async with LocalSlack(demo_workspace().without_scopes("commands", "app_mentions:read")) as slack:
        with pytest.raises(PersonCannot, match="scope commands"):
            await slack.slash("on-duty", "triage", "/triage")
        assert "app_mentions:read" in (await slack.mention("on-duty", "triage", "hello")).error


def test_a_member_must_exist() -> None:
    with pytest.raises(ValueError, match="U99"):
        Workspace.model_validate({"channels": [{"id": "C1", "name": "c", "members": ["U99"]}]})
