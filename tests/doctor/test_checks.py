"""Each finding names the setting and says how to mend it; what the bot can run with is never called broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.doctor.checks import essentials, offline
from bot.doctor.finding import Check, Grade
from bot.doctor.trackers import write_credential
from bot.settings import Settings
from graphs.errors import EngineUnavailable
from policies.loader import SHIPPED

COMPLETE: dict[str, object] = {
    "slack_bot_token": SecretStr("xoxb-canary"),
    "slack_signing_secret": SecretStr("canary"),
    "slack_channel": "C01TRIAGE",
    "github_repositories": ("acme/assistant", "acme/*"),
    "github_read_token": SecretStr("canary-read"),
    "github_write_token": SecretStr("canary-write"),
    "github_webhook_secret": SecretStr("canary-hook"),
    "strata_secret": SecretStr("canary-that-is-long-enough"),
}


def settings(**changed: object) -> Settings:
    return Settings.model_construct(**{**Settings(_env_file=None).__dict__, **COMPLETE, **changed})


def told(checks: list[Check], *grades: Grade) -> list[str]:
    return [f"{one.name}: {one.finding}" for one in checks if one.grade in grades]


def test_complete_settings_are_good() -> None:
    assert told(offline(settings()), Grade.BROKEN) == []
    assert told(essentials(settings()), Grade.BROKEN, Grade.WARNING) == []


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"slack_bot_token": None}, "SLACK_BOT_TOKEN is not set"),
        ({"slack_bot_token": SecretStr("xapp-canary")}, "SLACK_BOT_TOKEN is not a bot token"),
        ({"slack_app_token": SecretStr("xoxb-canary")}, "SLACK_APP_TOKEN is not an app-level token"),
        ({"slack_signing_secret": None}, "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set"),
        ({"slack_channel": ""}, "SLACK_CHANNEL is not set"),
        ({"slack_channel": "#triage"}, "SLACK_CHANNEL is '#triage', which is no channel's id"),
        ({"github_repositories": ()}, "GITHUB_REPOSITORIES is empty"),
        ({"github_repositories": ("acme/assistant", "acme")}, "'acme' is not owner/name"),
        ({"github_repositories": ("acme/",)}, "'acme/' is not owner/name"),
        ({"github_repositories": ("https://github.com/a/b",)}, "'https://github.com/a/b' is not owner/name"),
        ({"github_read_token": None}, "GITHUB_READ_TOKEN is not set"),
        ({"github_write_token": None}, "GITHUB_WRITE_TOKEN is not set"),
    ],
)
def test_what_the_bot_cannot_start_without(changed: dict[str, object], finding: str) -> None:
    broken = [one for one in essentials(settings(**changed)) if one.is_broken]
    assert [one.finding for one in broken] == [finding]
    assert broken[0].fix
    assert "canary" not in broken[0].model_dump_json()


@pytest.mark.parametrize("changed", [{"slack_app_token": SecretStr("xapp-1"), "slack_signing_secret": None}])
def test_one_door_to_slack_is_enough(changed: dict[str, object]) -> None:
    assert told(essentials(settings(**changed)), Grade.BROKEN) == []


@pytest.mark.parametrize(
    ("changed", "grade", "finding"),
    [
        ({"github_webhook_secret": None}, Grade.WARNING, "GITHUB_WEBHOOK_SECRET is not set: webhooks are refused"),
        ({"strata_secret": None}, Grade.WARNING, "STRATA_SECRET is not set: a key is kept in .strata"),
        ({"strata_secret": SecretStr("canary")}, Grade.BROKEN, "STRATA_SECRET is too short"),
        (
            {"github_write_token": SecretStr("canary-read")},
            Grade.WARNING,
            "GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN are the same token",
        ),
    ],
)
def test_what_it_can_start_without_but_should_not(changed: dict[str, object], grade: Grade, finding: str) -> None:
    found = [one for one in offline(settings(**changed)) if one.finding == finding]
    assert [one.grade for one in found] == [grade]
    assert found[0].fix
    assert "canary" not in found[0].model_dump_json()


# --- a GitHub App instead of two tokens ---------------------------------------------------------------------------


def an_app(folder: Path, **changed: object) -> Settings:
    key = folder / "app.pem"
    key.write_text("a key")
    app = {"github_app_id": "1", "github_app_installation_id": "2", "github_app_private_key_file": key}
    return settings(github_read_token=None, github_write_token=None, **{**app, **changed})


def test_an_app_needs_no_tokens(tmp_path: Path) -> None:
    assert told(essentials(an_app(tmp_path)), Grade.BROKEN) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"github_app_installation_id": ""}, "GITHUB_APP_INSTALLATION_ID"),
        ({"github_app_installation_id": "x"}, "GITHUB_APP_INSTALLATION_ID"),
        ({"github_app_private_key_file": None}, "GITHUB_APP_PRIVATE_KEY_FILE"),
        ({"github_app_private_key_file": Path("nowhere.pem")}, "GITHUB_APP_PRIVATE_KEY_FILE"),
    ],
)
def test_half_an_app_is_told(tmp_path: Path, changed: dict[str, object], word: str) -> None:
    found = an_app(tmp_path, **changed)
    assert word in write_credential(found).finding
    assert write_credential(found).is_broken


# --- policies -----------------------------------------------------------------------------------------------------


def policies(folder: Path | None) -> Check:
    return next(one for one in offline(settings(strata_policies=folder)) if one.name == "Policies")


def test_the_examples_owners_are_pointed_out() -> None:
    assert policies(None).grade is Grade.WARNING


OWNERS = """
owners:
  - id: on-duty
    name: On duty
    layers:
      - business_workflow
      - application_and_tools
      - retrieval_and_context
      - model_and_evaluation
      - operations_and_governance
