"""A question is answered before and after an alignment, and a switch turns between the two."""

import dataclasses
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.asking.asked import Asked, voted
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.exchange.archive import asked_of
from calm.records import Question, Response
from tests.fakes import FakeModel
from tests.free_makers import freely_asked
from tests.recorded import finished_run
from tests.ui.test_asking import Holder, no_translator, order  # noqa: F401 - a fixture
from ui.ask.page import cast_on
from ui.ask.recorded import ALIGNED, LIVE, asked_now, kept_link, who_answers
from ui.asking.before_after import (
    AFTER,
    BEFORE,
    BeforeAfter,
    changed,
    filled,
    marks,
    together,
    what_changed,
)
from ui.asking.links import sides_of
from ui.asking.voters import cards_of
from ui.parts.models import NO_MODEL, Models

SKY = {"en": ("sun", "moon"), "de": ("Sonne", "Mond"), "fr": ("soleil", "lune")}
VOTER = "0" * 32


def answered(model: str, said: dict[str, Sequence[int | None]]) -> Asked:
    """Return a question with choices that languages answered with these, by number."""
    versions = tuple(Question("sky", code, f"{code}?", SKY[code]) for code in said)
    responses = tuple(
        Response("sky", code, n, model, "" if a is None else SKY[code][a], (0, 1), a)
        for code, answers in said.items()
        for n, a in enumerate(answers)
    )
    sampling = SamplingConfig(num_samples=2)
    return voted(Asked("done", model, sampling=sampling, versions=versions, responses=responses))


BASE_SAID = answered("fake", {"en": (0, 0), "de": (1, 1), "fr": (0, 1)})
ALIGNED_SAYS = answered("fake + mine", {"en": (0, 0), "de": (0, 0), "fr": (0, 0)})
BOTH = BeforeAfter(BASE_SAID, ALIGNED_SAYS)


def test_what_a_language_says_otherwise_is_marked_on_either_side() -> None:
    assert changed(BOTH) == ["de", "fr"]
    after, before = marks(BOTH, BOTH.after), marks(BOTH, BOTH.before)
    assert "Before:" in after["de"] and "Mond" in after["de"] and list(after) == ["de", "fr"]
    assert "After:" in before["de"] and "Sonne" in before["de"]
    assert "no single answer" in after["fr"].lower()
    assert marks(None, BOTH.after) == marks(BOTH, None) == {}
    assert what_changed(BOTH) == (
        "2 of 3 languages answer differently since the alignment: German and French. "
        "Most languages that say the same: 1 of 3 before, 3 of 3 after."
    )


def test_where_nothing_changed_that_is_said() -> None:
    again = dataclasses.replace(BASE_SAID, model="fake + mine")
    both = BeforeAfter(BASE_SAID, again)
    assert changed(both) == [] and marks(both, again) == {}
    assert what_changed(both).startswith("Every language answers as before.")


def test_free_answers_are_compared_by_what_they_say_not_by_the_number_of_their_group() -> None:
    before = freely_asked()
    assert changed(BeforeAfter(before, dataclasses.replace(before, model="m + run"))) == []
    (option,) = before.options[:1]
    other = dataclasses.replace(option, label="wasps", wordings=())
    renamed = dataclasses.replace(before, model="m + run", options=(other, *before.options[1:]))
    said = [code for code in before.vote.by_language if before.own(code) == 0]  # type: ignore[union-attr]
    assert changed(BeforeAfter(before, renamed)) == said


def test_only_two_answers_to_one_question_belong_together() -> None:
    other = answered("fake + mine", {"en": (0, 0)})
    assert together(BASE_SAID, ALIGNED_SAYS) == BOTH
    assert together(BASE_SAID, other) is None
    assert together(BASE_SAID, BASE_SAID) is None
    assert together(BASE_SAID, dataclasses.replace(ALIGNED_SAYS, vote=None)) is None


