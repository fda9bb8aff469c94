"""Which engine reads tickets with which settings, as the doctor says it and the bot takes it."""

from __future__ import annotations

import pytest

from bot.bootstrap import local_engine
from bot.doctor import model
from bot.doctor.finding import Grade
from bot.settings import BadSetting, Engine, Settings
from graphs.learning import artefact, artefact_stacked, encoder


def _settings(engine: Engine) -> Settings:
    return Settings(_env_file=None, strata_engine=engine)


@pytest.mark.parametrize("installed", [True, False])
def test_local_is_the_best_that_is_installed(monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:  # noqa: FBT001  # a parameter
    monkeypatch.setattr(encoder, "installed", lambda: installed)
    best = artefact_stacked.ENGINE if installed else artefact.ENGINE
    assert local_engine(_settings(Engine.LOCAL)).name == best
    assert local_engine(_settings(Engine.CASCADE)).name == best, "what stands under a model is no worse"
    assert local_engine(_settings(Engine.LEXICAL)).name == artefact.ENGINE
    assert best in model.model(_settings(Engine.LOCAL)).finding


def test_an_encoder_that_is_missing_is_told_before_the_first_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "installed", lambda: False)
    with pytest.raises(BadSetting, match="make stacked"):
        local_engine(_settings(Engine.STACKED))
    assert model.model(_settings(Engine.STACKED)).grade is Grade.BROKEN
