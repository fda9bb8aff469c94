"""What answers and deliveries of Jira have in common: accounts, and the base of everything it tells us."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.trackers.text import has_control
from graphs.model import Login

NOBODY: Final = Login("former-user")
"""Our stand-in for an account that Jira does not name any more."""
_LONGEST = 255


def _name(text: str) -> str:
    """A server's user names may hold almost anything; what a record could not hold is nobody's."""
    return text if text and len(text) <= _LONGEST and not has_control(text) else ""


class FromJira(BaseModel):
    """Base of everything Jira tells us: what we do not know we do not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Account(FromJira):
    """The Cloud names it by an id, a server by a name."""

    account_id: Annotated[str, AfterValidator(_name)] = Field(default="", alias="accountId")
    name: Annotated[str, AfterValidator(_name)] = ""
    account_type: str = Field(default="", alias="accountType")

    @property
    def login(self) -> Login:
        return Login(self.account_id or self.name) if self.account_id or self.name else NOBODY

    @property
    def is_bot(self) -> bool:
        return self.account_type == "app"


class Category(FromJira):
    key: str = ""


class Status(FromJira):
    category: Category = Field(default=Category(), alias="statusCategory")


class Kind(FromJira):
    """An issue's type."""

    subtask: bool = False
    level: int = Field(default=0, alias="hierarchyLevel")

    @property
    def is_triaged(self) -> bool:
        """Sub-tasks and epics are parts of a plan and nobody's news."""
        return not self.subtask and self.level == 0


class State(FromJira):
    """The part of an issue's fields that decides whether it is triaged at all."""

    status: Status = Status()
    issuetype: Kind = Kind()

    @property
    def is_open(self) -> bool:
        """Every status of every workflow belongs to one of three categories."""
        return self.status.category.key != "done"
