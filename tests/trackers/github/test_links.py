"""What people may paste, and what may become part of an address."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.trackers.contract import BadLink, TicketLink
from bot.trackers.github.links import parse_link
from bot.trackers.github.names import issue_path, label_segment, login_segment, project_path
from bot.trackers.github.site import GitHubSite
from graphs.errors import TicketGone, TrackerRejected
from tests.trackers.github.deliveries import REF

CLOUD = GitHubSite()
ENTERPRISE = GitHubSite.enterprise("https://git.example.com/")
LOCAL = GitHubSite(web="http://127.0.0.1:4600", api="http://127.0.0.1:4600")
TWELVE = TicketLink(project="acme/assistant", number="12")


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("https://github.com/acme/assistant/issues/12", CLOUD),
        (" https://github.com/acme/assistant/issues/12/ \n", CLOUD),
        ("https://GitHub.com/acme/assistant/issues/12?notification=1#issuecomment-99", CLOUD),
        ("https://www.github.com/acme/assistant/issues/12", CLOUD),
        ("http://github.com/acme/assistant/issues/12", CLOUD),
        ("https://github.com:443/acme/assistant/issues/12", CLOUD),
        ("https://api.github.com/repos/acme/assistant/issues/12", CLOUD),
        ("acme/assistant#12", CLOUD),
        ("https://git.example.com/acme/assistant/issues/12", ENTERPRISE),
        ("https://git.example.com/api/v3/repos/acme/assistant/issues/12", ENTERPRISE),
        ("acme/assistant#12", ENTERPRISE),
        ("http://127.0.0.1:4600/acme/assistant/issues/12", LOCAL),
        ("http://127.0.0.1:4600/repos/acme/assistant/issues/12", LOCAL),
    ],
)
def test_right_ones(text: str, site: GitHubSite) -> None:
    assert parse_link(text, site) == TWELVE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "#12",
        "acme#12",
        "acme/assistant",
        "acme/assistant#",
        "acme/assistant#0",
        "acme/assistant#1x",
        "acme/assistant#\N{ARABIC-INDIC DIGIT ONE}",
        "acme/assistant#12#13",
        "acme/../x#12",
        "acme/..#12",
        "ac\nme/assistant#12",
        "https://github.com/acme/assistant",
        "https://github.com/acme/assistant/issues",
        "https://github.com/acme/assistant/issues/new",
        "https://github.com/acme/assistant/issues/12/extra",
        "https://github.com/acme/assistant/discussions/12",
        "https://github.com/acme/../issues/12",
        "https://github.com/acme/%2e%2e/issues/12",
        "https://github.com.evil.example/acme/assistant/issues/12",
        "https://github.com@evil.example/acme/assistant/issues/12",
        "https://me@github.com/acme/assistant/issues/12",
        "https://github.com:444/acme/assistant/issues/12",
        "https://github.com:x/acme/assistant/issues/12",
        "https://evil.example/acme/assistant/issues/12",
        "ftp://github.com/acme/assistant/issues/12",
        "https://[broken/acme/assistant/issues/12",
        "javascript://github.com/acme/assistant/issues/12",
    ],
)
def test_wrong_ones_say_what_a_right_one_looks_like(text: str) -> None:
    with pytest.raises(BadLink, match=r"https://github\.com/owner/repo/issues/12 or owner/repo#12"):
        parse_link(text, CLOUD)


def test_a_pull_request_is_named_as_one() -> None:
    with pytest.raises(BadLink, match="pull request"):
        parse_link("https://github.com/acme/assistant/pull/12", CLOUD)


@pytest.mark.parametrize("label", ["", " ", ".", "..", " .. ", "a\nb", "a\0", "\x7f", "\udc00"])
def test_a_label_that_would_turn_one_removal_into_all_is_refused(label: str) -> None:
    with pytest.raises(TrackerRejected):
        label_segment(label)


def test_labels_keep_to_one_path_segment() -> None:
    assert label_segment("layer: a/b?c#d%") == "layer%3A%20a%2Fb%3Fc%23d%25"
    assert label_segment("größe 🐛") == "gr%C3%B6%C3%9Fe%20%F0%9F%90%9B"


@pytest.mark.parametrize("login", ["", "..", "a/b", "a b", "a\n", "a?b"])
def test_a_login_keeps_to_one_path_segment(login: str) -> None:
    with pytest.raises(TrackerRejected):
        login_segment(login)


@pytest.mark.parametrize(
    "change", [{"project": "acme/.."}, {"project": "a/b/c"}, {"number": "1/labels"}, {"number": "0"}]
)
def test_a_reference_that_would_bend_the_path_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(TicketGone):
        issue_path(REF.model_copy(update=change))
    assert issue_path(REF) == "/repos/acme/assistant/issues/12"
    assert project_path(REF.project) == "/repos/acme/assistant"


@pytest.mark.parametrize(
    "address",
    ["http://git.example.com", "git.example.com", "https://me:pw@git.example.com", "https://h?x=1", "file:///etc", ""],
)
def test_an_address_that_would_show_the_token_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        GitHubSite(api=address)


def test_the_page_of_an_issue() -> None:
    assert ENTERPRISE.page(REF) == "https://git.example.com/acme/assistant/issues/12"
    assert ENTERPRISE.api == "https://git.example.com/api/v3"
    assert not ENTERPRISE.is_local
    assert LOCAL.is_local
