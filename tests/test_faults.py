"""Every row of the fault list has a test with its number in the name, or says why it has none."""

from __future__ import annotations

import pytest

from tests.faults import LIST, MOST, brought_up_to_date, numbered, numbers, rows


def test_the_list_is_whole() -> None:
    assert [one.number for one in rows(LIST.read_text())] == list(range(1, MOST + 1))


def test_each_row_has_a_test_or_a_reason() -> None:
    bare = [one.number for one in rows(LIST.read_text()) if one.proof == "—" and len(one.remark) < 20]
    assert bare == []


def test_the_list_names_the_tests_that_there_are() -> None:
    """Whichever was renamed, added or taken away: `make docs` writes the column anew."""
    text = LIST.read_text()
    assert text == brought_up_to_date(text)


def test_each_name_speaks_of_rows_that_exist() -> None:
    odd = [name for _, name in numbered() if not numbers(name) or not set(numbers(name)) <= set(range(1, MOST + 1))]
    assert odd == []


@pytest.mark.parametrize(
    ("name", "rows_of_it"),
    [
        ("test_fault_7_a_card", (7,)),
        ("test_fault_12_13_a_crash_of_2", (12, 13)),
        ("test_fault_1_to_4_9_points", (1, 2, 3, 4, 9)),
        ("test_fault_without_a_number", ()),
        ("test_another_7_things", ()),
    ],
)
def test_how_numbers_are_read(name: str, rows_of_it: tuple[int, ...]) -> None:
    assert numbers(name) == rows_of_it


def test_a_row_without_proof_and_reason_is_noticed() -> None:
    line = "| 7 | a | b | — |  |"
    assert rows(line)[0].remark == ""
    assert "test_fault" not in brought_up_to_date("| 99 | a | b | `test_fault_99_gone` | r |")
