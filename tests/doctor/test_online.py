"""The doctor asks the local Slack and the local GitHub: good and bad news are findings, never exceptions."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr

from bot.doctor.finding import Check, Grade
from bot.doctor.jira import online as jira_online
from bot.doctor.online import online
from bot.doctor.zendesk import online as zendesk_online
from bot.sandbox.github.access import Token
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import demo_repository
from bot.sandbox.jira import LocalJira, demo_project
from bot.sandbox.jira import Token as BoardToken
from bot.sandbox.linear import LocalLinear, demo_team
from bot.sandbox.linear import Token as LinearToken
from bot.sandbox.slack import LocalSlack, demo_workspace
from bot.sandbox.zendesk import LocalZendesk, demo_account
from bot.settings import JiraFlavour, Settings


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as running:
        yield running


@pytest.fixture
async def github() -> AsyncIterator[LocalGitHub]:
    async with LocalGitHub() as running:
        yield running


def settings(slack: LocalSlack, github: LocalGitHub, **changed: object) -> Settings:
    repo = demo_repository(github)
    read = github.grant(Token("strata-reader[bot]", is_app=True, issues="read", repos=[repo]))
    write = github.grant(Token("strata[bot]", is_app=True, issues="write", repos=[repo]))
    found: dict[str, object] = {
        "slack_api_url": slack.base_url,
        "slack_bot_token": slack.workspace.bot_token,
        "slack_channel": "C01TRIAGE",
        "github_api_url": github.url,
        "github_repositories": (repo, "acme/*"),
        "github_read_token": SecretStr(read),
        "github_write_token": SecretStr(write),
    }
    return Settings.model_validate({**found, **changed})


def told(checks: list[Check]) -> dict[str, str]:
    return {one.name: f"{one.grade}: {one.finding}" for one in checks}


async def test_everything_is_in_order(slack: LocalSlack, github: LocalGitHub) -> None:
    checks = await online(settings(slack, github))
    assert [one.grade for one in checks] == [Grade.GOOD] * 4, told(checks)


async def test_an_unknown_token(slack: LocalSlack, github: LocalGitHub) -> None:
    checks = await online(settings(slack, github, slack_bot_token=SecretStr("xoxb-canary")))
    assert told(checks)["Slack"] == "broken: Slack says invalid_auth"
    assert "canary" not in str(checks)


async def test_missing_scopes_are_named(github: LocalGitHub) -> None:
    async with LocalSlack(demo_workspace().without_scopes("chat:write", "users:read")) as slack:
        checks = await online(settings(slack, github))
    assert told(checks)["Slack scopes"] == "broken: missing: chat:write, users:read"


async def test_a_channel_that_is_not_there(slack: LocalSlack, github: LocalGitHub) -> None:
    checks = await online(settings(slack, github, slack_channel="C0NOWHERE"))
    assert told(checks)["Slack"] == "broken: Slack says channel_not_found"


async def test_a_token_for_another_repository(slack: LocalSlack, github: LocalGitHub) -> None:
    other = github.grant(Token("strata[bot]", is_app=True, issues="write", repos=[]))
    checks = await online(settings(slack, github, github_write_token=SecretStr(other)))
    assert len([one for one in checks if one.is_broken and "write token" in one.name]) == 1
    assert other not in str(checks)


@pytest.mark.parametrize("method", ["auth.test", "conversations.info"])
async def test_slack_in_trouble(slack: LocalSlack, github: LocalGitHub, method: str) -> None:
    faults = slack.faults
    ways: tuple[Callable[[], None], ...] = (
        lambda: faults.cut(method, times=3),
        lambda: faults.fail(method, status=500),
        lambda: faults.rate_limit(method),
        lambda: faults.fail(method, error=""),
    )
    for break_it in ways:
        break_it()
        checks = await online(settings(slack, github))
        assert [one.name for one in checks if one.is_broken] == ["Slack"], told(checks)
        slack.faults.clear()


async def test_nobody_there(slack: LocalSlack, github: LocalGitHub) -> None:
    nowhere = "http://127.0.0.1:9"
    checks = await online(settings(slack, github, slack_api_url=nowhere, github_api_url=nowhere))
    assert len([one for one in checks if "cannot be reached" in one.finding]) == 4


async def test_what_each_account_may_do_in_jira() -> None:
    async with LocalJira() as jira:
        here = frozenset({demo_project(jira)})
        read, write = (jira.grant(BoardToken("strata-app", here, writes=one)) for one in (False, True))
        found = Settings(
            jira_url=jira.url,
            jira_flavour=JiraFlavour.CLOUD,
            jira_projects=(*here, "NOPE", "SUP*"),
            jira_read_token=SecretStr(f"reads@acme.example:{read}"),
            jira_write_token=SecretStr(f"writes@acme.example:{write}"),
        )
        seen = await jira_online(found)
        assert [one.grade for one in seen] == [Grade.GOOD, Grade.GOOD, Grade.BROKEN, Grade.BROKEN]
        swapped = {"jira_read_token": found.jira_write_token, "jira_write_token": found.jira_read_token}
        checks = await jira_online(found.model_copy(update={**swapped, "jira_projects": tuple(here)}))
        assert [one.finding for one in checks] == [
            "the account may edit issues as well",
            "may not: EDIT_ISSUES, ASSIGN_ISSUES, ADD_COMMENTS, DELETE_OWN_COMMENTS",
        ]
        jira.revoke_all()
        checks = await jira_online(found.model_copy(update={"jira_projects": tuple(here)}))
        assert [one.fix for one in checks] == ["Make a new token, and paste it whole, with its account."] * 2
        assert read not in str(checks)


async def test_whose_tokens_they_are_in_zendesk() -> None:
    async with LocalZendesk() as zendesk:
        demo_account(zendesk)
        token = SecretStr(zendesk.grant(BoardToken("strata-bot", frozenset())))
        found = Settings(zendesk_url=zendesk.url, zendesk_read_token=token, zendesk_write_token=token)
        assert [one.finding for one in await zendesk_online(found)] == ["belongs to an agent"] * 2
        zendesk.revoke_all()
        assert [one.fix for one in await zendesk_online(found)] == ["Make a new token, and paste it whole."] * 2


async def test_each_key_of_linear_is_asked_for_its_teams() -> None:
    async with LocalLinear() as linear:
        here = frozenset({demo_team(linear)})
        known = {"linear_api_url": linear.url, "linear_web_url": linear.url, "linear_teams": ("eng", "OPS", "Q*")}
        keys: dict[str, object] = {"linear_read_token": SecretStr(linear.grant(LinearToken("triage", here)))}
        checks = await online(Settings.model_validate({**known, **keys, "linear_write_token": SecretStr("canary")}))
        assert told(checks)["Linear read key"] == "broken: it does not see OPS"
        assert "Linear answered 401" in told(checks)["Linear write key"]
        assert "canary" not in str(checks)
        known["linear_teams"] = ("ENG",)
        read, write = await online(Settings.model_validate({**known, **keys}))
        assert (read.finding, write.finding) == ("sees ENG", "not set")


async def test_a_tracker_in_an_inner_network_has_to_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def inside(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.20.0.9", 443))]

    monkeypatch.setattr("socket.getaddrinfo", inside)
    monkeypatch.setattr("bot.trackers.inner.getproxies", dict)
    known = {"gitlab_url": "https://gitlab.example.com", "gitlab_projects": ("acme/assistant",)}
    checks = await online(Settings.model_validate({**known, "gitlab_read_token": SecretStr("canary")}))
    (read,) = [one for one in checks if "read" in one.name]
    assert "gitlab.example.com leads to 10.20.0.9" in read.finding
    assert "STRATA_PRIVATE_NETWORKS" in read.fix
