"""A question without choices is asked in several languages, and its answers are compared."""

from collections.abc import Callable
from pathlib import Path

import pytest

from calm.asking.free_questions import FreeAsked, ask_freely, free_question
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.questions.translate import TranslationCache
from calm.records import Question
from tests.free_makers import Counting, Unable

QUESTION = free_question("How many legs has a spider?", "en")
KNOWN = {
    "fr": Question("set-1", "fr", "Combien de pattes a une araignée ?", ("6", "8"), 1),
    "zh": Question("set-1", "zh", "蜘蛛有几条腿？", ("六", "八"), 1),
}


def ask(
    tmp_path: Path,
    *languages: str,
    show: Callable[[FreeAsked], None] = lambda asked: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FreeAsked:
    return ask_freely(
        Counting(),
        QUESTION,
        KNOWN,
        languages,
        SamplingConfig(num_samples=2),
        [Unable()],  # type: ignore[list-item]
        TranslationCache(tmp_path / "t.sqlite"),
        show,
        should_stop,
    )


def test_eight_in_three_languages_is_one_answer(tmp_path: Path) -> None:
    asked = ask(tmp_path, "en", "fr", "zh")
    assert asked.step == "done"
    assert asked.winner is not None
    assert (asked.winner.label, asked.winner.count) == ("eight legs", 6)
    assert asked.compared is not None
    assert asked.compared.vote.by_language == {"en": 0, "fr": 0, "zh": 0}


def test_versions_of_a_set_lose_their_choices_and_all_versions_are_one_question(
    tmp_path: Path,
) -> None:
    asked = ask(tmp_path, "en", "fr")
    assert {(version.id, version.choices) for version in asked.versions} == {(QUESTION.id, ())}


def test_answers_are_seen_as_they_grow(tmp_path: Path) -> None:
    seen: list[FreeAsked] = []
    ask(tmp_path, "en", "zh", show=seen.append)
    grown = [asked.responses[0].text for asked in seen if asked.step == "answering"]
    assert grown[:4] == ["", " ", " e", " ei"]
    assert [asked.step for asked in seen][-2:] == ["comparing", "done"]


def test_a_language_that_nobody_can_translate_into_is_left_out_with_its_reason(
    tmp_path: Path,
) -> None:
    asked = ask(tmp_path, "en", "sw")
    assert [version.language for version in asked.versions] == ["en"]
    assert "no words" in asked.left_out["sw"]
    assert asked.step == "done"


def test_without_any_language_left_nothing_is_compared(tmp_path: Path) -> None:
    asked = ask(tmp_path, "sw")
    assert (asked.step, asked.compared) == ("nowhere", None)


def test_asked_to_stop_it_ends_without_a_vote(tmp_path: Path) -> None:
    stops: list[str] = []
    asked = ask(
        tmp_path,
        "en",
        "fr",
        show=lambda asked: stops.extend(r.text for r in asked.responses if r.text),
        should_stop=lambda: bool(stops),
    )
    assert (asked.step, asked.compared) == ("stopped", None)
    assert asked.of("en")[0].text == " eight legs"


def test_a_question_needs_a_text() -> None:
    with pytest.raises(CalmError, match="no question yet"):
        free_question(" \n", "en")
