"""Answers that a sweep had in a batch, kept with the triage until the engine is asked. Reads only.

Implements `graphs.agent.cascade.PreparedAnswers`. An answer counts only for the very question that was put: after an
edit of the ticket, or with another model or prompt, the engine is asked anew.
"""

from __future__ import annotations

from graphs.model import Analysis, Prepared
from graphs.ports import Dossier, Notebook
from graphs.state import Step


class KeptAnswers:
    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    async def of(self, dossier: Dossier, question: str) -> Analysis | None:
        kept = await self._notebook.recall(dossier.triage, Step.PREPARED)
        if kept is None:
            return None
        prepared = Prepared.model_validate_json(kept)
        return prepared.analysis if prepared.id == question else None
