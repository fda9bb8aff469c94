"""Tickets for the engine's tests, made here; owns nothing but words."""

from __future__ import annotations

from graphs.learning.corpus import DEFAULT_LAYERS
from graphs.model import LayerId
from graphs.ports import Dossier
from tests.builders import a_clean_ticket, a_ticket

BODY = """### Describe the bug
Search returns nothing for our handbook, although the PDF was uploaded and indexed yesterday.
The retriever finds zero passages and the citations point to deleted documents. See https://example.org/trace/1

### Version
- OS: Linux 6.1
- [x] I have searched the existing issues

```
2026-01-01 10:00:00 ERROR retriever embeddings index chunk vector search rerank
```
_No response_
"""


def a_dossier(
    title: str = "Uploaded handbook is never found by search",
    body: str = BODY,
    layers: tuple[LayerId, ...] = DEFAULT_LAYERS,
) -> Dossier:
    plain = a_clean_ticket(a_ticket())
    return Dossier(ticket=plain.model_copy(update={"title": title, "body": body}), layers=layers)
