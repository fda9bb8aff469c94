"""The doctor asks the model service: is the key good, does it know the models. No message is sent."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from bot.doctor.finding import Grade
from bot.doctor.model_online import models
from bot.sandbox.model.scripted import Answer, Fails, HangsUp, serving
from bot.settings import Engine, Provider, Settings

KNOWN = Fails(
    200,
    body=json.dumps(
        {"type": "model", "id": "claude-haiku-5-5", "display_name": "x", "created_at": "2026-10-07T00:00:00Z"}
    ).encode(),
)


def asking(url: str, **more: object) -> Settings:
    given = {"strata_engine": Engine.CLAUDE, "anthropic_api_key": SecretStr("canary-key"), "anthropic_base_url": url}
    return Settings(_env_file=None).model_copy(update={**given, **more})


@pytest.mark.parametrize(
    ("answer", "grade", "said"),
    [
        (KNOWN, Grade.GOOD, "known"),
        (Fails(401, "authentication_error"), Grade.BROKEN, "401"),
        (Fails(404, "not_found_error"), Grade.WARNING, "404"),
        (HangsUp(), Grade.BROKEN, "cannot be reached"),
        (Fails(200, body=b"<html>"), Grade.BROKEN, "cannot be reached"),
    ],
)
async def test_what_the_service_says_is_a_finding(answer: Answer, grade: Grade, said: str) -> None:
    async with serving(answer) as server:
        fast, strong = await models(asking(server.url))
        assert {one["path"] for one in server.requests} == {
            "/v1/models/claude-haiku-5-5",
            "/v1/models/claude-sonnet-5-5",
        }
    assert fast.grade is strong.grade is grade
    assert said in fast.finding
    assert "canary" not in str(fast)


@pytest.mark.parametrize(
    "more",
    [
        {"strata_engine": Engine.LOCAL},
        {"strata_model_provider": Provider.BEDROCK},
        {"anthropic_api_key": None, "anthropic_base_url": ""},
    ],
)
async def test_nobody_is_asked_in_vain(more: dict[str, object]) -> None:
    assert await models(asking("http://127.0.0.1:9", **more)) == []