def test_the_switch_is_seen_where_there_are_two_sides_and_begins_after_the_alignment() -> None:
    said, side, both = filled(BOTH)
    assert "2 of 3" in said and (side.visible, side.value, both) == (True, AFTER, BOTH)
    said, side, both = filled(None)
    assert (str(said), side.visible, both) == ("", "hidden", None)
    assert (BOTH.side(BEFORE), BOTH.side(AFTER)) == (BASE_SAID, ALIGNED_SAYS)


def test_a_ballot_on_an_aligned_answer_is_on_the_model_with_its_adapter(calm_home: Path) -> None:
    box = BallotBox()
    cards = cast_on(box, BOTH.after, VOTER, "de", "up", marks(BOTH, BOTH.after))
    assert "Mond" in cards and cards.count('class="turned"') == 2
    (ballot,) = box.all()
    assert (ballot.model, ballot.answer) == ("fake + mine", "Sonne")
    assert 'class="turned"' not in cards_of(box, BOTH.after, VOTER)


@pytest.fixture
def models(calm_home: Path, tmp_path: Path) -> Models:
    """A model that is here, and a run of it and of another one."""
    finished_run("mine", tmp_path)
    return Models("fake")


def test_every_adapter_of_the_model_that_is_here_can_be_chosen(models: Models) -> None:
    choices = who_answers(models, None)
    assert [value for _, value in choices.choices] == [LIVE, f"{ALIGNED}mine", "mine"]
    assert choices.value == LIVE and not choices.info
    assert who_answers(models, f"{ALIGNED}mine").value == f"{ALIGNED}mine"
    assert who_answers(models, f"{ALIGNED}gone").value == LIVE


def test_adapters_of_another_model_are_not_offered_and_it_is_said_why(models: Models) -> None:
    other = who_answers(Models("another"), f"{ALIGNED}mine")
    assert [value for _, value in other.choices] == [LIVE, "mine"]
    assert "Adapters of fake are not listed" in str(other.info)
    assert not who_answers(Models(NO_MODEL), None).info


def asked(models: Models, who: str | None, model: FakeModel) -> tuple[Asked, BeforeAfter | None]:
    models._model, models._says = model, None  # type: ignore[assignment]
    *_, last = asked_now(models, who, order("en", "fr"), threading.Event())
    return last


def test_who_is_chosen_is_asked_and_an_adapter_with_the_model_as_it_was(models: Models) -> None:
    seen, both = asked(models, LIVE, FakeModel())
    assert (seen.model, both) == ("fake", None)
    aligned, both = asked(models, f"{ALIGNED}mine", FakeModel())
    assert both is not None and both.after == aligned
    assert (both.before.model, aligned.model) == ("fake", "fake + mine")
    assert [row.text for row in both.before.responses] == [row.text for row in seen.responses]
    assert [row.text for row in aligned.responses] != [row.text for row in seen.responses]
    with pytest.raises(CalmError, match="No model called gone"):
        asked(models, f"{ALIGNED}gone", FakeModel())


def test_a_link_brings_both_sides_back(models: Models) -> None:
    store = AskedStore()
    link = kept_link(store, BOTH.after, BOTH)
    assert len(link) == 33
    seen, both = sides_of(store, link)
    assert (seen.model, both is not None and both.before.model) == ("fake + mine", "fake")
    after, before = link.split("-")
    assert sides_of(store, before)[0].model == "fake" and sides_of(store, after)[1] is None
    alone = kept_link(store, BASE_SAID, None)
    assert alone == before
    for broken in (f"{after}-{after}", f"{after}-"):
        assert sides_of(store, broken)[1] is None
    for gone in (f"{after}-{'0' * 16}", f"{'0' * 16}-{before}", f"{after}-../x", "-"):
        with pytest.raises(CalmError, match="not kept here"):
            sides_of(store, gone)


def test_an_archive_takes_along_what_its_adapter_was_asked(models: Models, tmp_path: Path) -> None:
    store = AskedStore()
    kept_link(store, BOTH.after, BOTH)
    store.keep(dataclasses.replace(ALIGNED_SAYS, model="fake + other", asked_at=5.0))
    from calm.runs.folder import open_run

    rows: list[Any] = asked_of(open_run("mine"), store)
    assert sorted(row.model for row in rows) == ["fake", "fake + mine"]
