"""The bot's tool: the owner with sentences for the card, from policy and from the decided tickets of the record."""

from __future__ import annotations

from graphs.model import LayerId, Millis
from graphs.owners import Owners
from graphs.ranking.shortlist import ENOUGH
from graphs.tools.look_up_owners import LookUpOwners, OwnerAnswer, OwnerQuestion
from policies.loader import load
from tests.builders import DAY, NOW, RETRIEVAL, a_clean_ticket, a_ref, a_ticket
from tests.ranking.made import past
from tests.ranking.test_memory import FakeSource

TITLE = "Answers cite documents that were deleted"


async def looked_up(source: FakeSource | None, layer: LayerId = RETRIEVAL) -> OwnerAnswer:
    ticket = a_clean_ticket(a_ticket(title=TITLE, body=""))
    question = OwnerQuestion(ref=a_ref(), layer=layer, ticket=ticket, now=Millis(NOW))
    return await LookUpOwners(Owners(load()), source).run(question)


async def test_policy_alone_names_its_line_and_the_others() -> None:
    found = await looked_up(None)
    assert found.choice is not None
    assert found.choice.owner == "data-lead"
    assert [one.source for one in found.evidence] == ["owner_rule"] * 3
    assert found.evidence[0].text == "data-lead has retrieval and context as its first layer (owners.yaml)."
    assert found.evidence[1].text.startswith("Not ml-lead: ")


async def test_decided_tickets_speak_with_their_numbers() -> None:
    today = NOW / DAY
    titles = ("Login with SSO fails", TITLE)
    made = [past(n, titles[n % 2], "ml-lead", day=today - n, project="acme/assistant") for n in range(1, ENOUGH + 1)]
    found = await looked_up(FakeSource(*made))
    assert found.choice is not None
    assert (found.choice.owner, found.choice.reason) == ("ml-lead", "took more tickets like it")
    told = [one.text for one in found.evidence if one.source == "precedent"]
    assert told[0].startswith("ml-lead: Took 10 similar tickets: a/b#1 (yesterday), a/b#3 (3 days ago)")


async def test_a_gap_is_told() -> None:
    found = await looked_up(None, LayerId("no_such_layer"))
    assert found.choice is None
    assert "Nobody in owners.yaml owns no_such_layer" in found.evidence[0].text
