"""Each service's client is made as it should be, and its request has the form that the service takes.

No service was asked: a transport stands in for the network.
"""

from __future__ import annotations

import json

import httpx2
import pytest

from bot.limits.rates import Unlimited
from bot.models.access import Access, access
from bot.models.clients import open_client
from bot.models.talker import ClaudeTalker
from bot.settings import BadSetting, Provider, Settings
from graphs.agent.talk import ModelRejected
from tests.models.test_talker import ASKED

ACCESS = {
    Provider.ANTHROPIC: Access(Provider.ANTHROPIC, key="test-key"),
    Provider.BEDROCK: Access(Provider.BEDROCK, key="test-key", region="eu-central-1"),
    Provider.VERTEX: Access(Provider.VERTEX, key="test-key", region="europe-west4", project="acme-ai"),
    Provider.FOUNDRY: Access(Provider.FOUNDRY, key="test-key", project="acme-ai"),
}
ADDRESSES = {
    Provider.ANTHROPIC: "https://api.anthropic.com/v1/messages",
    Provider.BEDROCK: "https://bedrock-runtime.eu-central-1.amazonaws.com/model/claude-haiku-5-5/invoke-with-response-stream",
    Provider.VERTEX: "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme-ai/locations/europe-west4"
    "/publishers/anthropic/models/claude-haiku-5-5:streamRawPredict",
    Provider.FOUNDRY: "https://acme-ai.services.ai.azure.com/anthropic/v1/messages",
}


async def sent(found: Access) -> httpx2.Request:
    """The one request that is made; it is answered by a no."""
    seen: list[httpx2.Request] = []

    def no(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(403, json={"type": "error", "error": {"type": "permission_error", "message": "no"}})

    client = open_client(found, httpx2.MockTransport(no))
    with pytest.raises(ModelRejected, match="403"):
        await ClaudeTalker(client, Unlimited()).say(ASKED)
    await client.close()
    (request,) = seen
    return request


@pytest.mark.parametrize("provider", Provider)
async def test_a_request_goes_where_it_should_with_what_it_should(provider: Provider) -> None:
    request = await sent(ACCESS[provider])
    body = json.loads(request.content)
    assert str(request.url) == ADDRESSES[provider]
    assert "test-key" in (request.headers.get("authorization") or request.headers.get("api-key") or "")
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert body["system"][0]["text"] == "You triage."
    assert not {"temperature", "top_p", "top_k", "thinking", "tool_choice"} & set(body)


async def test_a_server_of_ones_own_is_asked_at_its_address() -> None:
    request = await sent(Access(Provider.ANTHROPIC, key="", base_url="http://10.0.0.7:8080"))
    assert str(request.url) == "http://10.0.0.7:8080/v1/messages"


async def test_nothing_is_looked_up_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://elsewhere.example")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-key")
    request = await sent(ACCESS[Provider.ANTHROPIC])
    assert request.url.host == "api.anthropic.com"
    assert "canary" not in str(request.headers)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "ANTHROPIC_API_KEY"),
        ({"strata_model_provider": "bedrock", "anthropic_api_key": "k"}, "STRATA_MODEL_REGION"),
        ({"strata_model_provider": "vertex", "strata_model_region": "x"}, "STRATA_MODEL_PROJECT"),
        ({"strata_model_provider": "foundry", "anthropic_api_key": "k"}, "STRATA_MODEL_PROJECT"),
    ],
)
def test_what_is_missing_is_named(given: dict[str, str], missing: str) -> None:
    settings = Settings.model_validate({"anthropic_api_key": "", **given})
    with pytest.raises(BadSetting, match=missing):
        access(settings)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://192.168.1.20:11434", True),
        ("http://172.20.0.3:8000/", True),
        ("https://models.acme.example", True),
        ("http://models.acme.example", False),
        ("http://10.0.0.1.evil.example", False),
        ("http://172.99.0.3", False),
        ("https://user:pass@models.acme.example", False),
    ],
)
def test_tickets_travel_over_tls_or_within_ones_own_network(address: str, *, good: bool) -> None:
    if good:
        assert Settings(anthropic_base_url=address).anthropic_base_url == address.rstrip("/")
    else:
        with pytest.raises(ValueError, match="anthropic_base_url"):
            Settings(anthropic_base_url=address)
