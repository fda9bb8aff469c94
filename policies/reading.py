"""Reads one YAML file of a policy folder into a shape, or says everything that is wrong with it.

Owns the strict reading: size cap, duplicate keys, unknown keys. Must not judge one file against another.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from policies.problems import Problem
from policies.shapes import Shape

S = TypeVar("S", bound=Shape)
MAX_BYTES = 512 * 1024


class _Strict(yaml.SafeLoader):
    """Plain YAML silently keeps the last of two equal keys, and aliases can grow without bound; both are refused.

    Dates stay text: a day that does not exist is then told with its place, like any other mistake.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own attribute
        first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.nodes.Node | None, index: int) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "aliases (*name) are not allowed", None)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.nodes.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002  # PyYAML's signature
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key `{key.value}` appears twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(file: Path, shape: type[S]) -> tuple[S | None, list[Problem]]:
    """The file as one value, or the problems that keep it from being one."""
    value, problems = _parse(file)
    if problems:
        return None, problems
    return _validate(file.name, (), value, shape)


def read_list(file: Path, key: str, shape: type[S]) -> tuple[dict[int, S], list[Problem]]:
    """The entries of a file that is one list under `key`, by position, with all problems.

    An entry with a mistake in an optional field is returned without that field, so that the checks between entries
    still see it and one reading finds everything. With any problem the result is for checking only.
    """
    value, problems = _parse(file)
    if problems:
        return {}, problems
    if not isinstance(value, dict) or not isinstance(value.get(key), list) or not value[key]:
        return {}, [
            Problem(file.name, key, "is missing or not a list with entries", f"write the entries under `{key}:`")
        ]
    problems = [
        Problem(file.name, str(other), "unknown key", "remove it or correct its spelling")
        for other in set(value) - {key}
    ]
    entries: dict[int, S] = {}
    for index, raw in enumerate(value[key]):
        entry, wrong = _validate(file.name, (key, index), raw, shape)
        problems += wrong
        if entry is None and isinstance(raw, dict):
            broken = {problem.path.removeprefix(f"{key}[{index}].").split(".")[0].split("[")[0] for problem in wrong}
            entry, _ = _validate(file.name, (), {k: v for k, v in raw.items() if k not in broken}, shape)
        if entry is not None:
            entries[index] = entry
    return entries, problems


def _parse(file: Path) -> tuple[object, list[Problem]]:
    name = file.name
    try:
        raw = file.read_bytes()
    except OSError as error:
        return None, [Problem(name, "", f"cannot be read ({error.strerror})", "make the file readable for this user")]
    if len(raw) > MAX_BYTES:
        return None, [Problem(name, "", f"is larger than {MAX_BYTES // 1024} KB", "remove what is not needed")]
    try:
        return yaml.load(raw.decode(), Loader=_Strict), []  # noqa: S506  # _Strict is a SafeLoader
    except UnicodeDecodeError:
        return None, [Problem(name, "", "is not UTF-8", "save the file as UTF-8")]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [Problem(name, _place(error), _yaml_reason(error), "correct the YAML at that place")]


def _validate(file: str, at: tuple[int | str, ...], value: object, shape: type[S]) -> tuple[S | None, list[Problem]]:
    try:
        return shape.model_validate(value), []
    except ValidationError as error:
        return None, [_problem(file, at, one) for one in error.errors(include_url=False, include_input=False)]


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if isinstance(mark, yaml.error.Mark) else ""


def _yaml_reason(error: Exception) -> str:
    reason = getattr(error, "problem", None)
    if isinstance(reason, str):
        return f"is not valid YAML here: {reason}"
    return "is nested too deeply" if isinstance(error, RecursionError) else f"is not valid YAML: {error}"


def _path(steps: tuple[int | str, ...]) -> str:
    """`("owners", 2, "slack")` as `owners[2].slack`; tags of union branches (`<ids>`) are dropped."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif not step.startswith("<"):
            text += f".{step}" if text else step
    return text


_HINTS = {
    "slack": "write the Slack user id, such as U0ABC12345, found under a person's profile > Copy member ID",
    "channel": "write the Slack channel id, such as C0ABC12345, found at the end of the channel's details",
    "label": "use 1 to 50 characters without a comma",
    "kinds": "use 1 to 50 characters without a comma",
    "id": "use lower-case letters and digits, starting with a letter",
    "layers": "write ids of layers.yaml",
    "second": "write a list of Slack user ids such as [U0ABC12345, U0DEF12345]",
    "who": "write `members`, `directory`, `owners` or a list of Slack user ids such as U0ABC12345",
    "github": "write the account name without `@`",
    "gitlab": "write the account name without `@`",
    "zendesk": "write the agent's number in quotes; it is the last part of the profile's address",
    "jira": "write the account id (Jira Cloud; the last part of the profile's address) or the user name (Data Center)",
    "linear": "write the display name, without `@` and blanks",
    "components": "write a word, a phrase, or a path that may end in `/` or `/**`; no other wildcards",
    "hours": 'write {from: "09:00", to: "17:30", utc_offset: "+01:00", days: [mon, tue, wed, thu, fri]}',
    "zone": "write a name of the IANA list, such as Europe/Lisbon",
    "country": "write two letters, such as PT",
    "since": "write a day, such as 2030-01-07",
    "absences": "write {from: 2030-08-01, to: 2030-08-14}, both ends included",
}


def _problem(file: str, at: tuple[int | str, ...], error: ErrorDetails) -> Problem:
    place = (*at, *error["loc"])
    path = _path(place)
    match error["type"]:
        case "extra_forbidden":
            return Problem(file, path, "unknown key", "remove it or correct its spelling")
        case "missing":
            return Problem(file, path, "required key is missing", "add it")
    named = [step for step in error["loc"] if isinstance(step, str)]
    hint = next((_HINTS[step] for step in reversed(named) if step in _HINTS), "see the comments in the shipped file")
    if not named:
        hint = "add `layers` or `components`" if "neither" in error["msg"] else hint
    wrong_form = error["type"] == "string_pattern_mismatch"
    return Problem(file, path, "has the wrong form" if wrong_form else error["msg"].removeprefix("Value error, "), hint)
