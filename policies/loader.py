"""Loads a policy folder: the shipped defaults, with the files of the team's own folder put over them.

Owns which files make up the policies and their version. Must not import `graphs`, nor read the environment.
A team's folder may hold `layers.yaml`, `labels.yaml`, `approval.yaml`, `clock.yaml`, `*.cedar` and `CODEOWNERS`; it
must hold
`owners.yaml`, because the shipped one names the demo's people.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from policies.checks import check_approval, check_clock, check_layers, check_owners
from policies.codeowners import read_code_owners
from policies.problems import PolicyError, Problem
from policies.reading import read, read_list
from policies.shapes import Approval, Clock, LabelsFile, Layer, Owner, Policies, Shape

SHIPPED = Path(__file__).parent
CODE_OWNERS = "CODEOWNERS"
FILES = ("layers.yaml", "labels.yaml", "owners.yaml", "approval.yaml", "clock.yaml")


def load(folder: Path | None = None) -> Policies:
    """The policies in `folder` over the shipped ones. Raises `PolicyError` with every problem found."""
    problems = _folder_problems(folder)
    layers, wrong_layers = read_list(_find(folder, "layers.yaml"), "layers", Layer)
    labels, wrong_labels = read(_find(folder, "labels.yaml"), LabelsFile)
    owners, wrong_owners = read_list(_find(folder, "owners.yaml"), "owners", Owner)
    approval, wrong_approval = read(_find(folder, "approval.yaml"), Approval)
    clock, wrong_clock = read(_find(folder, "clock.yaml"), Clock)
    problems += wrong_layers + wrong_labels + wrong_owners + wrong_approval + wrong_clock
    code_owners, wrong_rules = read_code_owners(folder / CODE_OWNERS if folder else None)
    problems += wrong_rules
    problems += check_layers(layers, labels.kinds if labels else None)
    known = None if wrong_layers else {layer.id for layer in layers.values()}
    problems += check_owners(owners, known, complete=not wrong_owners)
    if approval:
        problems += check_approval(approval, owners)
    if clock:
        problems += check_clock(clock)
    if problems or labels is None or approval is None or clock is None:
        raise PolicyError(problems)
    return Policies(
        layers=tuple(layers.values()),
        owners=tuple(owners.values()),
        approval=approval,
        kind_labels=labels.kinds,
        clock=clock,
        code_owners=code_owners,
        version=_version(*layers.values(), labels, *owners.values(), approval, clock, *code_owners),
        example_owners=folder is None,
    )


def _find(folder: Path | None, name: str) -> Path:
    own = folder / name if folder else None
    return own if own and own.exists() else SHIPPED / name


def _folder_problems(folder: Path | None) -> list[Problem]:
    if folder is None:
        return []
    if not folder.is_dir():
        return [Problem(str(folder), "", "is not a folder", "create it, or leave the setting empty for the defaults")]
    found: list[Problem] = []
    if not (folder / "owners.yaml").exists():
        fix = "copy the shipped owners.yaml there and put your own teams in"
        found.append(Problem("owners.yaml", "", "is missing in your policy folder", fix))
    strange = (
        one.name for one in sorted(folder.iterdir()) if one.suffix in {".yaml", ".yml"} and one.name not in FILES
    )
    fix = f"rename it to one of: {', '.join(FILES)}"
    return found + [Problem(name, "", "is not a policy file", fix) for name in strange]


def _version(*parts: Shape) -> str:
    """Short hash of the meaning: comments and key order in the files do not change it."""
    text = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
