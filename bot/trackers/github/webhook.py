"""GitHub's webhooks: is it from GitHub, and what does it say.

Owns the signature check and the translation of GitHub's events into ours. Pure: no network, no clock, no store.
Any doubt in the check is `NotAuthentic`, any odd bytes behind a good signature are `Malformed`; nothing else is raised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from pydantic import ValidationError

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.github.deliveries import Envelope, IssueDelivery
from bot.trackers.knocking import check_hex_signature, complaint
from graphs.model import InstallId, Login, TicketRef, TrackerName

_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_WORD = re.compile(r"[a-z0-9_]{1,64}")
_FORM = "application/x-www-form-urlencoded"
_GHOST = Login("ghost")
"""GitHub's own stand-in for an account that no longer exists."""


class GitHubDoor:
    """Implements `bot.events.WebhookDoor`."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """The SHA-1 header is ignored: who can only forge SHA-1 must not get in."""
        found = headers.get("x-hub-signature-256", "")
        check_hex_signature("X-Hub-Signature-256", found, body, secrets)

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        found = headers.get("x-github-delivery", "")
        if _DELIVERY.fullmatch(found) is None:
            raise Malformed("no usable X-GitHub-Delivery header")
        return found

    def parse(self, headers: Mapping[str, str], body: bytes, install: InstallId) -> Arrival:
        delivery_id = self.delivery_id(headers)
        event = headers.get("x-github-event", "")
        if _WORD.fullmatch(event) is None:
            raise Malformed("no usable X-GitHub-Event header")
        document = _document(headers.get("content-type", ""), body)
        try:
            return _arrival(delivery_id, event, document, install)
        except ValidationError as error:
            raise Malformed(complaint(error, "GitHub")) from None
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON that GitHub would send") from None


def _document(content_type: str, body: bytes) -> bytes:
    """The JSON inside the body. GitHub also offers to send it as the field `payload` of a form."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"", "application/json"}:
        return body
    if kind != _FORM:
        raise Malformed("the content type is neither application/json nor GitHub's form")
    try:
        fields = parse_qs(body.decode("ascii"), errors="strict", max_num_fields=4, strict_parsing=True)
        (payload,) = fields["payload"]
        return payload.encode("utf-8")
    except (KeyError, ValueError):
        raise Malformed("the form has no single payload field") from None


def _arrival(delivery_id: str, event: str, document: bytes, install: InstallId) -> Arrival:
    ours = event in {"issues", "issue_comment"}
    said = (IssueDelivery if ours else Envelope).model_validate_json(document)
    action = said.action if said.action and _WORD.fullmatch(said.action) else None
    name = f"{event}.{action}" if action else event
    project = said.repository.full_name if said.repository else None
    happened: Event = Irrelevant(why=f"{name} is of no interest")
    if isinstance(said, IssueDelivery):
        happened = _about_issue(name, said, _ref(said, install))
    return Arrival(delivery_id=delivery_id, name=name, project=project, event=happened)


def _ref(said: IssueDelivery, install: InstallId) -> TicketRef:
    if said.repository is None or said.issue is None:
        raise Malformed("an event about an issue that names no issue or no repository")
    return TicketRef(
        tracker=TrackerName.GITHUB, install=install, project=said.repository.full_name, number=str(said.issue.number)
    )


def _about_issue(name: str, said: IssueDelivery, ref: TicketRef) -> Event:
    if said.issue and said.issue.pull_request is not None:
        return Irrelevant(why="a pull request")
    match name:
        case "issues.opened" | "issues.reopened":
            return Opened(ref=ref, action=name.partition(".")[2])
        case "issues.edited":
            text_changed = said.changes is None or said.changes.touches_text
            return Edited(ref=ref) if text_changed else Irrelevant(why="an edit of neither title nor body")
        case "issues.closed" | "issues.deleted" | "issues.transferred":
            # A moved issue is reported once more, as opened, by the place it moved to.
            return Gone(ref=ref, why=name.partition(".")[2])
        case "issues.labeled" | "issues.assigned" | "issue_comment.created":
            return _field_set(name, said, ref)
        case _:
            return Irrelevant(why=f"{name} is of no interest")


def _field_set(name: str, said: IssueDelivery, ref: TicketRef) -> Event:
    field, value = {
        "issues.labeled": (TicketField.LABEL, said.label and said.label.name),
        "issues.assigned": (TicketField.ASSIGNEE, said.assignee and said.assignee.login),
        "issue_comment.created": (TicketField.COMMENT, said.comment and (said.comment.body or "")),
    }[name]
    if value is None:
        raise Malformed(f"{name} without its {field}")
    return FieldSet(ref=ref, field=field, value=value, actor=said.sender.login if said.sender else _GHOST)
