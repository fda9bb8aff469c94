"""What the ranking listens to: likeness, recency, the reporter; and what it never looks at."""

from __future__ import annotations

import pytest

from graphs.model import Millis
from graphs.ranking import history as history_module
from graphs.ranking.history import Asked, History, Past
from graphs.ranking.rank import rank, shipped
from tests.ranking.made import DAY, asked, history, past

SEARCH, LOGIN = "Search index misses pages", "Login with SSO fails"


def first(known: History, question: Asked) -> str:
    return rank(known, question)[0].owner


def mixed() -> History:
    """`data-lead` takes searches, `ops-lead` logins, in turn."""
    return history(
        *(past(n, SEARCH if n % 2 else LOGIN, "data-lead" if n % 2 else "ops-lead") for n in range(1, 31)),
    )


def test_whoever_took_tickets_like_it_comes_first() -> None:
    assert first(mixed(), asked("Pages are missing in the search index")) == "data-lead"
    assert first(mixed(), asked("SSO login is refused")) == "ops-lead"


def test_scores_are_shares() -> None:
    found = rank(mixed(), asked(SEARCH))
    assert sum(one.score for one in found) == pytest.approx(1, abs=1e-4)
    assert found[0].score > 0.6


def test_recent_work_counts_more_than_old() -> None:
    old = [past(n, SEARCH, "data-lead") for n in range(1, 6)]
    new = [past(n, SEARCH, "ml-lead", day=400 + n) for n in range(6, 9)]
    assert first(history(*old), asked(SEARCH, 420)) == "data-lead"
    assert first(history(*old, *new), asked(SEARCH, 420)) == "ml-lead"


def test_a_maintainer_who_reports_often_takes_it_alone() -> None:
    assert first(mixed(), asked("Something else entirely", author="ops-lead")) == "ops-lead"
    assert first(mixed(), asked("Something else entirely", author="data-lead")) == "data-lead"


def test_a_reporter_whose_tickets_go_to_one_person() -> None:
    takers = ("ops-lead", "ml-lead")
    known = history(*(past(n, "Odd thing", takers[n % 2], author=f"c{n % 2}") for n in range(1, 21)))
    assert first(known, asked("Another odd thing", author="c1")) == "ml-lead"
    assert first(known, asked("Another odd thing", author="c0")) == "ops-lead"


def test_all_real_owners_of_a_ticket_count() -> None:
    found = rank(history(past(1, SEARCH, "data-lead", "ml-lead")), asked(SEARCH))
    assert {one.owner for one in found} == {"data-lead", "ml-lead"}


def test_nothing_of_the_future_is_looked_at() -> None:
    """Planted later tickets with the very words change nothing, to the last digit."""
    question = asked(SEARCH, 20.5)
    before = rank(mixed(), question)
    known = mixed()
    for number in range(50):
        known.add(past(1_000 + number, SEARCH, "ops-lead", day=21 + number, author=question.author))
    assert rank(known, question) == before
    late = [past(n, SEARCH, "late-comer", day=20.5) for n in range(2_000, 2_010)]
    assert "late-comer" not in {one.owner for one in rank(history(*late, past(1, LOGIN, "ops-lead")), question)}


def test_a_ticket_does_not_speak_for_itself() -> None:
    known = history(past(1, SEARCH, "data-lead"), past(2, LOGIN, "ops-lead"))
    question = asked(LOGIN).model_copy(update={"key": "a/b#2"})
    assert [one.owner for one in rank(known, question)] == ["data-lead"]


def test_private_tickets_do_not_speak_to_the_public() -> None:
    known = history(past(1, LOGIN, "ops-lead"), *(past(n, SEARCH, "data-lead", private=True) for n in range(2, 9)))
    assert [one.owner for one in rank(known, asked(SEARCH))] == ["ops-lead"]
    assert first(known, asked(SEARCH, private=True)) == "data-lead"
    elsewhere = rank(known, asked(SEARCH, private=True, project="c/d"))
    assert [one.owner for one in elsewhere] == ["ops-lead"], "nor to another project"


def test_people_of_the_project_before_those_of_others() -> None:
    known = history(past(1, SEARCH, "theirs", project="c/d"), past(2, LOGIN, "ours"))
    assert [one.owner for one in rank(known, asked(SEARCH))] == ["ours"]
    assert [one.owner for one in rank(known, asked(SEARCH, project="new/one"))] == ["theirs", "ours"]


def test_without_evidence_there_is_nobody() -> None:
    assert rank(History(), asked(SEARCH)) == []
    assert rank(history(past(1, SEARCH)), asked(SEARCH)) == [], "a ticket that nobody took"


def test_reasons_name_tickets_and_days() -> None:
    found = rank(mixed(), asked(SEARCH, 31))[0]
    assert found.why == (
        "Took 15 similar tickets: a/b#29 (2 days ago), a/b#27 (4 days ago), a/b#25 (6 days ago) and 12 more.",
        "Took 15 of 30 tickets, the latest 2 days ago.",
    )
    mine = rank(history(past(1, SEARCH, "ml-lead", author="ml-lead")), asked(LOGIN, 2, author="ml-lead"))[0]
    assert mine.why == ("Reported it.", "Took 1 of 1 ticket, the latest yesterday.")


def test_a_ticket_told_again_replaces_what_was_known() -> None:
    known = history(past(1, SEARCH, "data-lead"))
    known.add(past(1, SEARCH, "ml-lead"))
    assert (len(known), first(known, asked(SEARCH))) == (1, "ml-lead")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "MOST", 50)
    known = history(*(past(n, SEARCH, "old" if n < 60 else "new", day=n / 10) for n in range(1, 121)))
    assert len(known) <= 50
    assert [one.owner for one in rank(known, asked(SEARCH))] == ["new"], "the oldest were forgotten"


def test_the_weekly_count_is_of_what_was_given_before() -> None:
    known = history(*(past(n, SEARCH, "ml-lead") for n in range(1, 21)))
    assert known.taken_since(asked(SEARCH, 20), Millis(13 * DAY)) == {"ml-lead": 7}


def test_the_shipped_weights_fit_the_features() -> None:
    assert len(shipped().vector) == 5
    assert shipped().questions > 1_000


def test_labels_are_not_even_known() -> None:
    assert not {"labels", "label", "kind"} & (set(Asked.model_fields) | set(Past.model_fields))