"""


def test_own_policies_are_read(tmp_path: Path) -> None:
    (tmp_path / "owners.yaml").write_text(OWNERS)
    assert policies(tmp_path).grade is Grade.GOOD, policies(tmp_path).finding


@pytest.mark.parametrize(
    ("file", "text"), [("owners.yaml", "owners: 5"), ("own.cedar", "permit (principal, action, resource);")]
)
def test_broken_policies_are_told(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "owners.yaml").write_text(OWNERS)
    (tmp_path / file).write_text(text)
    assert policies(tmp_path).grade is Grade.BROKEN
    assert file in policies(tmp_path).finding


def test_a_layer_that_the_engine_cannot_propose_is_named(tmp_path: Path) -> None:
    layers = (SHIPPED / "layers.yaml").read_text()
    (tmp_path / "layers.yaml").write_text(layers.replace("id: model_and_evaluation", "id: weights"))
    owners = (SHIPPED / "owners.yaml").read_text()
    (tmp_path / "owners.yaml").write_text(owners.replace("model_and_evaluation", "weights"))
    warned = told(offline(settings(strata_policies=tmp_path)), Grade.WARNING)
    assert "Local engine: it cannot propose weights: it was not trained for them" in warned


def test_an_engine_that_is_not_there_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise EngineUnavailable("cannot read the local model")

    monkeypatch.setattr("bot.doctor.checks.load_engine", gone)
    assert told(offline(settings()), Grade.BROKEN) == ["Local engine: cannot read the local model"]


GITLAB_ONLY: dict[str, object] = {
    "github_repositories": (),
    "github_read_token": None,
    "github_write_token": None,
    "github_webhook_secret": None,
    "gitlab_projects": ("acme/assistant", "acme/team/*"),
    "gitlab_read_token": SecretStr("canary-read"),
    "gitlab_write_token": SecretStr("canary-write"),
    "gitlab_webhook_signing_token": SecretStr("whsec_Y2FuYXJ5"),
}


def test_gitlab_alone_is_enough() -> None:
    assert told(offline(settings(**GITLAB_ONLY)), Grade.BROKEN) == []
    assert not [one for one in offline(settings(**GITLAB_ONLY)) if "GITHUB" in one.finding]


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"gitlab_projects": ("acme",)}, "'acme' is not group/project"),
        ({"gitlab_read_token": None}, "GITLAB_READ_TOKEN is not set"),
        ({"gitlab_write_token": None}, "GITLAB_WRITE_TOKEN is not set"),
    ],
)
def test_what_gitlab_cannot_start_without(changed: dict[str, object], finding: str) -> None:
    broken = [one for one in essentials(settings(**{**GITLAB_ONLY, **changed})) if one.is_broken]
    assert [one.finding for one in broken] == [finding]
    assert broken[0].fix


LINEAR_ONLY: dict[str, object] = {
    "github_repositories": (),
    "github_read_token": None,
    "github_write_token": None,
    "github_webhook_secret": None,
    "linear_teams": ("ENG", "ops"),
    "linear_read_token": SecretStr("canary-read"),
    "linear_write_token": SecretStr("canary-write"),
    "linear_webhook_secret": SecretStr("canary-hook"),
}


def test_linear_alone_is_enough() -> None:
    assert told(offline(settings(**LINEAR_ONLY)), Grade.BROKEN) == []
    assert not [one for one in offline(settings(**LINEAR_ONLY)) if "GITHUB" in one.finding]


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"linear_teams": ("acme/assistant",)}, "'acme/assistant' is not the key of a team"),
        ({"linear_read_token": None}, "LINEAR_READ_TOKEN is not set"),
        ({"linear_write_token": None}, "LINEAR_WRITE_TOKEN is not set"),
        ({"linear_webhook_secret": None}, "LINEAR_WEBHOOK_SECRET is not set: webhooks are refused"),
        ({"linear_write_token": SecretStr("canary-read")}, "LINEAR_READ_TOKEN and LINEAR_WRITE_TOKEN are the same"),
    ],
)
def test_what_is_missing_with_linear(changed: dict[str, object], finding: str) -> None:
    (found,) = [one for one in offline(settings(**{**LINEAR_ONLY, **changed})) if finding in one.finding]
    assert found.fix
    assert found.grade is not Grade.GOOD


def test_both_trackers_need_names_of_their_own() -> None:
    both = {**GITLAB_ONLY, **COMPLETE, "gitlab_install": "main"}
    found = told(essentials(settings(**both)), Grade.BROKEN)
    assert found == ["Names of the trackers: GITHUB_INSTALL and GITLAB_INSTALL are the same"]


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"gitlab_webhook_signing_token": None}, "neither GITLAB_WEBHOOK_SIGNING_TOKEN nor GITLAB_WEBHOOK_SECRET is"),
        (
            {"gitlab_webhook_signing_token": None, "gitlab_webhook_secret": SecretStr("canary")},
            "only a secret token is set",
        ),
        ({"gitlab_write_token": SecretStr("canary-read")}, "GITLAB_READ_TOKEN and GITLAB_WRITE_TOKEN are the same"),
    ],
)
def test_what_could_be_better_with_gitlab(changed: dict[str, object], finding: str) -> None:
    warnings = told(offline(settings(**{**GITLAB_ONLY, **changed})), Grade.WARNING)
    assert [one for one in warnings if finding in one]


JIRA_ONLY: dict[str, object] = {
    **{name: value for name, value in COMPLETE.items() if not name.startswith("github")},
    "jira_url": "https://acme.atlassian.net",
    "jira_projects": ("OPS", "SUP*"),
    "jira_read_token": SecretStr("reads@acme.example:canary-read"),
    "jira_write_token": SecretStr("writes@acme.example:canary-write"),
    "jira_webhook_secret": SecretStr("canary-hook"),
}


def test_jira_alone_is_enough() -> None:
    found = offline(settings(**JIRA_ONLY))
    assert told(found, Grade.BROKEN) == []
    assert not [one for one in found if "GITHUB" in one.finding]
    assert [one.finding for one in found if one.name == "Jira projects"] == ["OPS, SUP*; spoken to as Jira Cloud"]


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"jira_url": ""}, "JIRA_URL is not set"),
        ({"jira_projects": ()}, "JIRA_PROJECTS is empty"),
        ({"jira_projects": ("ops",)}, "'ops' is not the key of a project"),
        ({"jira_read_token": None}, "JIRA_READ_TOKEN is not set"),
        ({"jira_write_token": SecretStr("canary")}, "JIRA_WRITE_TOKEN names no account"),
    ],
)
def test_what_jira_cannot_start_without(changed: dict[str, object], finding: str) -> None:
    broken = [one for one in essentials(settings(**{**JIRA_ONLY, **changed})) if one.is_broken]
    assert finding in [one.finding for one in broken]
    assert all(one.fix for one in broken)


def test_a_server_takes_a_personal_token_alone() -> None:
    pats = {"jira_read_token": SecretStr("canary-a"), "jira_write_token": SecretStr("canary-b")}
    found = offline(settings(**{**JIRA_ONLY, **pats, "jira_url": "https://jira.acme.example"}))
    assert told(found, Grade.BROKEN) == []


ZENDESK_ONLY: dict[str, object] = {
    **{name: value for name, value in COMPLETE.items() if not name.startswith("github")},
    "zendesk_url": "https://acme.zendesk.com",
    "zendesk_read_token": SecretStr("canary-read"),
    "zendesk_write_token": SecretStr("canary-write"),
    "zendesk_webhook_secret": SecretStr("canary-hook"),
}


def test_zendesk_alone_is_enough() -> None:
    assert told(offline(settings(**ZENDESK_ONLY)), Grade.BROKEN) == []
    for missing in ("READ", "WRITE"):
        without = {**ZENDESK_ONLY, f"zendesk_{missing.lower()}_token": None}
        assert told(essentials(settings(**without)), Grade.BROKEN) == [
            f"Zendesk {missing.lower()} token: ZENDESK_{missing}_TOKEN is not set"
        ]
    shared = {**ZENDESK_ONLY, "zendesk_read_token": SecretStr("bot@acme.example/token:canary")}
    assert any("whatever its account may" in one for one in told(offline(settings(**shared)), Grade.WARNING))
