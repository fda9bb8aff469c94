"""Asks the model service whether it knows the key and the models. Costs nothing: no message is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.doctor.finding import Check, broken, good, warning
from bot.models.access import NO_SECOND, access
from bot.settings import BadSetting, Provider, Settings

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


async def models(settings: Settings) -> list[Check]:
    """A service that cannot be reached is a finding, never an exception. Clouds are not asked: they list nothing."""
    if not settings.strata_engine.asks_a_model or settings.strata_model_provider is not Provider.ANTHROPIC:
        return []
    from bot.models.clients import open_client

    try:
        client = cast("AsyncAnthropic", open_client(access(settings)))
    except BadSetting:
        return []  # told by the check of the settings
    names = dict.fromkeys((settings.strata_model_fast, settings.strata_model_strong))
    try:
        return [await _one(client, name, own=bool(settings.anthropic_base_url)) for name in names if name != NO_SECOND]
    finally:
        await client.close()


async def _one(client: AsyncAnthropic, name: str, *, own: bool) -> Check:
    from anthropic import AnthropicError, APIStatusError

    title = f"Model {name}"
    try:
        await client.models.retrieve(name)
    except APIStatusError as error:
        if error.status_code in (401, 403):
            return broken(title, f"the service answers {error.status_code}", "Check ANTHROPIC_API_KEY.")
        if own:
            fix = "Few servers of one's own list their models; try `strata triage FILE --dry-run`."
            return warning(title, f"the server answers {error.status_code} when asked for it", fix)
        return broken(title, f"the service answers {error.status_code}", "Check the model's name.")
    except (AnthropicError, ValueError) as error:
        return broken(title, f"cannot be reached ({type(error).__name__})", "Check the network and ANTHROPIC_BASE_URL.")
    return good(title, "known to the service")
