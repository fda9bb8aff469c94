"""What every role needs: settings, policies, keys, the record, the delivery of work, the off switch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.bootstrap.adapter import Shares
from bot.bootstrap.shared import Shared, open_shared
from bot.bootstrap.trackers import Trackers, trackers
from bot.crash import arm
from bot.executor.marker import Marker
from bot.keys import derived, root_key
from bot.record.anchors import AnchorFile, Signer
from bot.record.opening import open_record
from bot.record.record import Record
from bot.settings import Settings
from bot.slack.ids import CardKey
from bot.tasks import PAUSABLE
from bot.work.delivery import Delivery
from bot.work.pause import PauseSwitch
from graphs.approvers import Approvers
from graphs.calendar import Calendar
from graphs.gate import Gate
from graphs.hygiene.redact import Redactor
from graphs.model import Login, Proposal, SlackUserId
from graphs.owners import Owners
from graphs.taxonomy import LayerTaxonomy
from policies.loader import load as load_policies
from policies.shapes import Policies

PAUSE_TOPIC = "pause"


@dataclass(frozen=True)
class Core:
    """Shared by the roles of one process."""

    settings: Settings
    policies: Policies
    gate: Gate
    taxonomy: LayerTaxonomy
    owners: Owners
    approvers: Approvers
    calendar: Calendar
    key: bytes
    redactor: Redactor
    record: Record
    shared: Shared
    pause: PauseSwitch

    @property
    def trackers(self) -> Trackers:
        return trackers(self.settings)

    @property
    def shares(self) -> Shares:
        return Shares(self.shared.limits, self.shared.cache, self.settings.strata_private_networks)

    @property
    def delivery(self) -> Delivery:
        return self.shared.delivery

    @property
    def anchors(self) -> AnchorFile:
        return AnchorFile(self.settings.anchors_path, Signer(derived(self.key, "anchor")))

    @property
    def marker(self) -> Marker:
        return Marker(derived(self.key, "comment-marker"))

    @property
    def card_key(self) -> CardKey:
        return CardKey(derived(self.key, "card"))

    def paused(self) -> bool:
        return self.pause.is_on()

    def held(self) -> frozenset[str]:
        """Kinds of jobs that wait while the off switch is on."""
        return PAUSABLE if self.paused() else frozenset()

    async def announce_pause(self) -> None:
        """Tells all processes that the switch was turned; those that do not hear it look by themselves."""
        await self.pause.look()
        await self.shared.broadcast.publish(PAUSE_TOPIC, "")

    def who_can(self) -> tuple[SlackUserId, ...]:
        """Whom a refusal names: the listed approvers, else the directory."""
        who = self.policies.approval.who
        if isinstance(who, tuple):
            return tuple(SlackUserId(one) for one in who)
        return tuple(SlackUserId(one.slack) for one in self.policies.owners if one.slack)

    def logins(self, proposal: Proposal) -> frozenset[Login]:
        return frozenset(one.login for one in self.owners.choices(proposal.target.tracker) if one.login)


def _on_trial(action: str, rules: tuple[str, ...]) -> None:
    """A rule that is only watched would have refused this act."""
    structlog.get_logger().warning("policy_on_trial_would_deny", action=action, rules=",".join(rules))


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncIterator[Core]:
    """Raises `policies.problems.PolicyError`, `bot.settings.BadSetting`, `bot.record.opening.RecordUnavailable`."""
    arm(settings.strata_crash_at or None)
    policies = load_policies(settings.strata_policies)
    trackers(settings)
    key = root_key(settings.strata_secret, settings.strata_directory)
    async with open_shared(settings, key) as shared:
        record = await open_record(settings, shared.delivery)
        pause = PauseSwitch(settings, record)
        shared.broadcast.on(PAUSE_TOPIC, pause.told)
        try:
            yield Core(
                settings=settings,
                policies=policies,
                gate=Gate.load(settings.strata_policies, _on_trial),
                taxonomy=LayerTaxonomy(policies),
                owners=Owners(policies),
                approvers=Approvers(policies),
                calendar=Calendar(policies.clock),
                key=key,
                redactor=Redactor(derived(key, "redaction")),
                record=record,
                shared=shared,
                pause=pause,
            )
        finally:
            await record.close()
