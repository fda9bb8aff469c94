"""Zendesk's webhooks: is it from Zendesk, and what does it say. Subscriptions to ticket events only, no triggers.

HMAC-SHA256 over the time of sending and the body, in Base64. Pure: no network, no clock, no store.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, NotAuthentic, Opened, TicketField
from bot.trackers.blanks import with_blanks
from bot.trackers.knocking import complaint
from bot.trackers.zendesk.deliveries import Envelope, TicketDelivery
from bot.trackers.zendesk.payloads import plain
from graphs.model import InstallId, Login, TicketRef, TrackerName

_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{43}=")
_TIME = re.compile(r"[0-9TZ:.+-]{1,40}")
_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_DONE = frozenset({"solved", "closed"})
_AWAY = {
    "ticket.soft_deleted": "deleted",
    "ticket.permanently_deleted": "deleted",
    "ticket.marked_as_spam": "marked as spam",
    "ticket.merged": "merged",
}


@dataclass(frozen=True)
class ZendeskDoor:
    """Implements `bot.events.WebhookDoor`. A payload does not say of which account it is: its secret does."""

    project: str

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        claimed = headers.get("x-zendesk-webhook-signature", "")
        at = headers.get("x-zendesk-webhook-signature-timestamp", "")
        if _SIGNATURE.fullmatch(claimed) is None or _TIME.fullmatch(at) is None:
            raise NotAuthentic("no X-Zendesk-Webhook-Signature headers of the right form")
        # Every secret is tried even after a match, so that timing does not tell which one is in use.
        signed = at.encode("ascii") + body
        matches = [hmac.compare_digest(_mac(one, signed), claimed.encode("ascii")) for one in secrets if one]
        if not any(matches):
            raise NotAuthentic("the signature matches no secret")

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        found = headers.get("x-zendesk-webhook-invocation-id", "")
        if _DELIVERY.fullmatch(found) is None:
            raise Malformed("no usable X-Zendesk-Webhook-Invocation-Id header")
        return found

    def parse(self, headers: Mapping[str, str], body: bytes, install: InstallId) -> Arrival:
        delivery_id = self.delivery_id(headers)
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in {"", "application/json"}:
            raise Malformed("the content type is not application/json")
        try:
            return self._arrival(delivery_id, body, install)
        except ValidationError as error:
            raise Malformed(complaint(error, "Zendesk")) from None
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON that Zendesk would send") from None

    def _arrival(self, delivery_id: str, body: bytes, install: InstallId) -> Arrival:
        name = Envelope.model_validate_json(body).type
        if not name.startswith("ticket."):
            return Arrival(delivery_id=delivery_id, name=name, project=None, event=Irrelevant(why="not about a ticket"))
        said = TicketDelivery.model_validate_json(body)
        ref = TicketRef(tracker=TrackerName.ZENDESK, install=install, project=self.project, number=said.detail.id)
        return Arrival(delivery_id=delivery_id, name=name, project=self.project, event=_happened(name, said, ref))


def _mac(secret: str, signed: bytes) -> bytes:
    try:
        return base64.b64encode(hmac.digest(secret.encode("utf-8", "surrogateescape"), signed, "sha256"))
    except UnicodeEncodeError:
        raise NotAuthentic("a configured webhook secret is not valid text") from None


def _happened(name: str, said: TicketDelivery, ref: TicketRef) -> Event:
    if name in _AWAY:
        return Gone(ref=ref, why=_AWAY[name])
    match name:
        case "ticket.created":
            return Opened(ref=ref, action="opened")
        case "ticket.undeleted":
            return Opened(ref=ref, action="undeleted")
        case "ticket.status_changed":
            return _status(said, ref)
        case "ticket.subject_changed" | "ticket.description_changed":
            return Edited(ref=ref)
        case _:
            return _set(name, said, ref)


def _status(said: TicketDelivery, ref: TicketRef) -> Event:
    before, after = said.statuses
    if after in _DONE:
        return Gone(ref=ref, why="closed")
    if before in _DONE and after:
        return Opened(ref=ref, action="reopened")
    return Irrelevant(why="a change from one open status to another")


def _set(name: str, said: TicketDelivery, ref: TicketRef) -> Event:
    comment = said.event.comment
    if name == "ticket.tags_changed" and said.event.tags_added:
        value = with_blanks(said.event.tags_added[0])
        return FieldSet(ref=ref, field=TicketField.LABEL, value=value, actor=said.actor)
    if name == "ticket.agent_assignment_changed" and said.detail.assignee_id:
        return FieldSet(ref=ref, field=TicketField.ASSIGNEE, value=said.detail.assignee_id, actor=said.actor)
    if name == "ticket.comment_added" and comment is not None:
        actor = Login(comment.author.id) if comment.author else said.actor
        return FieldSet(ref=ref, field=TicketField.COMMENT, value=plain(comment.body), actor=actor)
    return Irrelevant(why=f"{name} is of no interest")
