"""What the local tracker holds, as JSON and back: accounts, repositories, labels, tickets with their whole history.

For a sandbox that continues where it was. Tokens, hooks and deliveries are left out: they belong to one run.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.sandbox.github.model import Account, Issue, Json, Label, Repository
from bot.sandbox.github.world import World


class Saved(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    next_id: int
    accounts: tuple[Account, ...]
    repositories: tuple[Repository, ...]
    labels: dict[str, tuple[Label, ...]]
    issues: tuple[Issue, ...]
    """Deleted and transferred ones too: their numbers are never given again."""


def save(world: World) -> Json:
    repos = world.repositories()
    saved = Saved(
        next_id=world.next_free_id(),
        accounts=world.accounts(),
        repositories=repos,
        labels={one.full_name: world.labels(one.full_name) for one in repos},
        issues=tuple(issue for one in repos for issue in world.every_issue(one.full_name)),
    )
    return saved.model_dump(mode="json")


def load(world: World, raw: object) -> None:
    """Into an empty world. Raises pydantic's ValidationError."""
    saved = Saved.model_validate(raw)
    world.continue_with(saved.next_id, saved.accounts)
    for repo in saved.repositories:
        world.add_repository(repo)
    for name, labels in saved.labels.items():
        for label in labels:
            world.put_label(name, label)
    for issue in saved.issues:
        world.put(issue)
