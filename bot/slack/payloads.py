"""What Slack sends when a person acts: presses, submitted forms and slash commands, as frozen values.

The only way in for them: what is missing or odd raises `PayloadError`, never anything else. Must not decide anything:
who may act is the gate's business. What Slack answers to our own calls is in `replies`.
"""

from __future__ import annotations

import re
from typing import Literal, assert_never

from bot.slack.ids import NOBODY, VERBS, Action, Block, Callback
from bot.slack.shapes import (
    Act,
    Answer,
    Chosen,
    PayloadError,
    RawClick,
    RawCommand,
    RawEvent,
    RawOpened,
    RawSubmission,
    State,
    parsed,
)
from graphs.model import Kind, LayerId, OwnerId, RejectReason, SlackUserId, Value

_WRAPPED = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")

_MENTION = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^>]*)?>[\s,:]*")
"""The bot's name at the start, with what people write behind a name."""


AGAIN = "again"
"""The value of "run again" among the troubles of a card."""


class Home(Value):
    """Where the bot is installed: whoever is from elsewhere is a stranger."""

    team: str
    enterprise: str | None = None


class Person(Value):
    """Who acted, as the signed payload says."""

    user: SlackUserId
    team: str | None
    """The workspace this person belongs to; on Enterprise Grid sometimes the organisation."""


class Click(Value):
    """A press on a button of a message."""

    by: Person
    workspace: str | None
    """Where it happened; None for an app installed for a whole organisation."""
    enterprise: str | None
    channel: str
    message_ts: str
    action_id: str
    value: str
    action_ts: str
    trigger_id: str
    response_url: str | None


class EditForm(Value):
    layer: LayerId
    kind: Kind
    owner: OwnerId | None
    """None: a person chose nobody."""
    comment: str
    note: str = ""
    """Why it was changed, in the editor's words."""


class RejectForm(Value):
    reason: RejectReason
    note: str
    layer: LayerId | None = None
    """The right layer, where the person named it."""


class SnoozeForm(Value):
    until: str
    """A time in the words of `bot.service.when`."""


class HandOverForm(Value):
    owner: OwnerId
    note: str


class AskForm(Value):
    question: str


class RunAgainForm(Value):
    pass


class ReportForm(Value):
    what: Literal["unsafe", "wrong", "invented", "rude"]
    note: str


Form = EditForm | RejectForm | SnoozeForm | HandOverForm | AskForm | RunAgainForm | ReportForm


class Submission(Value):
    """A form that a person sent off."""

    by: Person
    workspace: str | None
    enterprise: str | None
    callback_id: Callback
    value: str
    """The sealed button value the form was opened with."""
    form: Form


class Command(Value):
    """What a person typed: behind the slash command, behind the bot's name, or in a message to it alone.

    `text` is trimmed, and a link that Slack wrapped in `<…>` is bare again.
    """

    by: Person
    workspace: str | None
    enterprise: str | None
    channel: str
    command: str
    text: str
    trigger_id: str
    """Of a message: the id of its event. The same text delivered twice has the same one."""
    response_url: str | None


def is_stranger(by: Person, home: Home) -> bool:
    """From another workspace, through a shared channel. Unknown counts as strange.

    A colleague from a sister workspace of the same organisation counts as strange too until Slack's directory
    says otherwise (`replies.Profile`): a payload alone does not prove the organisation of a person.
    """
    own = {home.team, home.enterprise} - {None}
    return by.team is None or by.team not in own


def parse_click(body: object) -> Click:
    raw = parsed(RawClick, body, "button press")
    action = raw.actions[0]
    channel = raw.channel.id if raw.channel else raw.container.channel_id
    ts = raw.container.message_ts or (raw.message.ts if raw.message else None)
    if channel is None or ts is None:
        raise PayloadError("button press: neither channel nor message is given")
    verb, value = _pressed(action.action_id, action.value, action.selected_option)
    return Click(
        by=_person(raw),
        workspace=raw.team.id if raw.team else None,
        enterprise=_enterprise(raw),
        channel=channel,
        message_ts=ts,
        action_id=verb,
        value=value,
        action_ts=action.action_ts,
        trigger_id=raw.trigger_id,
        response_url=raw.response_url,
    )


def parse_submission(body: object) -> Submission:
    raw = parsed(RawSubmission, body, "form")
    installed = raw.view.app_installed_team_id
    return Submission(
        by=_person(raw),
        workspace=installed or (raw.team.id if raw.team else None),
        enterprise=_enterprise(raw),
        callback_id=raw.view.callback_id,
        value=raw.view.private_metadata,
        form=_form(raw.view.callback_id, raw.view.state),
    )


def parse_command(body: object) -> Command:
    raw = parsed(RawCommand, body, "slash command")
    return Command(
        by=Person(user=SlackUserId(raw.user_id), team=raw.team_id),
        workspace=raw.team_id,
        enterprise=raw.enterprise_id,
        channel=raw.channel_id,
        command=raw.command,
        text=_typed(raw.text),
        trigger_id=raw.trigger_id,
        response_url=raw.response_url,
    )


