"""What was asked without choices is found again under its id, with its groups."""

from dataclasses import replace

import pytest

from calm.asked import AskedStore
from calm.free_asked import FreelyAsked, FreeStore
from calm.free_questions import FreeAsked
from tests.free_makers import compared, pivot, versions
from tests.recorded import asked_question


def freely_asked(asked_at: float = 1.0) -> FreelyAsked:
    found = compared({"en": ["bees", ""], "zh": ["蜜蜂"]}, pivot("zh", "蜜蜂", "bee"))
    rows = tuple(versions(["en", "zh"]))
    asked = FreeAsked("done", "m", "", rows, found.responses, {"fr": "no words"}, found)
    return FreelyAsked(asked, asked_at)


def test_a_question_comes_back_with_its_groups(calm_home: object) -> None:
    store, row = FreeStore(), freely_asked()
    assert store.find(store.keep(row)) == row


def test_the_id_is_made_of_the_content_and_not_of_the_time() -> None:
    row = freely_asked()
    assert row.id == freely_asked(2.0).id
    assert row.id != replace(row, asked=replace(row.asked, model="n")).id


@pytest.mark.parametrize("identity", ["", "0" * 16])
def test_an_id_that_is_not_there_finds_nothing(calm_home: object, identity: str) -> None:
    assert FreeStore().find(identity) is None


def test_questions_with_choices_lie_beside_them(calm_home: object) -> None:
    with_choices = AskedStore().keep(asked_question())
    assert FreeStore().find(with_choices) is None
    assert AskedStore().find(FreeStore().keep(freely_asked())) is None
