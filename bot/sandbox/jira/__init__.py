"""A local Jira that speaks the issues part of REST v3 (Cloud) or v2 (Data Center) and sends signed webhooks.

Its JSON is constructed from what Atlassian documents, not recorded from a real Jira. Where it differs, on purpose or to
be small: of the query language it knows the few questions that a triage bot asks; one role per token, reading or
writing; an account's id in the Cloud is its role's name; webhooks that fail are not sent again; on loopback only.
"""

from bot.sandbox.board.asked import Token
from bot.sandbox.board.hooks import Delivery
from bot.sandbox.jira.local import PROJECT, LocalJira, as_label, demo_project

__all__ = ["PROJECT", "Delivery", "LocalJira", "Token", "as_label", "demo_project"]
