"""A row that goes out where a model was asked: the contract of the local engine, and what the model adds."""

from __future__ import annotations

from graphs.learning.classify import Classified
from graphs.model import Analysis, Evidence


class ClassifiedByModel(Classified):
    model: str | None
    """None where no model answered: the local engine settled it or stood in."""
    prompt: str | None
    cost_usd: float
    evidence: tuple[Evidence, ...]
    stands_in: str
    """Why no model answered where one should have; else empty."""


def with_model(row: Classified, found: Analysis) -> ClassifiedByModel:
    versions = found.opinion.versions if found.opinion else {}
    return ClassifiedByModel(
        **row.model_dump(),
        model=versions.get("model"),
        prompt=versions.get("agent_prompts"),
        cost_usd=found.cost_usd,
        evidence=found.evidence,
        stands_in=found.stands_in,
    )
