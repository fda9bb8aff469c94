"""Texts of Jira: what we post reads back word for word in both flavours; what people wrote becomes plain text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter

from bot.executor.marker import Marker
from bot.trackers.jira.rich_text import Node, plain, to_document, to_wiki
from graphs.model import ProposalId

PAGE = "https://acme.atlassian.net/browse/ASSIST-23"
MARKER, PROPOSAL = Marker(b"k" * 32), ProposalId("a" * 32)
NODE = TypeAdapter(Node)
words = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60)


def stored(document: JsonValue) -> Node:
    return NODE.validate_python(document)


@settings(max_examples=300, deadline=None)
@given(words)
def test_a_comment_reads_back_as_it_was_posted(text: str) -> None:
    signed = MARKER.sign(text, PROPOSAL, 2)
    for read in (plain(stored(to_document(signed, PAGE))), plain(to_wiki(signed))):
        assert read == signed
        assert MARKER.is_ours(read, PROPOSAL, 2)


def test_the_marker_is_not_shown() -> None:
    """A reader of the comment sees a word with a link, or nothing; never the marker itself."""
    signed = MARKER.sign("Sorted\nto retrieval", PROPOSAL, 0)
    document = stored(to_document(signed, PAGE))
    shown = [one.text for block in document.content for one in block.content]
    assert shown == ["Sorted", "", "to retrieval", "Strata"]
    assert to_wiki(signed).startswith("Sorted\nto retrieval\n\n{anchor:strata-")


def test_the_marker_survives_the_wiki_form_that_webhooks_tell() -> None:
    marker = MARKER.sign("", PROPOSAL, 0).strip().removeprefix("<!-- strata:").removesuffix(" -->")
    for told in (f"Sorted\r\n\r\n[Strata|{PAGE}#strata-{marker}]", f"x [Strata|{PAGE}#strata-{marker}|smart-link]"):
        assert MARKER.is_ours(plain(told), PROPOSAL, 0)
    assert not MARKER.is_ours(plain(f"[Strata|{PAGE}#strata-{marker[:-1]}0]".replace("a", "b")), PROPOSAL, 0)


def text(words: str, **more: JsonValue) -> JsonValue:
    return {"type": "text", "text": words, **more}


def block(kind: str, *content: JsonValue, **attrs: JsonValue) -> JsonValue:
    return {"type": kind, "content": [*content], **({"attrs": attrs} if attrs else {})}


def test_what_people_wrote_becomes_plain_text() -> None:
    link: JsonValue = {"type": "link", "attrs": {"href": "https://example.com/x"}}
    mention: JsonValue = {"type": "mention", "attrs": {"text": "@on-duty"}}
    cells = [block("tableCell", block("paragraph", text(one))) for one in ("a", "b")]
    document = block(
        "doc",
        block("heading", text("Steps"), level=2),
        block("paragraph", text("See "), text("this", marks=[link]), mention),
        block("bulletList", block("listItem", block("paragraph", text("one"))), block("listItem", text("two"))),
        block("codeBlock", text("x = 1\ny = 2")),
        block("blockquote", block("paragraph", text("said"), {"type": "hardBreak"}, text("she"))),
        block("table", block("tableRow", *cells)),
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": 7}}]},
        {"type": "rule"},
        block("panel", block("paragraph", {"type": "inlineCard", "attrs": {"url": "https://example.com/y"}})),
        block("expand", block("paragraph", text("inside")), title="More"),
    )
    assert plain(stored(document)).split("\n\n") == [
        "Steps",
        "See this (https://example.com/x)@on-duty",
        "- one\n- two",
        "```\nx = 1\ny = 2\n```",
        "> said\n> she",
        "a | b",
        "",
        "---",
        "https://example.com/y",
        "More",
        "inside",
    ]
