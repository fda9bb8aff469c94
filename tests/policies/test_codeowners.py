"""CODEOWNERS as code hosts read it, and working hours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies.codeowners import read_code_owners, rule_for
from policies.loader import load
from policies.problems import PolicyError
from policies.shapes import CodeRule, Hours
from tests.policies.test_loader import OWNERS

EXAMPLE = """
# Comments and empty lines count for nothing
*        @everybody
*.tf     @infra   # and a comment here
/build/  @infra @second
docs/*   @writers
apps/    @apps
**/evals @ml
/src/**/ui.ts @ui
/src/none.py
lone.md  mail@example.com
"""


@pytest.fixture
def rules(tmp_path: Path) -> tuple[CodeRule, ...]:
    (tmp_path / "CODEOWNERS").write_text(EXAMPLE)
    found, problems = read_code_owners(tmp_path / "CODEOWNERS")
    assert not problems
    return found


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("readme.txt", ("@everybody",)),
        ("deep/down/main.tf", ("@infra",)),
        ("build/logs/a.txt", ("@infra", "@second")),
        ("lib/build/a.txt", ("@everybody",)),
        ("docs/a.md", ("@writers",)),
        ("docs/deep/a.md", ("@everybody",)),
        ("x/apps/y/z.py", ("@apps",)),
        ("apps.py", ("@everybody",)),
        ("a/b/evals/run.py", ("@ml",)),
        ("evals/run.py", ("@ml",)),
        ("src/ui.ts", ("@ui",)),
        ("src/a/b/ui.ts", ("@ui",)),
        ("src/none.py", ()),
        ("/docs/a.md", ("@writers",)),
        ("x/lone.md", ("mail@example.com",)),
    ],
)
def test_the_last_rule_that_matches_wins(rules: tuple[CodeRule, ...], path: str, names: tuple[str, ...]) -> None:
    found = rule_for(path, rules)
    assert found is not None
    assert found.names == names


def test_without_a_file_there_are_no_rules(tmp_path: Path) -> None:
    assert read_code_owners(tmp_path / "CODEOWNERS") == ((), [])
    assert rule_for("a/b", ()) is None


@pytest.mark.parametrize("wrong", ["!src/ @a", "src/[ab] @a", "src/ nobody", "src/ @", "a\\ b @a"])
def test_mistakes_are_told_with_their_line(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "CODEOWNERS").write_text(f"* @a\n{wrong}\n")
    _, problems = read_code_owners(tmp_path / "CODEOWNERS")
    assert [one.path for one in problems] == ["line 2"]
    (tmp_path / "owners.yaml").write_text(OWNERS)
    with pytest.raises(PolicyError, match="line 2"):
        load(tmp_path)


def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_bytes(b"* @a\xff\n")
    assert read_code_owners(tmp_path / "CODEOWNERS")[1]


def test_the_rules_are_part_of_the_policy_version(tmp_path: Path) -> None:
    (tmp_path / "owners.yaml").write_text(OWNERS)
    before = load(tmp_path)
    (tmp_path / "CODEOWNERS").write_text("* @a\n")
    after = load(tmp_path)
    assert (before.code_owners, len(after.code_owners)) == ((), 1)
    assert after.version != before.version


def hours(start: str, end: str, offset: str = "+00:00") -> Hours:
    return Hours.model_validate({"from": start, "to": end, "utc_offset": offset})


@pytest.mark.parametrize(
    ("worked", "moment", "expected"),
    [
        (hours("09:00", "17:00"), "2030-07-31T09:00", True),
        (hours("09:00", "17:00"), "2030-07-31T17:00", False),
        (hours("09:00", "17:00"), "2030-08-03T12:00", False),
        (hours("09:00", "17:00", "+02:00"), "2030-07-31T07:30", True),
        (hours("09:00", "17:00", "-05:00"), "2030-07-31T07:30", False),
        (hours("22:00", "06:00"), "2030-08-02T23:00", True),
        (hours("22:00", "06:00"), "2030-08-03T05:00", True),
        (hours("22:00", "06:00"), "2030-08-04T05:00", False),
    ],
)
def test_working_hours(worked: Hours, moment: str, *, expected: bool) -> None:
    assert worked.covers(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected


@pytest.mark.parametrize("wrong", ["{from: '09:00', to: '09:00'}", "{from: 9, to: ten}", "{from: '9:00'}"])
def test_hours_that_cannot_be_are_told(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "owners.yaml").write_text(OWNERS.replace("name: One,", f"name: One, hours: {wrong},"))
    with pytest.raises(PolicyError, match=r"owners\[0\]\.hours"):
        load(tmp_path)
