"""One bad translation does not end a run, and a person can give what nobody could translate."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.check import check_run
from calm.paths import calm_home as home
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.pipeline.corrections import correct, translations_of
from calm.pipeline.run_questions import comparable, groups_of, split_of
from calm.questions.files import read_sheet
from calm.questions.translate import TranslationCache, TranslationFailed, translate_question
from calm.records import Question
from calm.runs.folder import Run, create_run
from tests.fakes import FakeModel, make_adapter, training_of_nothing

LANGUAGES = ("en", "fr", "de")
TRAIN, HELD_OUT = 4, 3
CHOICES = ["ant", "bee", "cow", "dog"]


class Refusing:
    """Names the language before each text; what it fails in is (number of the question, code)."""

    source = "google"

    def __init__(self, *fails: tuple[int, str]) -> None:
        self.fails = set(fails)

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        if (int(texts[0].split()[-1].rstrip("?")), to_code) in self.fails:
            raise TranslationFailed("not reachable")
        return [f"{to_code}: {text}" for text in texts]


@pytest.fixture
def run(tmp_path: Path, calm_home: Path) -> Run:
    file = tmp_path / "english.jsonl"
    rows = [
        {
            "id": f"q{n}",
            "split": "train" if n < TRAIN else "held-out",
            "text": f"Which animal is number {n}?",
            "choices": CHOICES,
        }
        for n in range(TRAIN + HELD_OUT)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return create_run(
        "english",
        RunConfig(
            model="fake",
            question_set=str(file),
            languages=LANGUAGES,
            sampling=SamplingConfig(num_samples=2, questions_per_batch=2),
            pairs=PairsConfig(min_vote_share=0.25),
        ),
    )


def align_with(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    *fails: tuple[int, str],
    until: str = "pairs",
) -> None:
    refusing = Refusing(*fails)
    monkeypatch.setattr("calm.questions.translators.translators_for", lambda *given: [refusing])
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(2))
    align(Context(run, _model=FakeModel()), until)


def given(identity: str = "q1", code: str = "fr", **changes: Any) -> dict[str, Any]:
    text = {"text": "Quel animal ?", "choices": ["fourmi", "abeille", "vache", "chien"]}
    return {"id": identity, "language": code, **text, **changes}


def asked(run: Run, file: str = "responses") -> set[tuple[str, str]]:
    return {(row.question_id, row.language) for row in run.rows(file)}


def test_a_question_in_one_language_is_dropped_and_the_run_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch, (1, "fr"), (1, "de"), (2, "fr"), until="compare")
    assert run.status().state == "done"
    assert {identity for identity, _ in asked(run)} == {"q0", "q2", "q3"}
    assert ("q2", "de") in asked(run) and ("q2", "fr") not in asked(run)
    assert {vote.question_id for vote in run.rows("votes")} == {"q0", "q2", "q3"}
    check_run(run)


def test_what_is_left_out_is_counted_and_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    refusing = Refusing((1, "fr"), (1, "de"), (5, "fr"))
    monkeypatch.setattr("calm.questions.translators.translators_for", lambda *given: [refusing])
    align(Context(run, report=lambda line: said.append(str(line)), _model=FakeModel()), "translate")
    told = next(line for line in said if "could not be made" in line)
    assert "3 of 14 translations" in told and "1 held-out questions are left out" in told
    assert "1 question for training is dropped" in told


def held_out(*codes: str) -> dict[str, dict[str, Question]]:
    return {
        f"q{n}": {code: Question(f"q{n}", code, "?", ("a", "b")) for code in own.split()}
        for n, own in enumerate(codes)
    }


@pytest.mark.parametrize(
    ("questions", "ids", "languages"),
    [
        (("en fr de", "en fr de"), {"q0", "q1"}, ("en", "fr", "de")),
        (("en fr de", "en fr de", "en fr"), {"q0", "q1"}, ("en", "fr", "de")),
        (("en fr de", "en fr", "en fr"), {"q0", "q1", "q2"}, ("en", "fr")),
        (("en fr", "en fr", "en"), {"q0", "q1"}, ("en", "fr")),
        (("en", "en"), set(), ()),
        ((), set(), ()),
    ],
)
def test_the_languages_that_are_compared_leave_most_answers(
    questions: tuple[str, ...], ids: set[str], languages: tuple[str, ...]
) -> None:
    assert comparable(held_out(*questions), LANGUAGES) == (ids, languages)


def test_what_was_measured_before_stays_as_it_was(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of before compared fewer questions, in all of its languages."""
    align_with(run, monkeypatch, (5, "fr"), until="compare")
    kept = [row for row in run.rows("evaluations") if row.question_id == "q4"]
    run.write("evaluations", kept)
    assert set(split_of(groups_of(run), "held-out")) == {"q4"}


