"""A local Zendesk that speaks the tickets part of the Ticketing API and sends signed events, on loopback only.

Its JSON is constructed from what Zendesk documents, not recorded from a real account. Where it differs, on purpose or
to be small: one role per token, reading or writing; no groups, brands or triggers; events that fail are not sent again;
a tag is taken as it is, if it has no blank; the cursor of a list is a number.
"""

from bot.sandbox.board.asked import Token
from bot.sandbox.board.hooks import Delivery
from bot.sandbox.zendesk.local import PLACE, LocalZendesk, demo_account

__all__ = ["PLACE", "Delivery", "LocalZendesk", "Token", "demo_account"]
