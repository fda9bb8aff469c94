"""A local Linear that speaks the issues part of its GraphQL API and sends its webhooks, on loopback only.

Questions are checked against `schema` and carried out by graphql-core, so a field or an argument that Linear does not
have is refused as there. Its answers are constructed from Linear's published types, not recorded. Where it differs, on
purpose or to be small: one workspace; a team's members alone can be assigned; labels have no groups; there is one state
for open issues and one for closed ones; nothing is counted against a limit unless a test says what is left.
"""

from bot.sandbox.board.asked import Token
from bot.sandbox.board.hooks import Delivery
from bot.sandbox.linear.local import TEAM_KEY, LocalLinear, demo_team

__all__ = ["TEAM_KEY", "Delivery", "LocalLinear", "Token", "demo_team"]
