"""How Slack's payloads are built: tolerant shapes, and the one way to read into them.

Owns the raw shapes of `payloads`, the base of those in `replies`, and `PayloadError`. Unknown fields are ignored,
for Slack adds some every month. Nothing outside those two files uses a raw shape.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.slack.ids import Callback
from graphs.errors import StrataError

_Id = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,40}$")]
_Short = Annotated[str, Field(max_length=300)]


class PayloadError(StrataError):
    """Authentic, but not a payload we can act on. The text names fields, never their content."""


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Named(Shape):
    id: _Id


class _Team(_Named):
    enterprise_id: _Id | None = None


class _User(_Named):
    team_id: _Id | None = None


class _Container(Shape):
    channel_id: _Id | None = None
    message_ts: _Short | None = None


class _Message(Shape):
    ts: _Short | None = None


class Chosen(Shape):
    value: _Short


class _Press(Shape):
    action_id: _Short
    value: _Short = ""
    selected_option: Chosen | None = None
    action_ts: _Short = ""


class Act(Shape):
    user: _User
    team: _Team | None = None
    enterprise: _Named | None = None


class RawClick(Act):
    type: Literal["block_actions"]
    container: _Container = _Container()
    channel: _Named | None = None
    message: _Message | None = None
    trigger_id: _Short
    response_url: Annotated[str, Field(max_length=2000)] | None = None
    actions: Annotated[tuple[_Press, ...], Field(min_length=1)]


def _text_or_nothing(value: object) -> object:
    return "" if value is None else value


class Answer(Shape):
    selected_option: Chosen | None = None
    value: Annotated[str, Field(max_length=3000), BeforeValidator(_text_or_nothing)] = ""


class State(Shape):
    values: dict[str, dict[str, Answer]]


class _View(Shape):
    callback_id: Callback
    private_metadata: Annotated[str, Field(max_length=3000)]
    state: State
    app_installed_team_id: _Id | None = None


class RawSubmission(Act):
    type: Literal["view_submission"]
    view: _View


class RawCommand(Shape):
    command: _Short
    text: Annotated[str, Field(max_length=4000), BeforeValidator(_text_or_nothing)] = ""
    user_id: _Id
    team_id: _Id | None = None
    enterprise_id: _Id | None = None
    channel_id: _Id
    trigger_id: _Short
    response_url: Annotated[str, Field(max_length=2000)] | None = None


class _Said(Shape):
    type: Literal["app_mention", "message"]
    user: _Id | None = None
    bot_id: _Short | None = None
    subtype: _Short | None = None
    text: Annotated[str, Field(max_length=4000), BeforeValidator(_text_or_nothing)] = ""
    channel: _Id
    team: _Id | None = None
    user_team: _Id | None = None


class RawEvent(Shape):
    type: Literal["event_callback"]
    event_id: _Short
    team_id: _Id | None = None
    enterprise_id: _Id | None = None
    event: _Said


class _Opened(Shape):
    type: Literal["app_home_opened"]
    user: _Id
    tab: _Short = ""


class RawOpened(Shape):
    type: Literal["event_callback"]
    team_id: _Id | None = None
    event: _Opened


_Model = TypeVar("_Model", bound=BaseModel)


def parsed(model: type[_Model], body: object, what: str) -> _Model:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fields = sorted({".".join(str(step) for step in one["loc"])[:60] or "all of it" for one in error.errors()})
        raise PayloadError(f"{what}: cannot read {', '.join(fields[:8])}") from None
