"""Every kind of secret goes, wherever it stands; ordinary text stays."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.hygiene.redact import Redactor, _merged, rules
from graphs.hygiene.rule import Family
from tests.hygiene.made import PERSONAL, SECRETS, Make, Maker

SALT = b"a salt of this test"
MADE = SECRETS | PERSONAL
PLACES: dict[str, Callable[[str], str]] = {
    "prose": lambda text: f"We saw it in the mail, it is {text} and it still works.",
    "code block": lambda text: f"Steps:\n\n```yaml\nservice:\n  setting: x\n  # {text}\n```\n\nThat is all.",
    "log line": lambda text: f"2030-01-02T03:04:05Z ERROR [worker-3] call failed url=/v1/x {text} status=500 took=12ms",
    "on its own": lambda text: text,
    "quoted": lambda text: f'{{"a": 1, "b": "{text}"}}',
    "address": lambda text: f"GET https://api.acme.dev/v1/x?a=1&value={text}&z=2 HTTP/1.1",
    "escaped address": lambda text: f"https://api.acme.dev/?back={quote('/x?part=' + text + '&y=2', safe='')}",
    "json": lambda text: json.dumps({"log": f"first line\n{text}\nnext"}),
    "json in json": lambda text: json.dumps(json.dumps({"log": f"x\t{text}\n"})),
    "bold": lambda text: f"Use **{text}** and see",
    "shell": lambda text: f"export ANY_NAME={text}",
}


def redact(text: str) -> tuple[str, dict[str, int]]:
    found = Redactor(SALT).redact(text)
    return found.text, found.counts


def left_in(text: str, secret: str) -> bool:
    """Whether the secret is still there, as it is or as addresses and JSON write it."""
    return any(form in text for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]))


def test_every_kind_is_tried_and_there_are_many() -> None:
    assert set(MADE) == {rule.kind for rule in rules()}
    assert sum(rule.family is Family.SECRET for rule in {rule.kind: rule for rule in rules()}.values()) >= 110


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("kind", "make"), MADE.items(), ids=MADE)
def test_each_kind_goes_everywhere(kind: str, make: Make, place: str) -> None:
    for seed in range(3):
        written, secret = make(Maker(seed))
        text, counts = redact(PLACES[place](written))
        assert not left_in(text, secret)
        assert kind in counts, (counts, written)
        family = "SECRET" if kind in SECRETS else "PRIVATE"
        assert re.search(rf"\[{family}:{kind}:[0-9a-f]{{4}}\]", text)


@pytest.mark.parametrize(("kind", "make"), MADE.items(), ids=MADE)
def test_what_is_around_a_secret_stays(kind: str, make: Make) -> None:
    written, secret = make(Maker(9))
    text, counts = redact(PLACES["prose"](written))
    assert sum(counts.values()) == 1, kind
    assert re.sub(r"\[[A-Z]+:[a-z0-9_]+:[0-9a-f]{4}\]", secret, text) == PLACES["prose"](written)


def test_equal_secrets_get_equal_marks_and_only_under_one_salt() -> None:
    written, _ = SECRETS["github_pat"](Maker(1))
    other, _ = SECRETS["github_pat"](Maker(2))
    text, counts = redact(f"{written} {other} {written}")
    first, second, third = text.split()
    assert first == third != second
    assert counts == {"github_pat": 3}
    assert Redactor(b"another salt").redact(written).text != first


def test_the_salt_shows_nowhere() -> None:
    redactor = Redactor(SALT)
    assert "salt" not in repr(redactor)
    assert not hasattr(redactor, "__dict__")


@pytest.mark.parametrize(
    "text",
    [
        "password: ${DB_PASSWORD}",
        "password = os.environ['DB_PASSWORD']",
        "api_key: your-api-key-here-1234567890",
        "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "token: {{ secrets.GITHUB_TOKEN }}",
        "max_tokens: 4096, tokenizer: gpt2-medium-345m-v2, pad_token: '<|endoftext|>'",
        "The password must have 12 characters.",
        "Please reset my password: it does not work since version 2.3.4",
        "postgresql://user:password@localhost:5432/app",
        "git@github.com:acme/assistant.git and noreply@acme.io and someone@example.com",
        "chart@1.2.3 logo@2x.png npm i pkg@4.17.21 @decorator a@b",
        "commit 3f1c7c212629bacf3fc183b9dc1dd5b9f569d210 (sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c)",
        "id 123e4567-e89b-12d3-a456-426614174000, run 10593847261, ts 1767225600000",
        "Chrome/120.0.0.0 Safari/537.36 v1.2.3.4 ==8.9.2.26 127.0.0.1 192.168.1.20 10.0.0.7 8.8.8.8 0.0.0.0",
        "nvidia-cudnn-cu12            8.9.2.26   8.9.6.50",
        "std::vector 12:30:45 a::b ::1 fe80::1 2001:db8::1",
        "+0530 +2024-01-01 12:00 1+1234567890 a+b",
        "4111 1111 1111 1112 and 4111111111111112 are not card numbers",
        "DE00 0000 0000 0000 0000 00 is no account",
        "000-12-3456 666-12-3456 999-99-9999",
        "class sk-estimator-doc-link sk-container-id-1 task-1234567890123456789012345678901234",
        "The bearer of this token is authorized. Basic authentication is supported.",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "[SECRET:github_pat:ab12] [PRIVATE:email:ffff]",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == (text, {})


SENTENCES = st.sampled_from(
    [
        "the index was rebuilt",
        "\n",
        " ",
        "password: ",
        "key=",
        "token ",
        "https://",
        "a@b.co",
        "[SECRET:",
        "]",
        '"',
        "`",
        "::",
    ]
)


@given(
    st.lists(st.one_of(SENTENCES, st.text(max_size=12), st.sampled_from(sorted(MADE))), max_size=12),
    st.integers(0, 999),
)
@settings(max_examples=300, deadline=None)
def test_a_second_pass_finds_nothing_new(parts: list[str], seed: int) -> None:
    text = "".join(MADE[part](Maker(seed))[0] if part in MADE else part for part in parts)
    once, _ = redact(text)
    twice, again = redact(once)
    assert (twice, again) == (once, {})


@pytest.mark.parametrize(
    "bomb",
    [
        "-----BEGIN PRIVATE KEY-----" * 40_000,
        "password password " * 50_000,
        "password=" * 100_000,
        "api_key " * 120_000,
        "a@" * 500_000,
        "a.a." * 250_000,
        "@a." * 300_000,
        "1 " * 500_000,
        "+1 2" * 250_000,
        "eyJ" * 330_000,
        "eyJaaaaaaaaa." * 80_000,
        "https://a:" * 100_000,
        "x" * 1_000_000,
        "A1 " * 330_000,
        "DE12" * 250_000,
        "1.1.1." * 160_000,
        "2a01:" * 200_000,
        "sk-" * 330_000,
        "glpat-" * 160_000,
        "bearer " * 140_000,
        "cookie: a=" * 100_000,
        " --password" * 90_000,
        "aws " * 250_000,
        "M" * 24 + ("." + "a" * 6) * 140_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_a_megabyte_of_half_secrets_ends(bomb: str) -> None:
    assert redact(bomb)[0]


def test_the_projects_own_tickets_hold_nothing_to_redact() -> None:
    """At most one in a hundred; when this was written it was none of 1,521."""
    folder = Path(__file__).parents[2] / "graphs" / "learning" / "data"
    texts = [line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    alarms = [text for text in texts if redact(text)[1]]
    assert len(texts) > 1000
    assert len(alarms) <= len(texts) / 100


def test_a_value_that_is_half_escaped_goes_whole() -> None:
    """The escaped reading ends at the decoded @, the plain one does not: everything that either covers goes."""
    word = Maker(5).some("abcdefghij23456789XYZ", 14)
    text, _ = redact(f"postgresql://svc:{word[:7]}%40{word[7:]}@db.internal/app")
    assert word[:7] not in text
    assert word[7:] not in text


def test_a_secret_that_is_escaped_twice_goes_too() -> None:
    written, secret = SECRETS["github_pat"](Maker(2))
    assert secret not in redact(f"https://a.dev/?u=%252Fx%253Fv%253D{written}%2526y")[0]


def test_of_two_readings_that_overlap_all_that_either_covers_goes() -> None:
    first, second = rules()[:2]
    assert _merged([(0, 5, first)], [(3, 9, second)]) == [(0, 9, second)]
    assert _merged([(0, 9, first)], [(3, 5, second), (9, 12, second)]) == [(0, 9, first), (9, 12, second)]


def test_many_secrets_in_one_text() -> None:
    dice = random.Random(4)  # noqa: S311
    lines = [SECRETS["github_pat"](Maker(dice.randint(0, 10**9)))[0] for _ in range(5000)]
    _, counts = redact("\n".join(lines))
    assert counts == {"github_pat": 5000}
