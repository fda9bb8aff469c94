"""GitHub's own published example payloads, from the npm package that `tests/node` pins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, JsonValue, TypeAdapter

NODE = Path(__file__).parents[2] / "node"
MODULES = NODE / "node_modules"


class Definition(BaseModel):
    name: str
    examples: list[dict[str, JsonValue]]


_ALL = TypeAdapter(list[Definition])


def node_module(path: str) -> Path:
    """A missing installation is a failure: a contract test that skips itself proves nothing."""
    found = MODULES / path
    if not found.exists():
        pytest.fail(f"{found.name} is not installed: run `make test`, or `npm ci --ignore-scripts` in tests/node")
    return found


def published(release: str = "api.github.com") -> dict[str, list[dict[str, JsonValue]]]:
    """Examples by event; `release` is a folder of the package."""
    text = (node_module("@octokit/webhooks-examples") / release / "index.json").read_bytes()
    return {one.name: one.examples for one in _ALL.validate_json(text)}


def releases() -> Iterator[str]:
    for folder in sorted(node_module("@octokit/webhooks-examples").iterdir()):
        if (folder / "index.json").exists():
            yield folder.name
