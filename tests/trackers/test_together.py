"""Several trackers in one installation: which one a link means, and who reads what."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.bootstrap.adapter import Shares
from bot.bootstrap.trackers import Trackers, trackers
from bot.limits.limits import Limits
from bot.limits.meters import LocalMeter
from bot.sandbox.gitlab import LocalGitLab, Token, demo_project
from bot.settings import BadSetting, Settings
from bot.trackers.contract import BadLink
from graphs.errors import TrackerRefused
from graphs.model import InstallId, TicketRef, TrackerName

BOTH: dict[str, object] = {
    "github_repositories": ("acme/assistant",),
    "gitlab_projects": ("acme/team/*", "other/search"),
    "gitlab_url": "https://gitlab.example.com",
    "jira_projects": ("HELP",),
    "jira_url": "https://acme.atlassian.net",
    "zendesk_url": "https://acme.zendesk.com",
    "linear_teams": ("ENG",),
}


def together(**changed: object) -> Trackers:
    return trackers(Settings.model_validate({**BOTH, **changed}))


@pytest.mark.parametrize(
    ("text", "tracker", "project"),
    [
        ("https://github.com/acme/assistant/issues/12", TrackerName.GITHUB, "acme/assistant"),
        ("https://gitlab.example.com/acme/team/x/-/issues/12", TrackerName.GITLAB, "acme/team/x"),
        ("acme/assistant#12", TrackerName.GITHUB, "acme/assistant"),
        ("acme/team/x#12", TrackerName.GITLAB, "acme/team/x"),
        ("https://acme.atlassian.net/browse/HELP-12", TrackerName.JIRA, "HELP"),
        ("https://acme.zendesk.com/agent/tickets/12", TrackerName.ZENDESK, "acme.zendesk.com"),
        ("acme.zendesk.com#12", TrackerName.ZENDESK, "acme.zendesk.com"),
        ("help-12", TrackerName.JIRA, "HELP"),
        ("other/search#12", TrackerName.GITLAB, "other/search"),
        ("https://linear.app/acme/issue/ENG-12/x", TrackerName.LINEAR, "ENG"),
        ("eng-12", TrackerName.LINEAR, "ENG"),
    ],
)
def test_a_link_or_a_key_names_one_ticket(text: str, tracker: TrackerName, project: str) -> None:
    found = together().locate(text)
    assert found is not None
    assert (found.tracker, found.project, found.number) == (tracker, project, "12")


@pytest.mark.parametrize(
    "text",
    [
        "https://gitlab.com/acme/team/x/-/issues/1",
        "else/where#1",
        "OPS-1",
        "https://github.com/else/where/issues/1",
        "x",
    ],
)
def test_what_no_install_covers_is_not_located(text: str) -> None:
    assert together().locate(text) is None


def test_a_ticket_can_be_named_that_nobody_covers() -> None:
    found = together().named("https://gitlab.example.com/else/where/-/issues/3")
    assert (found.tracker, found.install, found.project) == (TrackerName.GITLAB, "gitlab", "else/where")
    with pytest.raises(BadLink, match="looks like"):
        together().named("https://example.org/x")


def test_two_trackers_need_two_names() -> None:
    with pytest.raises(BadSetting, match="named main"):
        together(gitlab_install="main")
    assert len(together(gitlab_install="main", gitlab_projects=()).in_use) == 4


def test_a_tracker_without_projects_is_not_in_use() -> None:
    without: dict[str, object] = {"jira_projects": (), "zendesk_url": "", "linear_teams": ()}
    for others, left in (("gitlab_projects", TrackerName.GITHUB), ("github_repositories", TrackerName.GITLAB)):
        assert [one.provider for one in together(**without, **{others: ()}).installs] == [left]


async def test_each_ticket_is_read_where_it_lives() -> None:
    async with LocalGitLab() as gitlab:
        project = demo_project(gitlab)
        token = gitlab.grant(Token("project_1_bot", frozenset({project})))
        number = await gitlab.file(project, "reporter-1", "Answers are cut off", "since Monday")
        known = together(gitlab_url=gitlab.url, gitlab_projects=(project,), gitlab_read_token=SecretStr(token))
        ref = TicketRef(tracker=TrackerName.GITLAB, install=InstallId("gitlab"), project=project, number=str(number))
        async with known.reading(Shares(Limits(LocalMeter()))) as reader:
            assert (await reader.read(ref)).title == "Answers are cut off"
            with pytest.raises(TrackerRefused, match="no tracker is set up any more as gone"):
                await reader.read(ref.model_copy(update={"install": InstallId("gone")}))
