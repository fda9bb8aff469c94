"""Prism as a judge: it sits between our adapter and a tracker and refuses what GitHub's API description does not allow.

Owns cutting the description down to the paths we use (the whole takes ten times as long to load) and the process.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
from pydantic import TypeAdapter

from tests.trackers.github.examples import node_module

Json = dict[str, object]
_JSON = TypeAdapter(Json)
_REPO = "/repos/{owner}/{repo}"
_ISSUE = f"{_REPO}/issues/{{issue_number}}"
USED = (
    _REPO,
    f"{_REPO}/labels",
    f"{_REPO}/assignees/{{assignee}}",
    _ISSUE,
    f"{_ISSUE}/labels",
    f"{_ISSUE}/labels/{{name}}",
    f"{_ISSUE}/assignees",
    f"{_ISSUE}/comments",
    "/app/installations/{installation_id}/access_tokens",
)
_PATIENCE_S = 60
_LISTENING = re.compile(r"Prism is listening on (http://127\.0\.0\.1:\d+)")


def description() -> Json:
    """GitHub's description of itself, as published for github.com."""
    return _JSON.validate_json((node_module("@octokit/openapi") / "generated" / "api.github.com.json").read_bytes())


def sliced(whole: Json, used: tuple[str, ...] = USED) -> Json:
    """The same description with some paths only, and the components those reach."""
    paths = _inner(whole, "paths")
    kept: Json = {path: paths[path] for path in used}
    components: dict[str, Json] = {}
    _collect(kept, _inner(whole, "components"), components)
    head = {name: whole[name] for name in ("openapi", "info", "servers")}
    return {**head, "paths": kept, "components": components}


def _collect(part: object, source: Json, into: dict[str, Json]) -> None:
    if isinstance(part, list):
        for one in part:
            _collect(one, source, into)
    if not isinstance(part, dict):
        return
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/components/"):
        kind, name = reference.removeprefix("#/components/").split("/")
        if name not in into.setdefault(kind, {}):
            into[kind][name] = _inner(source, kind)[name]
            _collect(into[kind][name], source, into)
    for one in part.values():
        _collect(one, source, into)


def _inner(outer: Json, name: str) -> Json:
    return _JSON.validate_python(outer[name])


@dataclass(frozen=True)
class Prism:
    """A running proxy. Whatever listens on `behind` gets the calls that pass."""

    url: str
    behind: int


@contextmanager
def running_prism(node: Path, folder: Path) -> Iterator[Prism]:
    spec = folder / "github.json"
    spec.write_text(json.dumps(sliced(description())))
    behind = _free_port()
    prism = node_module("@stoplight/prism-cli") / "dist" / "index.js"
    command = [str(node), str(prism), "proxy", str(spec), f"http://127.0.0.1:{behind}"]
    command += ["-h", "127.0.0.1", "-p", str(_free_port()), "--errors"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "NO_COLOR": "1"},
    ) as process:
        try:
            yield Prism(url=_address(process), behind=behind)
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Waits for the line that says where it listens; keeps reading for ever, so that the pipe never fills up."""
    found: Queue[str] = Queue()
    said: list[str] = []

    def read() -> None:
        for line in process.stdout or ():
            said.append(line)
            if match := _LISTENING.search(line):
                found.put(match[1])

    Thread(target=read, daemon=True).start()
    try:
        return found.get(timeout=_PATIENCE_S)
    except Empty:
        pytest.fail("Prism did not start: " + "".join(said[-20:]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
