"""A local GitLab that speaks the issues part of REST v4 and sends its webhooks, on loopback only.

Its JSON is constructed from what GitLab documents, not recorded from gitlab.com. Where it differs, on purpose or to be
small: one role per token, reading or writing; labels belong to projects only; a ticket has one assignee, as on the free
tier; quick actions in comments are not carried out; webhooks that fail are not switched off.
"""

from bot.sandbox.board.asked import Token
from bot.sandbox.board.hooks import Delivery
from bot.sandbox.gitlab.local import PROJECT, LocalGitLab, demo_project

__all__ = ["PROJECT", "Delivery", "LocalGitLab", "Token", "demo_project"]
