"""What the API answers: status, JSON, headers; and GitHub's ways of saying no.

Owns the shapes of errors. Must not decide when to refuse: that is in `access`, `acts` and `api`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.github.model import Json

DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: object = None
    """Anything JSON can carry; None is an empty body."""
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request GitHub would refuse; carries the whole answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[Json] | None = None,
        headers: dict[str, str] | None = None,
        extra: Json | None = None,
        docs: str = DOCS,
    ) -> None:
        super().__init__(f"{status} {message}")
        body: Json = {"message": message}
        if errors is not None:
            body["errors"] = errors
        body |= extra or {}
        body |= {"documentation_url": docs, "status": str(status)}
        self.answer = Answer(status, body, headers or {})


def bad_credentials() -> Refused:
    return Refused(401, "Bad credentials")


def needs_authentication() -> Refused:
    return Refused(401, "Requires authentication")


def not_found() -> Refused:
    """Also what a private repository answers to a stranger: its existence is a secret."""
    return Refused(404, "Not Found")


def not_accessible(*, is_app: bool) -> Refused:
    return Refused(403, f"Resource not accessible by {'integration' if is_app else 'personal access token'}")


def was_deleted() -> Refused:
    return Refused(410, "This issue was deleted", docs="https://docs.github.com/v3/issues/")


def moved(url: str) -> Refused:
    return Refused(301, "Moved Permanently", headers={"location": url}, extra={"url": url})


def locked() -> Refused:
    return Refused(
        403,
        "Unable to create comment because issue is locked.",
        docs="https://docs.github.com/articles/locking-conversations/",
    )


def invalid(resource: str, name: str, code: str, value: object = None) -> Refused:
    """422 with one entry in `errors`, as for an unknown label or assignee."""
    error: Json = {"resource": resource, "field": name, "code": code}
    if value is not None:
        error = {"value": value} | error
    return Refused(422, "Validation Failed", errors=[error])


def malformed(detail: str) -> Refused:
    """422 without `errors`: the body does not fit the endpoint's schema at all."""
    return Refused(422, f"Invalid request.\n\n{detail}")
