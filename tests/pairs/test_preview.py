"""How many pairs a gate would give is counted before any pair is made, and comes out the same."""

from dataclasses import replace
from typing import Any

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.pairs.build import pairs
from calm.pairs.preview import format_of, preview
from calm.records import Format, PromptRecord, Question, Response
from calm.voting.vote import vote
from tests.recorded import MODEL_RECORD

CHOICES = {
    "en": ("ant", "bee", "cow"),
    "fr": ("fourmi", "abeille", "vache"),
    "ja": ("アリ", "ハチ", "ウシ"),
}
ANSWERED: dict[str, dict[str, list[int | None]]] = {
    "q1": {"en": [1, 1], "fr": [1, 0], "ja": [1, 2]},
    "q2": {"en": [0, 1], "fr": [0, 0], "ja": [2, None]},
    "q3": {"en": [0, 0], "fr": [1, 1], "ja": [0, 0]},
    "q4": {"en": [0, 0], "fr": [1, 1], "ja": [2, 2]},
}
GROUPS = {
    identity: {code: Question(identity, code, "?", CHOICES[code]) for code in given}
    for identity, given in ANSWERED.items()
}
EXPLAINED = "It has to be that, for many a reason. Answer: "


def responses(text: str) -> list[Response]:
    """Return what was answered, each with a text of its own before the answer."""
    return [
        Response(i, code, n, "m", f"{n}{text}?", (0, 1, 2), answer, (len(text), len(text) + 2))
        for i, given in ANSWERED.items()
        for code, answers in given.items()
        for n, answer in enumerate(answers)
    ]


def config(imported: bool, **settings: Any) -> RunConfig:
    sampling = SamplingConfig(prompt_format="auto" if imported else "cloze")
    return RunConfig(
        languages=tuple(CHOICES),
        sampling=sampling,
        pairs=PairsConfig(**settings),
        imported=imported,
    )


@pytest.mark.parametrize("imported", [True, False], ids=["explained", "cloze"])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.6, 1.0])
def test_the_count_is_the_number_of_pairs_that_the_stage_makes(
    imported: bool, share: float
) -> None:
    answered = responses(EXPLAINED)
    votes, _ = vote(answered, dict.fromkeys(ANSWERED, 3), "plurality")
    settings = config(imported)
    found = preview(votes, answered, GROUPS, settings)
    kept = {v.question_id for v in votes if v.winner is not None and v.share >= share}
    at_share = replace(settings.pairs, min_vote_share=share)
    for count, translated in zip(found.count(kept), (None, lambda text, a, b: text), strict=True):
        made = pairs(
            votes,
            answered,
            GROUPS,
            at_share,
            lambda question, order: f"{question.text}{order}",
            imported,
            "ABC",
            translated,
        )
        assert count == len(list(made))
    assert found.count(kept)[1] > 0 or share == 1.0


def test_translated_pairs_are_not_counted_where_they_are_not_wanted() -> None:
    answered = responses(EXPLAINED)
    votes, _ = vote(answered, dict.fromkeys(ANSWERED, 3), "plurality")
    found = preview(votes, answered, GROUPS, config(True, translated_chosen=False))
    assert found.translated == found.own


@pytest.mark.parametrize(
    ("texts", "form"),
    [(("ant", "bee", "be"), "cloze"), (("ant", "I think: bee"), "chat"), ((), "cloze")],
)
def test_responses_that_are_a_choice_and_nothing_else_were_asked_without_a_list(
    texts: tuple[str, ...], form: str
) -> None:
    rows = [Response("q1", "en", n, "m", f" {text}", (0, 1, 2)) for n, text in enumerate(texts)]
    assert format_of(RunConfig(languages=tuple(CHOICES)), rows, GROUPS) == form


@pytest.mark.parametrize("form", ["chat", "cloze", "listed"])
def test_how_questions_were_asked_is_told_by_the_run_s_record_where_it_has_one(
    form: Format,
) -> None:
    settings, record = RunConfig(languages=tuple(CHOICES)), replace(MODEL_RECORD, chat_template="x")
    rows = [Response("q1", "en", 0, "m", " ant" if form == "chat" else "I think", (0, 1, 2))]
    told = replace(record, prompts=PromptRecord(form))
    assert format_of(settings, rows, GROUPS, told) == form
    assert format_of(settings, rows, GROUPS, record) == ("cloze" if form == "chat" else "chat")


def test_a_model_without_a_chat_template_was_not_asked_in_one() -> None:
    record = replace(MODEL_RECORD, chat_template="", prompts=None)
    rows = [Response("q1", "en", 0, "m", "no choice", (0, 1, 2))]
    assert format_of(RunConfig(languages=tuple(CHOICES)), rows, GROUPS, record) == "cloze"