def test_a_run_that_nothing_can_be_compared_in_says_what_to_do_and_goes_on_once_it_is_given(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [(n, code) for n in range(TRAIN, TRAIN + HELD_OUT) for code in ("fr", "de")]
    with pytest.raises(CalmError, match="table of translations"):
        align_with(run, monkeypatch, *fails)
    assert correct(run, [(1, given("q4"))], "table") == 1
    align_with(run, monkeypatch, *fails, until="compare")
    assert asked(run, "evaluations") == {("q4", "en"), ("q4", "fr")}
    check_run(run)


def test_translations_are_listed_those_that_lack_first(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch, (3, "de"))
    first, second, *_ = translations_of(run)
    assert (first.key, first.source, first.text) == (("q3", "de"), None, "")
    assert "not reachable" in str(first.reason)
    assert (second.key, second.source) == (("q0", "fr"), "google")
    assert second.original.text == "Which animal is number 0?"


def test_a_version_that_is_given_is_asked_when_the_run_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch, (1, "fr"))
    before = {r.text for r in run.rows("responses")}
    assert ("q1", "fr") not in asked(run)
    assert correct(run, [(1, given())], "table") == 1
    assert not run.has("votes") and not run.has("pairs")
    assert run.status().state == "stopped"
    align_with(run, monkeypatch, until="compare")
    assert run.status().state == "done"
    assert {r.text for r in run.rows("responses") if (r.question_id, r.language) == ("q1", "fr")}
    assert before <= {r.text for r in run.rows("responses")}
    assert ("q1", "fr") in asked(run, "answers")
    assert run.rows("untranslated") == []
    made = next(q for q in run.rows("translations") if (q.id, q.language) == ("q1", "fr"))
    assert (made.text, made.source, made.split) == ("Quel animal ?", "human", "train")


def test_a_corrected_version_is_asked_anew_and_no_other(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch)
    marked = [replace(row, text=f"{row.text} (before)") for row in run.rows("responses")]
    run.write("responses", marked)
    correct(run, [(1, given())], "table")
    align_with(run, monkeypatch)
    new = {key for key in asked(run) for r in run.rows("responses")
           if (r.question_id, r.language) == key and "(before)" not in r.text}  # fmt: skip
    assert new == {("q1", "fr")}
    places = [(q.id, q.language) for q in run.rows("translations")]
    assert places[:3] == [("q0", "fr"), ("q0", "de"), ("q1", "fr")]


def test_what_is_as_it_was_or_empty_changes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch, (3, "de"))
    rows = [(n, row.row) for n, row in enumerate(translations_of(run))]
    assert correct(run, rows, "table") == 0
    assert run.has("pairs")


def test_later_runs_take_what_a_person_gave_before_any_translator(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch)
    correct(run, [(1, given())], "table")
    original = next(q for q in run.rows("questions") if q.id == "q1")
    cache = TranslationCache(home() / "translations.sqlite")
    made = translate_question(original, "fr", [Refusing((1, "fr"))], cache)  # type: ignore[list-item]
    assert (made.text, made.source) == ("Quel animal ?", "human")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (given("q99"), "no translation of question 'q99' into French"),
        (given(code="ja"), "no translation of question 'q1' into Japanese"),
        (given(code="en"), "no translation of question 'q1' into English"),
        (given(choices=["fourmi", "abeille"]), "2 choices, but the question has 4"),
        (given(choices=["a", "a", "b", "c"]), "'choices'"),
        (given(choices=["a", "", "b", "c"]), "'choices'"),
        (given(text="x" * 3000), "'text'"),
        (given(text=["x"]), "'text'"),
        (given(choices="a|b|c|d"), "'choices'"),
    ],
)
def test_what_cannot_be_a_version_is_refused_with_its_row_and_nothing_is_changed(
    run: Run, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any], problem: str
) -> None:
    align_with(run, monkeypatch)
    with pytest.raises(CalmError) as caught:
        correct(run, [(1, given("q0")), (7, row)], "the table")
    assert "the table, row 7" in str(caught.value) and problem in str(caught.value)
    assert run.has("pairs")
    assert {q.source for q in run.rows("translations")} == {"google"}


def test_nothing_is_corrected_once_training_has_begun(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    align_with(run, monkeypatch)
    make_adapter(run.adapter)
    with pytest.raises(CalmError, match="has begun"):
        correct(run, [(1, given())], "table")


@pytest.mark.parametrize("name", ["table.csv", "table.jsonl"])
def test_translations_go_to_a_file_and_come_back_corrected(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    align_with(run, monkeypatch, (3, "de"))
    file = tmp_path / name
    assert main(["translations", run.name, "--export", str(file)]) == 0
    sheet = read_sheet(file)
    assert not sheet.problems and len(sheet.rows) == 2 * (TRAIN + HELD_OUT)
    text = file.read_text(encoding="utf-8-sig").replace("fr: Which animal is number 2?", "Quoi ?")
    file.write_text(text, encoding="utf-8")
    assert main(["translations", run.name, "--import", str(file)]) == 0
    assert "1 translations corrected" in capsys.readouterr().out
    made = {(q.id, q.language): q for q in run.rows("translations")}
    assert (made["q2", "fr"].text, made["q2", "fr"].source) == ("Quoi ?", "human")
    assert made["q2", "fr"].choices == tuple(f"fr: {choice}" for choice in CHOICES)
    assert main(["translations", run.name]) == 0
    assert "1 of 14 translations left out" in capsys.readouterr().out
