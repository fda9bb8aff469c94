"""Checks of what reads tickets beside the local engine: the model's settings and the team's notes. Asks nobody."""

from __future__ import annotations

from bot.bootstrap.engines import local_engine
from bot.doctor.finding import Check, broken, good, warning
from bot.models.access import NO_SECOND, access
from bot.settings import BadSetting, Settings
from graphs.agent.prices import DATED, PRICES
from graphs.agent.prompting import Prompts
from prompts.loader import PromptError


def model(settings: Settings) -> Check:
    """Whether the model can be asked with these settings, and what it may cost."""
    name = "Model"
    if not settings.strata_engine.asks_a_model:
        return _local(settings, name)
    try:
        access(settings)
        Prompts.active()
    except (BadSetting, PromptError) as error:
        return broken(name, str(error), "Set it, or STRATA_ENGINE=local to do without a model.")
    names = [settings.strata_model_fast, settings.strata_model_strong]
    own = bool(settings.anthropic_base_url)
    if not own and (
        unknown := [one for one in names if one != NO_SECOND and not any(known in one for known in PRICES)]
    ):
        fix = "It is counted at the dearest known price; a server of your own is named in ANTHROPIC_BASE_URL."
        return warning(name, f"the price of {unknown[0]} is not known (table of {DATED})", fix)
    where = settings.anthropic_base_url or settings.strata_model_provider.value
    money = f"${settings.strata_model_ticket_usd:g} a ticket, ${settings.strata_model_day_usd:g} a day at most"
    return good(name, f"{names[0]}, then {names[1]}, at {where}; {money}")


def _local(settings: Settings, name: str) -> Check:
    try:
        engine = local_engine(settings)
    except BadSetting as error:
        return broken(name, str(error), "Install it, or set STRATA_ENGINE=local to take what is there.")
    return good(name, f"none is asked: {engine.name} reads tickets (STRATA_ENGINE={settings.strata_engine.value})")


def notes(settings: Settings) -> Check:
    name = "Notes"
    if settings.strata_notes is None:
        return good(name, "none (STRATA_NOTES is not set)")
    if not settings.strata_notes.is_dir():
        return broken(name, f"{settings.strata_notes} is no folder", "Name the folder with your Markdown notes.")
    found = sum(1 for _ in settings.strata_notes.rglob("*.md"))
    return good(name, f"{found} Markdown files in {settings.strata_notes}")
