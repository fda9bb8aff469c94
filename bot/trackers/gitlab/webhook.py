"""GitLab's webhooks: is it from GitLab, and what does it say.

Two ways to prove it: a token that is sent as it is (`X-Gitlab-Token`), or, on newer servers, a signature after
Standard Webhooks over id, time and body. Signed secrets are those that begin with `whsec_`. A delivery that carries a
signature header is judged by it alone wherever a signing secret is set, never by the token beside it. Pure: no network,
no clock, no store; when it was sent is judged by nobody, because the signed id tells a repetition.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, Malformed, NotAuthentic, Opened, TicketField
from bot.trackers.gitlab.deliveries import Envelope, IssueDelivery, NoteDelivery
from bot.trackers.gitlab.payloads import TRIAGED_TYPES
from bot.trackers.knocking import complaint
from graphs.model import InstallId, Login, TicketRef, TrackerName

_SIGNED = "whsec_"
_SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")
_MOST_SIGNATURES = 8
_TIME = re.compile(r"[0-9]{1,12}")
_DELIVERY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_EVENT = re.compile(r"[A-Za-z0-9 _-]{1,64}")
_IDS = ("webhook-id", "idempotency-key", "x-gitlab-event-uuid")
"""The signed one first; the others on servers without it."""
_GHOST = Login("ghost")


class GitLabDoor:
    """Implements `bot.events.WebhookDoor`."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        keys = [key for one in secrets if one.startswith(_SIGNED) and (key := _key(one))]
        tokens = [one for one in secrets if one and not one.startswith(_SIGNED)]
        if keys and "webhook-signature" in headers:
            _check_signature(headers, body, keys)
            return
        claimed = headers.get("x-gitlab-token", "").encode("utf-8", "surrogateescape")
        # Every token is tried even after a match, so that timing does not tell which one is in use.
        matches = [hmac.compare_digest(_bytes(one), claimed) for one in tokens]
        if not any(matches):
            raise NotAuthentic("neither a signature nor a token that matches a secret")

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        for name in _IDS:
            if name in headers:
                if _DELIVERY.fullmatch(headers[name]) is None:
                    raise Malformed(f"no usable {name} header")
                return headers[name]
        raise Malformed("none of the headers webhook-id, Idempotency-Key and X-Gitlab-Event-UUID")

    def parse(self, headers: Mapping[str, str], body: bytes, install: InstallId) -> Arrival:
        delivery_id = self.delivery_id(headers)
        event = headers.get("x-gitlab-event", "")
        if _EVENT.fullmatch(event) is None:
            raise Malformed("no usable X-Gitlab-Event header")
        if headers.get("content-type", "").partition(";")[0].strip().lower() not in {"", "application/json"}:
            raise Malformed("the content type is not application/json")
        try:
            return _arrival(delivery_id, event, body, install)
        except ValidationError as error:
            raise Malformed(complaint(error, "GitLab")) from None
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON that GitLab would send") from None


def _key(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix(_SIGNED), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _bytes(secret: str) -> bytes:
    """As the header arrives: its bytes, read as Latin-1."""
    try:
        return secret.encode("utf-8").decode("latin-1").encode("utf-8")
    except UnicodeEncodeError:
        raise NotAuthentic("a configured webhook secret is not valid text") from None


def _check_signature(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes]) -> None:
    """HMAC-SHA256 over `id.time.body`; the header may name several signatures, apart by blanks."""
    found = (headers.get("webhook-id", ""), headers.get("webhook-timestamp", ""))
    if _DELIVERY.fullmatch(found[0]) is None or _TIME.fullmatch(found[1]) is None:
        raise NotAuthentic("no webhook-id or webhook-timestamp header of the right form")
    claims = [_SIGNATURE.fullmatch(one) for one in headers["webhook-signature"].split(" ")[:_MOST_SIGNATURES]]
    signed = ".".join(found).encode("ascii") + b"." + body
    expected = [base64.b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    matches = [hmac.compare_digest(one, claim[1].encode("ascii")) for one in expected for claim in claims if claim]
    if not any(matches):
        raise NotAuthentic("the signature matches no secret")


def _arrival(delivery_id: str, event: str, body: bytes, install: InstallId) -> Arrival:
    """The body's own word for what it is decides; the header is not signed everywhere."""
    kind = Envelope.model_validate_json(body).object_kind
    name, project = event, None
    happened: Event = Irrelevant(why=f"{event} is of no interest")
    if kind == "issue":
        issue = IssueDelivery.model_validate_json(body)
        action = issue.object_attributes.action
        name, project = f"issue.{action or 'test'}", issue.project.path_with_namespace
        happened = _about_issue(issue, _ref(project, issue.object_attributes.iid, install))
    elif kind == "note":
        note = NoteDelivery.model_validate_json(body)
        name, project = f"note.{note.object_attributes.action or 'create'}", note.project.path_with_namespace
        happened = _about_note(note, install)
    return Arrival(delivery_id=delivery_id, name=name, project=project, event=happened)


def _ref(project: str, iid: int, install: InstallId) -> TicketRef:
    return TicketRef(tracker=TrackerName.GITLAB, install=install, project=project, number=str(iid))


def _about_issue(said: IssueDelivery, ref: TicketRef) -> Event:
    if (said.object_attributes.type or "issue").casefold() not in TRIAGED_TYPES:
        return Irrelevant(why="a work item of another type")
    match said.object_attributes.action:
        case "open" | "reopen" as action:
            return Opened(ref=ref, action="opened" if action == "open" else "reopened")
        case "close":
            return Gone(ref=ref, why="closed")
        case "update":
            return _change(said, ref)
        case action:
            return Irrelevant(why=f"issue.{action or 'test'} is of no interest")


def _change(said: IssueDelivery, ref: TicketRef) -> Event:
    """GitLab sends one delivery for a change of several fields: text weighs most, then a label, then an assignee."""
    if said.changes.touches_text:
        return Edited(ref=ref)
    actor = said.user.username if said.user else _GHOST
    for field, values in ((TicketField.LABEL, said.changes.added_labels), (TicketField.ASSIGNEE, said.changes.added)):
        if values:
            return FieldSet(ref=ref, field=field, value=values[0], actor=actor)
    return Irrelevant(why="a change of neither text, labels nor assignees")


def _about_note(said: NoteDelivery, install: InstallId) -> Event:
    if said.issue is None or said.object_attributes.noteable_type != "Issue":
        return Irrelevant(why="a comment on something else than an issue")
    if said.object_attributes.action not in {None, "create"}:
        return Irrelevant(why="a changed comment")
    ref = _ref(said.project.path_with_namespace, said.issue.iid, install)
    actor = said.user.username if said.user else _GHOST
    return FieldSet(ref=ref, field=TicketField.COMMENT, value=said.object_attributes.note, actor=actor)