def parse_said(body: object) -> Command | None:
    """A mention or a direct message; None for what no person typed just now: bots, edits, joins."""
    raw = parsed(RawEvent, body, "event")
    said = raw.event
    if said.user is None or said.bot_id or (said.subtype and said.subtype != "file_share"):
        return None
    text = said.text
    if said.type == "app_mention":
        text = _MENTION.sub("", text, count=1)
    return Command(
        by=Person(user=SlackUserId(said.user), team=said.user_team or said.team or raw.team_id),
        workspace=raw.team_id,
        enterprise=raw.enterprise_id,
        channel=said.channel,
        command=said.type,
        text=_typed(text),
        trigger_id=raw.event_id,
        response_url=None,
    )


def parse_opened(body: object) -> Person | None:
    """Who has opened the Home tab; None for the other tabs."""
    raw = parsed(RawOpened, body, "event")
    return Person(user=SlackUserId(raw.event.user), team=raw.team_id) if raw.event.tab == "home" else None


def parse_asked(body: object) -> Command:
    """What was kept of either way to ask."""
    if isinstance(body, dict) and body.get("type") == "event_callback":
        said = parse_said(body)
        if said is None:
            raise PayloadError("event: nobody typed this")
        return said
    return parse_command(body)


def _typed(text: str) -> str:
    bare = _WRAPPED.sub(r"\1", text).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return " ".join(bare.split())


def _pressed(action: str, value: str, chosen: Chosen | None) -> tuple[str, str]:
    """Verb and sealed value; a menu carries both in what was chosen from it."""
    if chosen is None:
        return action, value
    verb, _, sealed = chosen.value.partition(":")
    if verb not in VERBS:
        raise PayloadError("menu: an unknown verb was chosen")
    return verb, sealed


def _person(raw: Act) -> Person:
    """Slack leaves `user.team_id` out in a few old payloads; then the payload's own workspace is meant."""
    return Person(user=SlackUserId(raw.user.id), team=raw.user.team_id or (raw.team.id if raw.team else None))


def _enterprise(raw: Act) -> str | None:
    if raw.enterprise:
        return raw.enterprise.id
    return raw.team.enterprise_id if raw.team else None


def _answer(state: State, block: Block, action: Action) -> Answer:
    try:
        return state.values[block][action]
    except KeyError:
        raise PayloadError(f"form: the answer to {block} is missing") from None


def _choice(state: State, block: Block, action: Action) -> str:
    chosen = _answer(state, block, action).selected_option
    if chosen is None:
        raise PayloadError(f"form: nothing is chosen for {block}")
    return chosen.value


def _form(callback: Callback, state: State) -> Form:  # noqa: PLR0911  # one return per form
    match callback:
        case Callback.EDIT:
            return _edit_form(state)
        case Callback.REJECT:
            return _reject_form(state)
        case Callback.SNOOZE:
            return SnoozeForm(until=_choice(state, Block.TIME, Action.CHOOSE_TIME))
        case Callback.HAND_OVER:
            chosen = {"owner": _choice(state, Block.OWNER, Action.CHOOSE_OWNER), "note": _note(state)}
            return parsed(HandOverForm, chosen, "form")
        case Callback.DUPLICATE:
            return _duplicate_form(state)
        case Callback.ASK:
            question = _answer(state, Block.COMMENT, Action.WRITE_COMMENT).value.strip()
            return AskForm(question=question)
        case Callback.AGAIN:
            what = _choice(state, Block.TROUBLE, Action.CHOOSE_TROUBLE)
            if what == AGAIN:
                return RunAgainForm()
            return parsed(ReportForm, {"what": what, "note": _note(state)}, "form")
    assert_never(callback)


def _note(state: State) -> str:
    return _answer(state, Block.NOTE, Action.WRITE_NOTE).value.strip()


def _duplicate_form(state: State) -> RejectForm:
    """A ticket of the list, or one that the person wrote; neither is needed."""
    listed = state.values.get(Block.OTHER_TICKET, {}).get(Action.CHOOSE_TICKET)
    named = _note(state) or (listed.selected_option.value if listed and listed.selected_option else "")
    return RejectForm(reason=RejectReason.DUPLICATE, note=f"of {named}" if named else "")


def _edit_form(state: State) -> EditForm:
    owner = _choice(state, Block.OWNER, Action.CHOOSE_OWNER)
    chosen = {
        "layer": _choice(state, Block.LAYER, Action.CHOOSE_LAYER),
        "kind": _choice(state, Block.KIND, Action.CHOOSE_KIND),
        "owner": None if owner == NOBODY else owner,
        "comment": _answer(state, Block.COMMENT, Action.WRITE_COMMENT).value.strip(),
        # A form that was opened before there was such a field has none.
        "note": _answer(state, Block.NOTE, Action.WRITE_NOTE).value.strip() if Block.NOTE in state.values else "",
    }
    return parsed(EditForm, chosen, "edit form")


def _reject_form(state: State) -> RejectForm:
    named = state.values.get(Block.LAYER, {}).get(Action.CHOOSE_LAYER)  # optional, and older forms have no such field
    chosen = {
        "layer": named.selected_option.value if named and named.selected_option else None,
        "reason": _choice(state, Block.REASON, Action.CHOOSE_REASON),
        "note": _answer(state, Block.NOTE, Action.WRITE_NOTE).value.strip(),
    }
    return parsed(RejectForm, chosen, "reject form")
