"""Where the model is and what opens the door, out of the settings. Must not load the vendor's SDK."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.settings import BadSetting, Provider, Settings

NO_SECOND = "none"


@dataclass(frozen=True)
class Access:
    provider: Provider
    key: str = field(repr=False)
    base_url: str = ""
    """The service's own address where empty."""
    region: str = ""
    project: str = ""
    """Google's project, or Foundry's resource."""


def access(settings: Settings) -> Access:
    """Raises `BadSetting`, with what is missing."""
    key, provider = settings.anthropic_api_key, settings.strata_model_provider
    own = bool(settings.anthropic_base_url)
    if key is None and not own and provider is not Provider.VERTEX:
        raise BadSetting("ANTHROPIC_API_KEY is not set: set it, or ANTHROPIC_BASE_URL for a server of your own")
    if provider in (Provider.BEDROCK, Provider.VERTEX) and not settings.strata_model_region:
        raise BadSetting(f"STRATA_MODEL_REGION is not set: {provider} needs one")
    if provider in (Provider.VERTEX, Provider.FOUNDRY) and not (settings.strata_model_project or own):
        raise BadSetting(f"STRATA_MODEL_PROJECT is not set: {provider} needs one")
    return Access(
        provider=provider,
        key=key.get_secret_value() if key else "",
        base_url=settings.anthropic_base_url,
        region=settings.strata_model_region,
        project=settings.strata_model_project,
    )
