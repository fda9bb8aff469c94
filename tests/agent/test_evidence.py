"""What a model claims is checked: quotes letter for letter, names against what it was shown; the rest is dropped."""

from __future__ import annotations

import pytest

from graphs.agent.answer import Sure, Verdict
from graphs.agent.certainty import PRIOR
from graphs.agent.concluding import shares
from graphs.agent.evidence import check, quoted
from graphs.model import Analysis, Evidence, Kind, LayerId
from graphs.nodes.check import supported
from tests.agent.doubles import CANARY, Comments, a_bench, a_dossier, called, said, verdict
from tests.builders import MODEL, RETRIEVAL, a_clean_ticket, a_ticket, an_analysis

TICKET = a_clean_ticket()


async def analysed(*lines: object, body: str = "", comments: Comments | None = None) -> Analysis:
    bench = a_bench(*lines, comments=comments)  # type: ignore[arg-type]  # lines
    dossier = a_dossier(a_clean_ticket(a_ticket(body=body)) if body else None)
    found = (await bench.agent().ask(dossier, an_analysis())).analysis
    assert found is not None
    return found


def claim(source: str, text: str, ref: str = "") -> dict[str, str]:
    return {"source": source, "ref": ref, "text": text}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("quotes pages that are gone", "quotes pages that are gone"),
        ("“quotes pages that are gone”", "quotes pages that are gone"),
        ("Answers cite documents", "Answers cite documents"),
        ("quotes pages that were gone", ""),
        ("Quotes pages that are gone", ""),
        ("quotes … gone", ""),
        ("the bot", ""),
        ("", ""),
        ("x" * 400, ""),
    ],
)
def test_a_quote_stands_letter_for_letter_or_not_at_all(text: str, kept: str) -> None:
    assert quoted(text, TICKET) == kept


async def test_what_was_never_shown_cannot_be_cited() -> None:
    claims = [
        claim("past_ticket", "same cause", "acme/assistant#1"),
        claim("past_ticket", "made up", "acme/assistant#99"),
        claim("owner", "owns the index", "data-lead"),
        claim("owner", "made up", "ceo"),
        claim("note", "never looked up", "public.md: Index runs"),
        claim("quote", "never said"),
    ]
    found = await analysed(
        said(verdict(evidence=claims, against=claims[1:2], duplicates=["acme/assistant#1", "acme/x#9"]))
    )
    assert [one.ref for one in found.evidence] == ["acme/assistant#1", "data-lead"]
    assert found.evidence[0].text.startswith("acme/assistant#1 (retrieval_and_context, 2025-12-31): same cause")
    assert found.opinion is not None
    assert found.opinion.against == ()
    assert found.opinion.duplicates == ("acme/assistant#1",)
    assert found.opinion.dropped == 4 + 1 + 1


async def test_what_a_tool_has_shown_can_be_cited() -> None:
    cited = verdict(evidence=[claim("past_ticket", "the same", "acme/other#5")])
    before = await analysed(said(cited), body="Billing exports are late every Monday morning.")
    after = await analysed(
        called(("read_past_ticket", {"name": "acme/other#5"})),
        said(cited),
        body="Billing exports are late every Monday morning.",
    )
    assert [one.ref for one in after.evidence] == ["acme/other#5"]
    assert before.opinion is not None
    assert (before.evidence, before.opinion.dropped) == ((), 1) or before.evidence[0].ref in before.opinion.cites


async def test_text_of_a_model_is_bounded_and_cleaned_before_anybody_sees_it() -> None:
    token = "ghp_" + "a1B2" * 9
    found = await analysed(
        said(
            verdict(
                kind="feature",
                would_change=f"look at {token} " + "x" * 900,
                missing=[f"a\u202eb {token}", *["y" * 900] * 20],
                capability={"capability": token, "experience": "faster\n\n# heading"},
                evidence=[claim("owner", f"{token} " + "z" * 900, "data-lead")],
            )
        )
    )
    shown = found.model_dump_json()
    assert token not in shown
    assert "\u202e" not in shown
    assert found.opinion is not None
    assert len(found.opinion.would_change) <= 302
    assert len(found.opinion.missing) == 5
    assert found.opinion.capability is not None
    assert "\n" not in found.opinion.capability[1]
    assert len(found.evidence[0].text) < 300


async def test_only_a_feature_has_a_row_of_capability() -> None:
    found = await analysed(said(verdict(capability={"capability": "a", "experience": "b"})))
    assert found.kind is Kind.BUG
    assert found.opinion is not None
    assert found.opinion.capability is None


def test_the_graph_checks_once_more() -> None:
    ghost = Evidence(source="precedent", text="x", ref="acme/assistant#99")
    assert not supported(ghost, TICKET, ("acme/assistant#1",))
    assert supported(ghost, TICKET, ("acme/assistant#99",))
    assert not supported(Evidence(source="quote", text="never said", ref="data-lead"), TICKET, ("data-lead",))
    assert not supported(Evidence(source="owner_rule", text="because"), TICKET, ("data-lead",))


def test_equal_claims_count_once_and_a_canary_is_nothing_special() -> None:
    answer = Verdict.model_validate_json(
        __import__("json").dumps(verdict(evidence=[claim("quote", "quotes pages that are gone")] * 3))
    )
    found = check(answer, TICKET, {}, lambda text, _: text)
    assert len(found.evidence) == 1
    assert CANARY not in str(found)


@pytest.mark.parametrize("sure", Sure)
@pytest.mark.parametrize("local", [None, an_analysis(MODEL, 0.99), an_analysis(RETRIEVAL, 0.4)])
def test_shares_sum_to_one_and_the_chosen_layer_leads(sure: Sure, local: Analysis | None) -> None:
    layers = a_dossier().layers
    found = shares(RETRIEVAL, PRIOR[sure], layers, [LayerId("business_workflow")], local)
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=lambda one: found[one]) == RETRIEVAL
    assert set(found) == set(layers)
    assert shares(RETRIEVAL, PRIOR[sure], (RETRIEVAL,), [], local) == {RETRIEVAL: 1.0}
