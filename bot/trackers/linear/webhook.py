"""Linear's webhooks: is it from Linear, and what does it say.

`Linear-Signature` is the HMAC-SHA256 of the raw body; the body holds the time of sending. The id in `Linear-Delivery`
is not signed. Pure: no network, no clock, no store; how old a delivery may be is judged where there is a clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.knocking import check_hex_signature, complaint
from bot.trackers.linear.deliveries import CommentDelivery, Envelope, IssueDelivery
from bot.trackers.linear.names import parts
from graphs.model import InstallId, Millis, TicketRef, TrackerName

_DELIVERY = re.compile(r"[A-Za-z0-9-]{1,128}")


class LinearDoor:
    """Implements `bot.events.WebhookDoor`."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        check_hex_signature("Linear-Signature", f"sha256={headers.get('linear-signature', '')}", body, secrets)

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        found = headers.get("linear-delivery", "")
        if _DELIVERY.fullmatch(found) is None:
            raise Malformed("no usable Linear-Delivery header")
        return found

    def parse(self, headers: Mapping[str, str], body: bytes, install: InstallId) -> Arrival:
        delivery_id = self.delivery_id(headers)
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in {"", "application/json"}:
            raise Malformed("the content type is not application/json")
        try:
            return _arrival(delivery_id, body, install)
        except ValidationError as error:
            raise Malformed(complaint(error, "Linear")) from None
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON that Linear would send") from None


def _arrival(delivery_id: str, body: bytes, install: InstallId) -> Arrival:
    """The body's own word for what it is decides; headers are not signed."""
    said = Envelope.model_validate_json(body)
    ref: TicketRef | None = None
    happened: Event = Irrelevant(why=f"{said.type} is of no interest")
    if said.type == "Issue":
        issue = IssueDelivery.model_validate_json(body)
        ref = _ref(issue.data.identifier, install)
        happened = _about_issue(said.action, issue, ref)
    elif said.type == "Comment":
        comment = CommentDelivery.model_validate_json(body)
        ref = _ref(comment.data.issue.identifier, install) if comment.data.issue else None
        happened = _about_comment(said.action, comment, ref)
    return Arrival(
        delivery_id=delivery_id,
        name=f"{said.type}.{said.action}",
        project=ref.project if ref else None,
        event=happened,
        sent_at=Millis(said.sent_at),
    )


def _ref(identifier: str, install: InstallId) -> TicketRef:
    found = parts(identifier)
    assert found is not None, "the payload's own check"
    return TicketRef(tracker=TrackerName.LINEAR, install=install, project=found[0], number=found[1])


def _about_issue(action: str, said: IssueDelivery, ref: TicketRef) -> Event:
    match action:
        case "create":
            return Opened(ref=ref, action="opened")
        case "remove":
            return Gone(ref=ref, why="deleted")
        case "update":
            return _change(said, ref)
        case _:
            return Irrelevant(why=f"Issue.{action} is of no interest")


def _change(said: IssueDelivery, ref: TicketRef) -> Event:
    """One delivery may tell of several fields: an end weighs most, then text, then a label, then an assignee."""
    if said.has_ended:
        return Gone(ref=ref, why="deleted" if said.data.trashed else "closed")
    if said.was_moved or said.has_begun_again:
        return Opened(ref=ref, action="moved here" if said.was_moved else "reopened")
    if said.touches_text:
        return Edited(ref=ref)
    if said.added_labels:
        return FieldSet(ref=ref, field=TicketField.LABEL, value=said.added_labels[0], actor=said.by)
    if said.new_assignee is not None:
        return FieldSet(ref=ref, field=TicketField.ASSIGNEE, value=said.new_assignee, actor=said.by)
    return Irrelevant(why="a change of neither text, labels nor assignee")


def _about_comment(action: str, said: CommentDelivery, ref: TicketRef | None) -> Event:
    if ref is None:
        return Irrelevant(why="a comment on something else than an issue")
    if action != "create":
        return Irrelevant(why="a changed comment")
    return FieldSet(ref=ref, field=TicketField.COMMENT, value=said.data.body, actor=said.by)
