"""A question, with choices or without, is asked in several languages, and its answers vote."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.answers.sample import draw_responses
from calm.asking.ask import Order, ask, ask_each
from calm.asking.asked import Asked
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.models.interface import Draw, Prompt
from calm.questions.prompts import free_prompt, prompt_for
from calm.questions.translate import TranslationCache
from calm.records import Question
from tests.fakes import FakeModel
from tests.free_makers import Counting, Unable

SAMPLING = SamplingConfig(num_samples=2)
QUESTION = Question("legs", "en", "How many legs has a spider?", ())
KNOWN = {
    "fr": Question("set-1", "fr", "Combien de pattes a une araignée ?", ("6", "8"), 1),
    "zh": Question("set-1", "zh", "蜘蛛有几条腿？", ("六", "八"), 1),
}
BEES = {
    "en": Question("bees", "en", "What do bees make?", ("honey", "milk", "bread"), 0),
    "fr": Question("bees", "fr", "Que font les abeilles ?", ("du miel", "du lait", "du pain"), 0),
}
with_and_without = pytest.mark.parametrize("question", [BEES["en"], QUESTION], ids=["with", "none"])


def asked_of(
    tmp_path: Path,
    question: Question,
    *languages: str,
    show: Callable[[Asked], None] = lambda asked: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Asked:
    known, model = (BEES, FakeModel()) if question.choices else (KNOWN, Counting())
    return ask(
        model,
        Order(question, known, languages, SAMPLING),
        [Unable()],  # type: ignore[list-item]
        TranslationCache(tmp_path / "t.sqlite"),
        show,
        should_stop,
    )


@with_and_without
def test_every_response_has_its_prompt_and_its_order(tmp_path: Path, question: Question) -> None:
    asked = asked_of(tmp_path, question, "en", "fr")
    versions = {version.language: version for version in asked.versions}
    model = FakeModel() if question.choices else Counting()
    assert [(r.language, r.sample_index) for r in asked.responses] == [
        *(("en", 0), ("en", 1), ("fr", 0), ("fr", 1))
    ]
    for row in asked.responses:
        version = versions[row.language]
        assert sorted(row.choice_order) == list(range(len(version.choices)))
        asked_with = prompt_for(model, version, row.choice_order, "auto").text
        assert asked.prompt_of(row) == asked_with
    assert asked.sampling == SAMPLING


def test_the_choices_given_are_the_options_in_the_words_of_each_language(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, BEES["en"], "en", "fr")
    assert [option.label for option in asked.options] == ["honey", "milk", "bread"]
    assert [option.words_in("fr") for option in asked.options] == ["du miel", "du lait", "du pain"]
    assert asked.vote is not None
    assert tuple(option.count for option in asked.options) == asked.vote.counts
    assert sum(asked.vote.counts) + asked.vote.unreadable == 4


def test_several_adapters_answer_in_one_batch_as_each_answers_alone(tmp_path: Path) -> None:
    model, folder = FakeModel(), tmp_path / "adapter"
    order = Order(BEES["en"], BEES, ("en", "fr"), SAMPLING)
    both = ask_each(model, order, {"base": None, "tuned": folder}, [], None)
    assert (model.calls, [asked.model for asked in both]) == (1, ["base", "tuned"])
    for asked, adapter in zip(both, (None, folder), strict=True):
        alone = FakeModel()
        with alone.use(adapter):
            drawn = draw_responses(alone, list(BEES.values()), SAMPLING)
        assert [row.text for row in asked.responses] == [row.text for row in drawn]
    assert both[0].prompts == both[1].prompts


def test_eight_in_three_languages_is_one_answer(tmp_path: Path) -> None:
    asked = asked_of(tmp_path, QUESTION, "en", "fr", "zh")
    assert asked.step == "done"
    assert asked.winner is not None
    assert (asked.winner.label, asked.winner.count) == ("eight legs", 6)
    assert asked.vote is not None
    assert asked.vote.by_language == {"en": 0, "fr": 0, "zh": 0}


def test_versions_of_a_set_lose_their_choices_and_all_versions_are_one_question(
    tmp_path: Path,
) -> None:
    asked = asked_of(tmp_path, QUESTION, "en", "fr")
    assert {(version.id, version.choices) for version in asked.versions} == {(QUESTION.id, ())}


def test_answers_are_seen_as_they_grow(tmp_path: Path) -> None:
    seen: list[Asked] = []
    asked_of(tmp_path, QUESTION, "en", "zh", show=seen.append)
    grown = [asked.responses[0].text for asked in seen if asked.step == "answering"]
    assert grown[:4] == ["", " ", " e", " ei"]
    assert [asked.step for asked in seen][-2:] == ["comparing", "done"]


@with_and_without
def test_a_language_that_nobody_can_translate_into_is_left_out_with_its_reason(
    tmp_path: Path, question: Question
) -> None:
    asked = asked_of(tmp_path, question, "en", "sw")
    assert [version.language for version in asked.versions] == ["en"]
    assert "no words" in str(asked.left_out["sw"])
    assert asked.step == "done"


@with_and_without
def test_without_any_language_left_there_is_no_vote(tmp_path: Path, question: Question) -> None:
    asked = asked_of(tmp_path, question, "sw")
    assert (asked.step, asked.vote, asked.winner) == ("nowhere", None, None)


@with_and_without
def test_asked_to_stop_it_ends_without_a_vote(tmp_path: Path, question: Question) -> None:
    stops: list[str] = []
    asked = asked_of(
        tmp_path,
        question,
        "en",
        "fr",
        show=lambda asked: stops.extend(r.text for r in asked.responses if r.text),
        should_stop=lambda: bool(stops),
    )
    assert (asked.step, asked.vote) == ("stopped", None)
    assert asked.of("en")[0].text != ""


class Watched(Counting):
    """Keeps what it was asked, and has room for few letters where it is told so."""

    def __init__(self, is_chat: bool = False, most_tokens: int | None = None) -> None:
        super().__init__(is_chat)
        self.most_tokens = most_tokens
        self.prompts: list[Prompt] = []
        self.draws: list[Draw] = []

    def generate(
        self, prompts: Sequence[Prompt], draws: Sequence[Draw], *others: Any, **more: Any
    ) -> list[str]:
        self.prompts += prompts
        self.draws += draws
        return ["<think>Eight, or is it?</think>eight legs"] * len(prompts)


def ask_in_english(tmp_path: Path, model: Watched, sampling: SamplingConfig) -> Asked:
    order = Order(QUESTION, {}, ("en",), sampling)
    return ask(model, order, [], TranslationCache(tmp_path / "t.sqlite"))


def test_without_choices_it_is_asked_in_the_format_of_the_settings(tmp_path: Path) -> None:
    chat = Watched(is_chat=True)
    asked = ask_in_english(tmp_path, chat, SamplingConfig(prompt_format="cloze"))
    assert {prompt.text for prompt in chat.prompts} == {free_prompt(Counting(), QUESTION).text}
    assert set(asked.prompts) == {chat.prompts[0].text}


def test_a_model_that_may_think_has_room_for_it_and_its_answer_is_read_behind_the_thought(
    tmp_path: Path,
) -> None:
    chat = Watched(is_chat=True)
    sampling = SamplingConfig(thinking=True, max_new_tokens=9, max_thinking_tokens=70)
    asked = ask_in_english(tmp_path, chat, sampling)
    assert chat.prompts[0].text.endswith("<think>")
    assert {(draw.max_new_tokens, draw.max_thinking_tokens) for draw in chat.draws} == {(9, 70)}
    assert [option.label for option in asked.options] == ["eight legs"]


def test_a_question_that_the_model_has_no_room_for_is_told_before_it_is_asked(
    tmp_path: Path,
) -> None:
    model = Watched(most_tokens=len(free_prompt(Counting(), QUESTION).text) + 8)
    with pytest.raises(CalmError, match="takes"):
        ask_in_english(tmp_path, model, SamplingConfig(max_new_tokens=9))
    assert model.prompts == []
    assert ask_in_english(tmp_path, model, SamplingConfig(max_new_tokens=8)).step == "done"
