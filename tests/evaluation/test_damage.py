"""Every probe catches the harm that it is there for; a model that is unharmed is not accused."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from calm.config import DEFAULT_LANGUAGES, SamplingConfig
from calm.evaluation import damage_sets
from calm.evaluation.damage import answer_freely, choose, read_texts
from calm.evaluation.damage_findings import as_probed, damage_of, verdict
from calm.evaluation.evaluate import ROLES
from calm.models.interface import Draw, OnText, Prompt
from calm.probes import ALL, Damage, Measure, Probe, Probed
from calm.questions.sets import by_id, load_questions
from calm.records import Evaluation, ModelRole, Question
from tests.fakes import FakeModel

CODES = ("en", "fr", "ja", "ar")
SAMPLING = SamplingConfig()
Groups = list[dict[str, Question]]


def some_questions() -> Groups:
    held_out = [q for q in load_questions("built-in", CODES) if q.split == "held-out"]
    return list(by_id(held_out).values())[:24]


QUESTIONS = some_questions()
BY_TEXT = {q.text: versions for versions in QUESTIONS for q in versions.values()}


class Knowing(FakeModel):
    """Knows the right answers; with its adapter on, `harm` changes what it says of them."""

    def __init__(self, harm: Callable[[Question, dict[str, Question]], str]) -> None:
        super().__init__()
        self._harm = harm

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Sequence[Path | None] | None = None,
    ) -> list[str]:
        return [self._said(prompt.text) for prompt in prompts]

    def score(
        self, prompts: Sequence[Prompt], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        return [
            [-1.0 - (text.strip() != self._said(prompt.text)) for text in row]
            for prompt, row in zip(prompts, choices, strict=True)
        ]

    def _said(self, prompt: str) -> str:
        text = prompt.split("\n")[-2]
        versions = next(v for known, v in BY_TEXT.items() if text.endswith(known))
        question = next(q for q in versions.values() if text.endswith(q.text))
        return self._harm(question, versions) if self._adapter else right(question)


def right(question: Question, versions: object = None) -> str:
    return question.choices[question.gold or 0]


def wrong(question: Question, versions: object = None) -> str:
    return question.choices[(question.gold or 0) - 1]


def in_english(question: Question, versions: dict[str, Question]) -> str:
    return right(versions["en"])


def again_and_again(question: Question, versions: object = None) -> str:
    return " ".join([right(question)] * 6)


def at_length(question: Question, versions: object = None) -> str:
    return right(question) + " , " + ".".join("abcdefghij")


def nothing_known(question: Question, versions: object = None) -> str:
    return "?"


def both(ask: Callable[[FakeModel, ModelRole], list[Probed]], model: FakeModel) -> list[Probed]:
    rows = []
    for role, adapter in zip(ROLES, (None, Path("adapter")), strict=True):
        with model.use(adapter):
            rows += ask(model, role)
    return rows


def freely(harm: Callable[..., str]) -> dict[Measure, str]:
    rows = both(lambda m, role: answer_freely(m, QUESTIONS, role, SAMPLING), Knowing(harm))
    return findings(damage_of(rows))


def findings(found: Sequence[Damage], code: str = ALL) -> dict[Measure, str]:
    return {row.measure: row.finding for row in found if row.language == code}


@pytest.mark.parametrize(
    ("harm", "worse"),
    [
        (right, set()),
        (wrong, {"right"}),
        (in_english, {"right", "in_language", "unread"}),
        (again_and_again, {"repetition", "length"}),
        (at_length, {"length"}),
        (nothing_known, {"right", "unread", "length"}),
    ],
)
def test_harm_to_free_answers_is_caught_by_its_own_measure(
    harm: Callable[..., str], worse: set[Measure]
) -> None:
    found = freely(harm)
    assert set(found) == {"right", "in_language", "length", "repetition", "unread"}
    assert {measure for measure, finding in found.items() if finding == "worse"} == worse
    unharmed = set(found) - worse - {"length"}
    assert all(found[measure] == "ok" for measure in unharmed)


def test_the_languages_in_which_answers_are_not_given_are_named() -> None:
    rows = both(lambda m, role: answer_freely(m, QUESTIONS, role, SAMPLING), Knowing(in_english))
    by_language = {row.language: row for row in damage_of(rows) if row.measure == "in_language"}
    assert by_language["en"].finding == "ok"
    assert by_language["ja"].finding == by_language["ar"].finding == "worse"
    assert by_language["ja"].aligned < by_language["ja"].base == 1


@pytest.mark.parametrize("probe", ["reworded", "languages", "domain"])
@pytest.mark.parametrize(("harm", "finding"), [(wrong, "worse"), (right, "ok")])
def test_questions_in_other_words_languages_or_topics_are_asked_by_their_choices(
    probe: Probe, harm: Callable[..., str], finding: str
) -> None:
    rows = both(lambda m, role: choose(m, probe, "", QUESTIONS, role, SAMPLING), Knowing(harm))
    assert findings(damage_of(rows)) == {"right": finding}
    assert {row.probe for row in rows} == {probe}


class Fluent(FakeModel):
    """Finds texts as likely as told: nats a token, by whether its adapter is on."""

    def __init__(self, after: float) -> None:
        super().__init__()
        self._after = after

    def score(
        self, prompts: Sequence[Prompt], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        lost = self._after if self._adapter else 0.0
        return [[-2 - len(text) % 5 / 10 - lost for text in row] for row in choices]


@pytest.mark.parametrize(("lost", "finding"), [(0.2, "worse"), (0.01, "ok"), (-0.5, "ok")])
def test_a_fixed_text_that_gets_less_likely_is_damage(lost: float, finding: str) -> None:
    rows = both(lambda m, role: read_texts(m, DEFAULT_LANGUAGES, role), Fluent(lost))
    found = damage_of(rows)
    assert findings(found) == {"log_prob": finding}
    assert found[0].n == 10 * len(DEFAULT_LANGUAGES)
    assert found[0].change == pytest.approx(-lost, abs=1e-5)


def culture_rows(aligned: Callable[[int, int], int], n: int = 32) -> list[Probed]:
    """Answers of three languages to questions whose right answers are 0, 1 and 2, one each."""
    return [
        Probed(
            *("culture", "", f"c{item}", code, role, ""),
            *(answer, {"right": float(answer == place)}),
        )
        for item in range(n)
        for place, code in enumerate(("en", "fr", "ja"))
        for role in ROLES
        for answer in [aligned(item, place) if role == "aligned" else place]
    ]


def test_agreeing_where_languages_should_differ_is_damage() -> None:
    found = findings(damage_of(culture_rows(lambda item, place: 0)))
    assert found == {"right": "worse", "agreement": "worse", "kappa": "worse"}


def test_answering_as_before_where_languages_should_differ_is_none() -> None:
    rows = damage_of(culture_rows(lambda item, place: place))
    assert findings(rows) == {"right": "ok", "agreement": "ok", "kappa": "ok"}
    kappa = next(row for row in rows if row.measure == "kappa")
    assert (kappa.base, kappa.change, kappa.n) == (-0.5, 0, 32)


def test_kappa_over_questions_of_culture_is_that_of_a_hand_worked_example() -> None:
    """Half of 32 questions alike (0, 0, 0), half 0, 1, 2: observed 1/2, chance 1/2."""
    rows = damage_of(culture_rows(lambda item, place: 0 if item % 2 else place))
    kappa = next(row for row in rows if row.measure == "kappa")
    # shares of the answers: 4/6, 1/6, 1/6, so that chance agrees in (16 + 1 + 1) / 36 = 1/2
    assert kappa.aligned == pytest.approx(0.0)
    agreement = next(row for row in rows if row.measure == "agreement")
    assert (agreement.base, agreement.aligned) == (0, 0.5)


def right_or_not(base: Sequence[float], aligned: Sequence[float]) -> list[Probed]:
    return [
        Probed("free", "", str(item), "en", role, "", None, {"right": value})
        for role, values in zip(ROLES, (base, aligned), strict=True)
        for item, value in enumerate(values)
    ]


def test_few_questions_tell_nothing() -> None:
    (found,) = damage_of(right_or_not([1] * 7, [0] * 7))
    assert (found.finding, found.low, found.p, found.change) == ("not clear", None, None, -1)


def test_a_change_that_may_be_chance_is_not_clear() -> None:
    (found,) = damage_of(right_or_not([1] * 40, [1] * 39 + [0]))
    assert found.finding == "not clear"
    assert found.low is not None and found.low < -0.03 < (found.high or 0) <= 0


def test_a_sure_loss_below_the_margin_is_none_to_speak_of() -> None:
    (found,) = damage_of(right_or_not([1] * 1000, [1] * 992 + [0] * 8))
    assert found.high is not None and found.high < 0
    assert found.finding == "ok"


def test_an_item_that_only_one_model_was_asked_does_not_count() -> None:
    rows = right_or_not([1] * 12, [1] * 12)
    (found,) = damage_of(rows[:-1])
    assert found.n == 11


def test_unharmed_models_are_hardly_ever_accused_of_anything() -> None:
    """Five probes, both models equally good at random: at most 2.5% of runs show a harm."""
    random, accused = np.random.default_rng(1), 0
    probes: tuple[Probe, ...] = ("free", "reworded", "english", "languages", "domain")
    for _ in range(40):
        rows = [
            Probed(probe, "", str(item), "en", role, "", None, {"right": float(value)})
            for probe in probes
            for role in ROLES
            for item, value in enumerate(random.random(60) < 0.6)
        ]
        accused += bool(verdict(damage_of(rows)).worse)
    assert accused <= 3  # of 40; 98% of the time where the chance is 2.5%


def test_the_verdict_sorts_what_is_known_of_all_languages() -> None:
    rows = right_or_not([1] * 30, [0] * 30) + both(
        lambda m, role: read_texts(m, CODES, role), Fluent(0.0)
    )
    rows += culture_rows(lambda item, place: 0, n=5)
    found = verdict(damage_of(rows))
    assert [row.probe for row in found.worse] == ["free"]
    assert [row.probe for row in found.ok] == ["texts"]
    assert {row.probe for row in found.unclear} == {"culture"}
    assert found.n == (5, 40)


def test_the_runs_own_responses_tell_of_english_unreadable_answers_and_topics() -> None:
    given = [
        Evaluation(f"q{n}", code, role, how, "", answer)  # type: ignore[arg-type]
        for n in range(10)
        for code in ("en", "fr")
        for role in ROLES
        for how in ("response", "likelihood")
        for answer in [None if role == "aligned" and n < 5 else 0]
    ]
    golds = {f"q{n}": 0 for n in range(10)}
    found = damage_of(as_probed(given, golds, frozenset({"q9"})))
    told = {(row.probe, row.measure): row for row in found if row.language == ALL}
    assert set(told) == {("asked", "unread"), ("english", "right"), ("domain", "right")}
    assert (told["asked", "unread"].change, told["english", "right"].change) == (0.5, -0.5)
    assert told["domain", "right"].n == 1


@pytest.mark.parametrize("code", DEFAULT_LANGUAGES)
def test_every_language_has_a_text_of_ten_sentences(code: str) -> None:
    sentences = damage_sets.sentences(code)
    assert len(sentences) == 10
    assert len({text for _, text in sentences}) == 10
    first, last = sentences[0], sentences[-1]
    assert first[0].text.endswith("\n") and last[0].text.startswith(first[0].text)
    assert not first[1].startswith(" ")
    assert all(text.strip()[-1] in ".。" for _, text in sentences)


def test_a_language_without_files_has_nothing_to_look_at() -> None:
    assert damage_sets.sentences("ko") == []
    assert damage_sets.culture(["ko"]) == {}


def test_questions_take_turns_among_other_wordings_and_those_without_are_left_out() -> None:
    question = Question("q", "en", "How?", ("a", "b"), 1)
    groups = {i: {"en": question, "fr": question} for i in ("one", "two", "three")}
    wordings = {"one": {"en": ("In what way?",)}, "two": {"en": ("A", "B"), "fr": ("C",)}}
    found = damage_sets.reworded(groups, wordings)
    assert {(i, c): q.text for i, v in found.items() for c, q in v.items()} == {
        ("one", "en"): "In what way?",
        ("two", "en"): "B",
        ("two", "fr"): "C",
    }
    assert found["two"]["fr"].choices == question.choices and found["two"]["fr"].gold == 1


def test_a_part_is_spread_over_all() -> None:
    assert damage_sets.spread(list("abcdefgh"), 4) == ["a", "c", "e", "g"]
    assert damage_sets.spread(["a", "b"], None) == damage_sets.spread(["a", "b"], 9) == ["a", "b"]
