"""Jira's webhooks: is it from Jira, and what does it say.

The Cloud and servers sign alike: HMAC-SHA256 over the body, where the webhook has a secret. Pure: no network, no clock,
no store. The id of a delivery stays the same when the Cloud sends it again; where a server sends none, the signature
itself is the id, because the signed body tells the time of the event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, Opened, TicketField
from bot.trackers.blanks import with_blanks
from bot.trackers.jira.deliveries import Envelope, IssueDelivery, Item
from bot.trackers.jira.names import parts
from bot.trackers.jira.rich_text import plain
from bot.trackers.jira.vocabulary import NOBODY
from bot.trackers.knocking import check_hex_signature, complaint
from graphs.model import InstallId, TicketRef, TrackerName

_ID = "x-atlassian-webhook-identifier"
_SIGNATURE = "x-hub-signature"
_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_SIGNED = re.compile(r"sha256=[0-9a-f]{64}")
_OURS = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"})
_TEXTS = ("summary", "description")


class JiraDoor:
    """Implements `bot.events.WebhookDoor`."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        check_hex_signature("X-Hub-Signature", headers.get(_SIGNATURE, ""), body, secrets)

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        if _ID in headers:
            if _DELIVERY.fullmatch(headers[_ID]) is None:
                raise Malformed("no usable X-Atlassian-Webhook-Identifier header")
            return headers[_ID]
        signature = headers.get(_SIGNATURE, "")
        if _SIGNED.fullmatch(signature) is None:
            raise Malformed("neither an X-Atlassian-Webhook-Identifier nor a signature")
        return signature.replace("=", ":")

    def parse(self, headers: Mapping[str, str], body: bytes, install: InstallId) -> Arrival:
        delivery_id = self.delivery_id(headers)
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in {"", "application/json"}:
            raise Malformed("the content type is not application/json")
        try:
            return _arrival(delivery_id, body, install)
        except ValidationError as error:
            raise Malformed(complaint(error, "Jira")) from None
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON that Jira would send") from None


def _arrival(delivery_id: str, body: bytes, install: InstallId) -> Arrival:
    event = Envelope.model_validate_json(body).event
    name = event.removeprefix("jira:")
    if event not in _OURS:
        return Arrival(delivery_id=delivery_id, name=name, project=None, event=Irrelevant(why=f"{name}: no interest"))
    said = IssueDelivery.model_validate_json(body)
    ref = _ref(said.issue.key, install)
    happened = _happened(name, said, ref) if said.issue.fields.issuetype.is_triaged else None
    return Arrival(
        delivery_id=delivery_id,
        name=name,
        project=ref.project,
        event=happened or Irrelevant(why="a sub-task or an epic"),
    )


def _ref(key: str, install: InstallId) -> TicketRef:
    found = parts(key)
    if found is None:
        raise Malformed("the issue's key is not of the form PROJ-12")
    return TicketRef(tracker=TrackerName.JIRA, install=install, project=found[0], number=found[1])


def _happened(name: str, said: IssueDelivery, ref: TicketRef) -> Event:
    match name:
        case "issue_created":
            return Opened(ref=ref, action="opened")
        case "issue_deleted":
            return Gone(ref=ref, why="deleted")
        case "comment_created":
            return _commented(said, ref)
        case _:
            return _changed(said, ref)


def _changed(said: IssueDelivery, ref: TicketRef) -> Event:
    """One delivery tells of several fields: a move weighs most, then the status, the text, a label, an assignee."""
    if said.changed("key") is not None:
        return Opened(ref=ref, action="moved")
    if said.changed("status") and not said.issue.fields.is_open:
        return Gone(ref=ref, why="closed")
    resolution = said.changed("resolution")
    if resolution is not None and resolution.before and not resolution.after and said.issue.fields.is_open:
        return Opened(ref=ref, action="reopened")
    if any(said.changed(one) for one in _TEXTS):
        return Edited(ref=ref)
    return _set(said, ref)


def _set(said: IssueDelivery, ref: TicketRef) -> Event:
    actor = said.user.login if said.user else NOBODY
    added = _added(said.changed("labels"))
    if added:
        return FieldSet(ref=ref, field=TicketField.LABEL, value=with_blanks(added[0]), actor=actor)
    assignee = said.issue.fields.assignee
    if said.changed("assignee") and assignee:
        return FieldSet(ref=ref, field=TicketField.ASSIGNEE, value=assignee.login, actor=actor)
    if said.comment and not said.changelog.items:
        return _commented(said, ref)
    return Irrelevant(why="a change of neither status, text, labels nor assignee")


def _commented(said: IssueDelivery, ref: TicketRef) -> Event:
    if said.comment is None:
        return Irrelevant(why="a comment that is not shown")
    author = said.comment.author or said.user
    text = plain(said.comment.body)
    return FieldSet(ref=ref, field=TicketField.COMMENT, value=text, actor=author.login if author else NOBODY)


def _added(labels: Item | None) -> list[str]:
    """Jira tells all labels before and after, apart by blanks."""
    if labels is None:
        return []
    before = set((labels.before or "").split())
    return [one for one in (labels.after or "").split() if one not in before]
