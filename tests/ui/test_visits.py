"""A session asks one thing at a time: what an older question says is not shown any more."""

from collections.abc import Iterator

from ui.asking.visits import Visits


def test_a_newer_question_stops_an_older_one_and_takes_its_place() -> None:
    visits = Visits()
    older = visits.begin("ann")
    shown = visits.while_latest("ann", older, iter(["so far", "stopped"]))
    assert next(shown) == "so far"
    newer = visits.begin("ann")
    assert older.is_set() and not newer.is_set()
    assert list(shown) == []
    assert list(visits.while_latest("ann", newer, iter(["all"]))) == ["all"]


def test_what_a_person_stops_says_so_and_other_sessions_go_on() -> None:
    visits = Visits()
    hers, his = visits.begin("ann"), visits.begin("bob")

    def asked() -> Iterator[str]:
        yield "stopped" if hers.is_set() else "asked"

    visits.stop("ann")
    assert list(visits.while_latest("ann", hers, asked())) == ["stopped"]
    assert not his.is_set()
    visits.stop("ann")
    assert visits.stops == {"bob": his}, "a question that is over is forgotten"
