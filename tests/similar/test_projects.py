"""Many projects side by side: home first, elsewhere only for what is missing, private tickets at home only."""

from __future__ import annotations

from graphs.similar.projects import SimilarByProject
from tests.similar.test_index import entry, keys


def filled() -> SimilarByProject:
    index = SimilarByProject()
    for number in range(1, 4):
        index.add(entry(f"home{number}", f"Login fails {number}", "", number))
    index.add(entry("away", "Search misses pages", "", 1, project="other/one"))
    index.add(entry("hidden", "Search misses pages", "", 1, project="other/one", private=True))
    return index


def test_home_comes_first_and_others_fill_up() -> None:
    found = filled().find(entry("9", "Search misses pages", "", 9))
    assert keys(found) == ["home3", "home2", "home1", "away"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_nothing_from_elsewhere_while_home_has_enough() -> None:
    assert "away" not in keys(filled().find(entry("9", "Search misses pages", "", 9), limit=3))


def test_a_new_project_is_told_of_the_others() -> None:
    found = filled().find(entry("9", "Search misses pages", "", 9, project="new/one"))
    assert found[0].key == "away"
    assert len(found) == 4


def test_what_is_rare_is_judged_at_home() -> None:
    """A word that fills another project is still telling here."""
    index = SimilarByProject()
    for number in range(1, 40):
        index.add(entry(f"o{number}", "Agent fails", "", number, project="other/one"))
        index.add(entry(f"h{number}", "Agent works" if number == 7 else "Page fails", "", number))
    assert index.find(entry("9", "Agent fails", "", 99))[0].key == "h7"


def test_private_tickets_stay_in_their_project() -> None:
    index = filled()
    for private in (False, True):
        assert "hidden" not in keys(index.find(entry("9", "Search misses pages", "", 9, private=private)))
    own = index.find(entry("9", "Search misses pages", "", 9, project="other/one", private=True))
    assert {"hidden", "away"} <= set(keys(own))


def test_moved_and_removed() -> None:
    index = filled()
    index.add(entry("away", "Search misses pages", "", 1))
    assert len(index) == 5
    assert index.find(entry("9", "Search misses pages", "", 9), limit=1)[0].key == "away"
    for key in ("away", "hidden", "home1", "home2", "home3", "never"):
        index.remove(key)
    assert len(index) == 0
    assert index.find(entry("9", "Search misses pages", "", 9)) == []
