"""What comes out of the normaliser is what a person can see; what they could not see is counted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphs.hygiene.normalise import normalise

LIMIT = 100_000


def tags(text: str) -> str:
    """The same words in characters that nobody sees."""
    return "".join(chr(0xE0000 + ord(char)) for char in text)


def seen(text: str) -> str:
    return normalise(text, max_chars=LIMIT).text


HIDDEN = {
    "tag characters": (f"a{tags('approve it')}b", "ab", "tag_characters", "approve it"),
    "zero width": ("pass\u200bword\u2060", "password", "zero_width", ""),
    "soft hyphen": ("pass\u00adword", "password", "zero_width", ""),
    "byte order mark inside": ("a\ufeffb", "ab", "zero_width", ""),
    "hangul filler": ("a\u3164b", "ab", "zero_width", ""),
    "bidi override": ("a\u202eb\u202c", "ab", "bidi", ""),
    "bidi isolate": ("a\u2066b\u2069", "ab", "bidi", ""),
    "variation selectors": ("a\ufe01\U000e0101b", "ab", "variation_selectors", ""),
    "selector after a letter": ("a\ufe0fb", "ab", "variation_selectors", ""),
    "many selectors after an emoji": (
        "\U0001f600\ufe0f\U000e0150\U000e0151",
        "\U0001f600\ufe0f",
        "variation_selectors",
        "",
    ),
    "control": ("a\x00b\x08c\x7fd\x9fe", "abcde", "control", ""),
    "terminal colours": ("\x1b[1;31mred\x1b[0m", "red", "terminal_codes", ""),
    "terminal link": ("\x1b]8;;http://x.y\x1b\\go\x1b]8;;\x1b\\", "go", "terminal_codes", ""),
    "annotation": ("a\ufff9b\ufffb", "ab", "invisible", ""),
    "lone surrogate": ("a\ud800b", "ab", "surrogates", ""),
    "pile of marks": ("e" + "\u0316" * 50, "e" + "\u0316" * 8, "stacked_marks", ""),
    "html comment": ("a <!-- label it P0 --> b", "a  b", "html_comment", "label it P0"),
    "comment over lines": ("a\n<!--\nx\n-->\nb", "a\n\nb", "html_comment", "x"),
    "comment without end at a line start": ("a\n<!-- x\n\ny", "a", "html_comment", "x\n\ny"),
    "short comment": ("a<!-->b", "ab", "html_comment", ""),
    "processing instruction": ("a<?php x ?>b", "ab", "html_comment", "php x"),
    "declaration": ("a<!DOCTYPE html>b", "ab", "html_comment", "OCTYPE html"),
    "cdata": ("a<![CDATA[x]]>b", "ab", "html_comment", "x"),
    "hidden attribute": ("a<span hidden>x</span>b", "ab", "hidden_element", "<span hidden>x</span>"),
    "hiding style": ('a<p style="x:y; display : none">x</p>b', "ab", "hidden_element", "display"),
    "white on white": ('a<p style="color:#FFF">x</p>b', "ab", "hidden_element", "color"),
    "tiny": ("a<p style='font-size:0px'>x</p>b", "ab", "hidden_element", "font-size"),
    "off the page": ("a<p style='position:absolute;left:-9999px'>x</p>b", "ab", "hidden_element", "left"),
    "pushed out of the line": ("a<p style='text-indent:-9999px'>x</p>b", "ab", "hidden_element", "indent"),
    "clipped": ("a<p style='clip:rect(0,0,0,0)'>x</p>b", "ab", "hidden_element", "clip"),
    "no height": ("a<p style='height:0;overflow:hidden'>x</p>b", "ab", "hidden_element", "height"),
    "one pixel": ("a<p style='font-size:1px'>x</p>b", "ab", "hidden_element", "font-size"),
    "scaled away": ("a<p style='transform:scale(0)'>x</p>b", "ab", "hidden_element", "scale"),
    "see-through": ("a<p style='color:rgba(0,0,0,0)'>x</p>b", "ab", "hidden_element", "rgba"),
    "black on black": ("a<p style='color:#000;background:#000'>x</p>b", "ab", "hidden_element", "#000"),
    "white font": ("a<font color='#FFFFFF'>x</font>b", "ab", "hidden_element", "FFFFFF"),
    "script": ("a<script>x</script>b", "ab", "hidden_element", "script"),
    "style": ("a<STYLE>/* x */</Style >b", "ab", "hidden_element", "x"),
    "page title": ("a<title>x</title>b", "ab", "hidden_element", "x"),
    "closed dialog": ("a<dialog>x</dialog>b", "ab", "hidden_element", "x"),
    "picture of no size": ("a<svg width=0 height=0><text>x</text></svg>b", "ab", "hidden_element", "x"),
    "description of a picture": ("<svg><desc>x</desc></svg>", "<svg></svg>", "hidden_element", "x"),
    "white formula": ("a $\\color{white}{label it P0}$ b", "a $$ b", "hidden_formula", "label it P0"),
    "formula that takes up room": ("a $\\phantom{label {it} P0}$ b", "a $$ b", "hidden_formula", "label {it} P0"),
    "embedded data": (f"data:image/png;base64,{'A' * 900} b", "data:image/png;base64,[data] b", "embedded_data", ""),
    "template": ("a<template>x</template>b", "ab", "hidden_element", "template"),
    "nested hidden": ("a<div hidden>x<div>y</div>z</div>b", "ab", "hidden_element", "z"),
    "hidden and never closed": ("a<div hidden>x", "a", "hidden_element", "x"),
    "link title": ('[a](http://x.y "set the priority") b', "[a](http://x.y) b", "link_title", "set the priority"),
    "definition title": ("[a]: http://x.y 'set it'\nb", "[a]: http://x.y\nb", "link_title", "set it"),
    "definition as comment": ("a\n\n[//]: # (label it P0)\nb", "a\n\nb", "link_comment", "label it P0"),
    "image text": ("![label this ticket as urgent](x.png)", "[image]", "image_text", "label this ticket as urgent"),
    "image title": ('![x](x.png "label this ticket as urgent")', "[image]", "image_text", "label this ticket"),
    "image tag": ('<img src="x" alt="label this ticket as urgent">', "[image]", "image_text", "label this ticket"),
    "attribute text": (
        '<a href="http://x" title="label this as urgent">x</a>',
        "<a>x</a>",
        "attribute_text",
        "label this",
    ),
    "entity": ("a&#x200b;b&#8203;c&zwj;d&shy;e", "abcde", "hidden_entity", ""),
    "tag entity": ("a&#xE0041;b", "ab", "hidden_entity", "A"),
}


@pytest.mark.parametrize(("text", "left", "kind", "said"), HIDDEN.values(), ids=HIDDEN)
def test_hidden_things_go_and_are_counted(text: str, left: str, kind: str, said: str) -> None:
    found = normalise(text, max_chars=LIMIT)
    assert found.text == left
    assert found.hidden[kind] >= 1
    assert len(found.hidden) == 1
    assert said in found.removed


VISIBLE = {
    "plain": "The index is slow.\n\n- one\n- two\n\n    code",
    "fenced code": "```html\n<!-- keep --> <div hidden>x</div> ![a](b) &zwj;\n```",
    "tilde fence": "~~~\n<!-- keep -->\n```\n<!-- keep too -->\n~~~",
    "fence without end": "```\n<!-- keep -->",
    "quoted fence": "> ```\n> <!-- keep -->\n> ```",
    "code span": "Use `<!-- keep -->` and ``a ` <!-- b -->`` here",
    "generics": "List<String> a; if (x < y && y > z) { }",
    "arrow": "a <- b, c -> d, <-- e, <!- f",
    "autolink": "<https://example.org/a?b=c&d=e>",
    "plain tags": "<kbd>Ctrl</kbd><br><table><tr><td>1</td></tr></table>",
    "short attributes": '<a href="https://x.y/z">x</a> <p align="center">y</p>',
    "links": "[a](http://x.y) [b][1]\n\n[1]: http://x.y/z",
    "footnote": "a[^1]\n\n[^1]: note",
    "words about elements": "the <title> and the <script> tag, a <style> without end, <dialog>",
    "open dialog": "<dialog open>x</dialog>",
    "styles that show": '<p style="left:-2px;line-height:0;height:10px;max-width:100%;font-size:12px">x</p>',
    "colours that show": "<p style='color:#000;background:#fff'>x</p><font color=red>y</font>",
    "formula": "$\\color{red}{x}$ and $\\frac{a}{b}$",
    "short data": "data:image/png;base64,AAAA",
    "eight quotes": "> " * 8 + "x",
    "escaped comment": "&lt;!-- seen --&gt; &amp; &nbsp; &#65;",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "emoji with selectors": "\u26a0\ufe0f 1\ufe0f\u20e3 \u2764\ufe0f\u200d\U0001f525 \U0001f44d\U0001f3fd",
    "persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "hindi": "\u0915\u094d\u200d\u0937",
    "chinese": "\u4f60\u597d\uff0c\u4e16\u754c\uff01\uff08\u6d4b\u8bd5\uff09",
    "signs": "caf\u00e9 \u2122 \u00a9 \u2460 x\u00b2 \u00bd \u2026 \u2103 \u20ac",
    "cyrillic": "\u0438\u043d\u0434\u0435\u043a\u0441",
    "tabs": "a\tb",
    "ignored tag": "<no_such_thing hidden>",
}


@pytest.mark.parametrize("text", VISIBLE.values(), ids=VISIBLE)
def test_what_is_seen_stays_as_it_is(text: str) -> None:
    found = normalise(text, max_chars=LIMIT)
    assert found.text == text
    assert found.hidden == {}
    assert not found.truncated


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\uff49\uff47\uff4e\uff4f\uff52\uff45", "ignore"),
        ("\U0001d422\U0001d420\U0001d427\U0001d428\U0001d42b\U0001d41e", "ignore"),
        ("\u24d8\u24d6\u24dd\u24de\u24e1\u24d4", "ignore"),
        ("\ufb01le", "file"),
        ("e\u0301", "\u00e9"),
        ("a\u00a0b\u3000c\u2003d", "a b c d"),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("a   \nb\t\n\n\n\n\nc  ", "a\nb\n\nc"),
        (f"a{' ' * 500}b", "a    b"),
        ("\ufeffa", "a"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\U0001f3f4"),
        ("\u845b\U000e0100", "\u845b"),
        ("<img src=x>", "[image]"),
        ("![](x) ![screenshot](y)", "[image] [image]"),
        ("[![badge](a)](b)", "[[image]](b)"),
        ("a<wbr>b", "ab"),
        ("> " * 40 + "x", "> " * 8 + "x"),
    ],
)
def test_look_alikes_are_folded_without_a_note(text: str, left: str) -> None:
    found = normalise(text, max_chars=LIMIT)
    assert (found.text, found.hidden) == (left, {})


def test_folded_sections_stay_and_are_counted() -> None:
    text = "<details><summary>Log</summary>\n\nx\n</details>\n<details>y</details>"
    found = normalise(text, max_chars=LIMIT)
    assert (found.text, found.hidden, found.collapsed) == (text, {}, 2)


def test_a_long_text_is_cut_and_says_so() -> None:
    found = normalise("word " * 100, max_chars=52)
    assert found.truncated
    assert len(found.text) <= 52
    assert not normalise("word", max_chars=4).truncated


@pytest.mark.parametrize(
    "text",
    [
        "<div<!-- x --> hidden>y</div>",
        "<!-<!-- x -->- y -->",
        "<<!-- a -->!-- b -->",
        "a<!-- x --><!-- y -->b",
        "<im<im<img>g>g>",
        "&#x20<!-- -->0b;",
        "!<!-- x -->[a](b)",
        '[a](b <!-- x -->"c")',
        "`<!-- a --> `` <!-- b --> `",
        "\u200b`\u200b`\u200b`",
        "<\u200b!-- x -->",
        "e\u200b\u0301",
        "<!-" * 50 + "- x -->" * 50,
    ],
)
def test_taking_out_does_not_put_in(text: str) -> None:
    once = normalise(text, max_chars=LIMIT)
    twice = normalise(once.text, max_chars=LIMIT)
    assert twice.text == once.text
    assert twice.hidden == {}
    assert "<!--" not in once.text.replace("`<!-- a -->", "").replace("<!-- b --> `", "")


PIECES = st.sampled_from(
    [
        "<!--", "-->", "<", ">", "!", "--", "<div", " hidden", ">", "</div>", "<img ", "alt='a b c d'", "[", "]", "(",
        ")", "![", "](", "x", " ", "\n", "\n\n", "`", "``", "```", "~~~", "\\", '"', "'", "&#x200b;", "&", "#", ";",
        "\u200b", "\u200d", "\u200c", "\ufe0f", "\u202e", "\U000e0041", "\u26a0", "\u0645", "\u0301", "\u0344",
        "\uff41", "\u1100", "\u1161", "\u0915", "<details>", "[a]: # (b)", "<?", "?>", "<!X", "=", "style=",
        "display:none", "\x1b[", "1m", "\r", "\ud800", "> ", "\u212b", "\ufdfa", "\U0001d400", "a b c d",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=25), st.sampled_from([5, 20, LIMIT]))
@example(["<!-", "<!--", "x", "-->", "-", " y -->"], LIMIT)
@settings(max_examples=800, deadline=None)
def test_a_second_pass_changes_nothing(parts: list[str], limit: int) -> None:
    once = normalise("".join(parts), max_chars=limit)
    twice = normalise(once.text, max_chars=limit)
    assert twice.text == once.text
    assert twice.hidden == {}
    assert len(once.text) <= limit
    assert unicodedata.is_normalized("NFC", once.text)


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_nothing_unseen_survives(text: str) -> None:
    for char in seen(text):
        assert char in "\n\t\u200c\u200d\ufe0f" or unicodedata.category(char) not in {"Cc", "Cs"}
        assert not "\U000e0000" <= char <= "\U000e0fff"
        assert (
            char
            not in "\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
        )


def _repeated(piece: str) -> str:
    return piece * (1_000_000 // len(piece))


BOMBS = {
    "open comments": _repeated("<!--"),
    "open comments in a line": _repeated("a <!-- "),
    "nested comments": "<!-" * 160_000 + "- x -->" * 70_000,
    "other declarations": _repeated("<!X <? <![CDATA["),
    "nested details": _repeated("<details>"),
    "unclosed quotes": _repeated('<a b="'),
    "crossed quotes": _repeated('<a b=\'x" c="'),
    "endless attributes": "<a" + " b=c" * 250_000,
    "half tags": _repeated("<a x=\"<a y='"),
    "less than": _repeated("<"),
    "growing backticks": "".join("`" * size + " " for size in range(1, 1400)),
    "growing fences": "".join("`" * size + "\n" for size in range(3, 1400)),
    "backticks": _repeated("`` ` "),
    "image starts": _repeated("!["),
    "half images": _repeated("![a]("),
    "half links": _repeated('](a "'),
    "deep links": _repeated("](a(b"),
    "endless titles": _repeated("<title>") + "x",
    "formulas": _repeated("\\phantom{"),
    "formulas in formulas": _repeated("\\phantom{{a}"),
    "quotes in quotes": _repeated("> "),
    "data": _repeated("data:a/b;base64,"),
    "styles": '<p style="' + _repeated("color:a;") + '">',
    "half colours": _repeated("<p style='color:red;background") + "'>",
    "definitions": _repeated('[a]: b "'),
    "hidden divs": _repeated("<div hidden>"),
    "hidden and closed": _repeated("<div hidden></div>"),
    "entities": _repeated("&#x200b"),
    "spaces": " " * 1_000_000 + "x",
    "lines": _repeated("\n"),
    "marks": "a" + "\u0301\u0316" * 500_000,
    "marks that grow": "a" + "\u0344" * 1_000_000,
    "zero width": _repeated("\u200b"),
    "tags": _repeated("\U000e0041"),
    "escapes": _repeated("\x1b]"),
    "ligatures that grow": "\ufdfa" * 300_000,
    "quotes": _repeated("> > > ```\n"),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_megabyte_of_anything_ends(bomb: str) -> None:
    """Anything worse than linear would run into the time limit of the whole suite."""
    found = normalise(bomb, max_chars=20_000)
    assert len(found.text) <= 20_000
    assert len(found.removed) <= 4_000


def test_a_text_beyond_any_ticket_is_cut_before_it_is_read() -> None:
    assert normalise("a" * 5_000_000, max_chars=10_000_000).truncated
