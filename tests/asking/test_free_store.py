"""What was asked without choices is found again under its id, with its groups."""

from dataclasses import replace

import pytest

from calm.asking.free_store import FreeStore
from calm.asking.store import AskedStore
from tests.free_makers import freely_asked
from tests.recorded import asked_question


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


def test_the_latest_questions_of_a_model_come_first(calm_home: object) -> None:
    store = FreeStore()
    older, newer = freely_asked(1.0, "bees"), freely_asked(2.0, "wasps")
    for row in (older, newer):
        store.keep(row)
    assert store.of_model("fake", 9) == [newer, older]
    assert store.of_model("fake", 1) == [newer]
    assert store.of_model("other", 9) == []
