"""A Slack workspace on loopback that speaks the real wire protocols to an unchanged Bolt app.

It serves the Web API (`LocalSlack.base_url`), Socket Mode, signed HTTP interactivity, slash commands, events and
response addresses, and lets a test or the demo act as people (`people.py`). It refuses what Slack refuses: tokens,
scopes, unknown channels and users, Block Kit limits, spent or expired triggers. It never talks to anything but the
bot and imports nothing from the rest of the program.

Known differences from Slack, so that nobody relies on them:
- one workspace, one app, no OAuth, no Enterprise Grid, no files, no scheduled messages, no user groups;
- text is stored as sent: no link unfurling, no escaping, no `emoji`/`verbatim` defaults added to text objects;
- a text over 40,000 characters is refused, where Slack cuts it for `chat.postMessage`;
- limits of rarer blocks (video, alert, task_card, plan, data_table, ...) are not checked, nor their unknown properties;
- `visible_to_user_ids` hides nothing here: a bot must be right about who clicked without it;
- without `include_all_metadata` metadata shows with an empty payload (the exact form of Slack is not documented);
- a reply to an unknown `thread_ts` is refused as `thread_not_found`;
- at most 32 deliveries are in flight; more people clicking at once wait before their three seconds start;
- rate limits apply only when a test asks for them (`Faults.rate_limit`);
- a new `views.open` replaces the modals a person has open;
- the app gets every event a person's act makes, whatever it subscribed to;
- an unacknowledged event is retried at once and after 1 and 5 minutes unless the test shortens that.
"""

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Call, Journal
from bot.sandbox.slack.message import Element, Message
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.refusal import PersonCannot
from bot.sandbox.slack.server import LocalSlack
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Channel, User, Workspace, demo_workspace

__all__ = [
    "Call",
    "Channel",
    "Element",
    "Faults",
    "Journal",
    "LocalSlack",
    "Message",
    "Outcome",
    "PersonCannot",
    "User",
    "View",
    "Workspace",
    "demo_workspace",
]
