"""Names that Slack sends back to us, and the sealed value that buttons carry.

Owns action, block and callback ids and the button codec. A click proves only that Slack delivered it:
nothing of it is trusted except a proposal id that carries our own tag. Must not know a store or a clock.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from enum import StrEnum

from graphs.model import ProposalId

_PURPOSE = b"strata card v1\x00"
_TAG_BYTES = 18
_MAX_VALUE = 300
_PROPOSAL_ID = re.compile(r"[A-Za-z0-9_:.-]{1,200}")
_MIN_SECRET = 16


class Action(StrEnum):
    """What a press on a card, or a choice in a form, is called."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    WHY = "why"
    UNDO = "undo"
    MORE = "more"
    SNOOZE = "snooze"
    HAND_OVER = "hand_over"
    DUPLICATE = "duplicate"
    ASK = "ask"
    AGAIN = "again"
    INSTEAD_1 = "instead_1"
    INSTEAD_2 = "instead_2"
    CHOOSE_LAYER = "choose_layer"
    CHOOSE_KIND = "choose_kind"
    CHOOSE_OWNER = "choose_owner"
    WRITE_COMMENT = "write_comment"
    CHOOSE_REASON = "choose_reason"
    WRITE_NOTE = "write_note"
    CHOOSE_TIME = "choose_time"
    CHOOSE_TICKET = "choose_ticket"
    CHOOSE_TROUBLE = "choose_trouble"


INSTEAD = (Action.INSTEAD_1, Action.INSTEAD_2)
"""In the order of the proposal's alternatives: Slack wants every button of a row to have another name."""


VERBS = (Action.SNOOZE, Action.HAND_OVER, Action.DUPLICATE, Action.ASK, Action.AGAIN)
"""What the menu of a card offers; Slack takes five."""


class Block(StrEnum):
    """Blocks that are found again: by a form's answer, by a form error, or when a card is read back."""

    HEADER = "header"
    OPERATIONS = "operations"
    DECISION = "decision"
    FACTS = "facts"
    TICKET = "ticket"
    WHY = "why"
    SIMILAR = "similar"
    BUTTONS = "buttons"
    CONTEXT = "context"
    LAYER = "layer"
    KIND = "kind"
    OWNER = "owner"
    COMMENT = "comment"
    REASON = "reason"
    NOTE = "note"
    TIME = "time"
    OTHER_TICKET = "other_ticket"
    TROUBLE = "trouble"


class Callback(StrEnum):
    """Forms that can be submitted."""

    EDIT = "edit_form"
    REJECT = "reject_form"
    SNOOZE = "snooze_form"
    HAND_OVER = "hand_over_form"
    DUPLICATE = "duplicate_form"
    ASK = "ask_form"
    AGAIN = "again_form"


COMMAND = "/triage"
CARD_EVENT = "strata_card"
"""Metadata type of a card, by which a post whose outcome is unknown is found again."""
NOBODY = "-"
"""The owner select's value for "nobody"; no role handle may be spelled so (`policies` demands a letter first)."""


class CardKey:
    """Seals proposal ids into button values and opens them again."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _MIN_SECRET:
            raise ValueError(f"the card secret must have at least {_MIN_SECRET} bytes")
        self._secret = secret

    def __repr__(self) -> str:
        return "CardKey(***)"

    def value_for(self, proposal: ProposalId) -> str:
        """`proposal_id.nonce`: opaque to everybody but us."""
        if not _PROPOSAL_ID.fullmatch(proposal):
            raise ValueError("a proposal id has 1 to 200 of the characters A-Z a-z 0-9 _ : . -")
        return f"{proposal}.{self._tag(proposal)}"

    def open(self, value: object) -> ProposalId | None:
        """The proposal this value was made for; None for anything that we did not make."""
        if not isinstance(value, str) or len(value) > _MAX_VALUE:
            return None
        proposal, _, tag = value.rpartition(".")
        if not _PROPOSAL_ID.fullmatch(proposal):
            return None
        genuine = hmac.compare_digest(tag.encode(errors="replace"), self._tag(proposal).encode())
        return ProposalId(proposal) if genuine else None

    def _tag(self, proposal: str) -> str:
        mac = hmac.new(self._secret, _PURPOSE + proposal.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(mac[:_TAG_BYTES]).decode()
