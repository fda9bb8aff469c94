"""A small believable team to start with: one private repository, its labels, people by their roles."""

from __future__ import annotations

from bot.sandbox.github.local import LocalGitHub

REPOSITORY = "acme/assistant"
TEAM = ("on-duty", "product-lead", "app-lead", "data-lead", "ml-lead", "ops-lead", "support-lead")
REPORTERS = ("reporter-1", "reporter-2", "reporter-3", "reporter-4")
LAYER_LABELS = {
    "layer: business workflow": "c5def5",
    "layer: application and tools": "bfd4f2",
    "layer: retrieval and context": "bfdadc",
    "layer: model and evaluation": "d4c5f9",
    "layer: operations and governance": "fef2c0",
}
KIND_LABELS = {"kind: bug": "d73a4a", "kind: feature": "a2eeef", "kind: question": "d876e3", "kind: task": "cfd3d7"}
OTHER_LABELS = {"good first issue": "7057ff", "needs info": "e4e669", "wontfix": "ffffff"}


def demo_repository(github: LocalGitHub, *, private: bool = True) -> str:
    """Adds it to a local GitHub; returns its full name. The team can be assigned, reporters cannot."""
    github.add_repository(REPOSITORY, private=private, collaborators=TEAM)
    for login in REPORTERS:
        github.account(login)
    for name, color in {**LAYER_LABELS, **KIND_LABELS, **OTHER_LABELS}.items():
        github.add_label(REPOSITORY, name, color=color)
    return REPOSITORY
