"""What is said has a name, a wording in every language, and the form that its number asks for."""

import dataclasses
import json
import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.config import RunConfig
from calm.errors import AS_JSON, CalmError, from_line
from calm.messages import (
    CATALOGUES,
    CODE,
    ENGLISH,
    LANGUAGES,
    Entry,
    LanguageName,
    Message,
    catalogue,
    in_english,
    listed,
    locale,
    message,
    places,
    said_in,
)
from calm.pairs.lint.findings import RULES
from calm.pairs.lint.form import features
from calm.pairs.lint.side import parse_side
from calm.records import Question
from calm.runs.folder import create_run
from tests import said

OTHERS = LANGUAGES[1:]
ALL_SAID = [found for root in ("calm", "ui") for found in said.said_in(root)]


def texts(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def categories(code: str) -> set[str]:
    """Return the plural categories that whole numbers of a few digits have in a language."""
    return {locale(code).plural_form(number) for number in range(1001)}


def keys_of(found: said.Said) -> list[str]:
    return [key for key in catalogue(ENGLISH) if fnmatch(key, found.key)]


def in_every_language(key: str) -> list[Entry]:
    return [catalogue(code)[key] for code in LANGUAGES]


def test_there_is_one_catalogue_for_each_language() -> None:
    assert {file.stem for file in CATALOGUES.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("found", ALL_SAID, ids=lambda found: f"{found.where} {found.key}")
def test_what_is_said_has_its_wording_and_the_values_for_its_places(found: said.Said) -> None:
    assert keys_of(found), f"there is no message {found.key}"
    for key in keys_of(found):
        for entry in in_every_language(key):
            assert places(entry) == found.values, key


def test_every_wording_is_said_somewhere() -> None:
    used = {key for found in ALL_SAID for key in keys_of(found)}
    assert set(catalogue(ENGLISH)) == used


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_exists_in_each_language(code: str) -> None:
    assert set(catalogue(code)) == set(catalogue(ENGLISH))


@pytest.mark.parametrize("code", LANGUAGES)
def test_keys_are_sorted_and_none_stands_twice(code: str) -> None:
    text = (CATALOGUES / f"{code}.json").read_text("utf-8")
    keys = [key for key, value in json.loads(text, object_pairs_hook=list)]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_number_finds_every_form_that_the_language_has(code: str) -> None:
    for key, entry in catalogue(code).items():
        if isinstance(catalogue(ENGLISH)[key], str) or categories(code) == {"other"}:
            assert isinstance(entry, str), key
        else:
            assert isinstance(entry, Mapping)
            assert set(entry) == categories(code), key


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_says_what_is_filled_in(code: str) -> None:
    """The number that decides the form may be left out: it is in the words then."""
    for key, entry in catalogue(code).items():
        needed = places(catalogue(ENGLISH)[key]) - {"count"}
        for text in texts(entry):
            assert needed <= places(text) <= needed | {"count"}, key


THE_SAME = {"lint.side.prompt", "lint.feature.markdown"}
THE_SAME |= {f"stage.name.{stage}" for stage in ("questions", "vote")}
"""Messages whose English word is a word of other languages too."""


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_differs_from_the_english_and_is_not_empty(code: str) -> None:
    for key, entry in catalogue(code).items():
        english = catalogue(ENGLISH)[key]
        words = re.sub(r"\{[^}]*\}", "", texts(english)[0])
        assert all(map(str.strip, texts(entry)))
        if any(map(str.isalpha, words)) and key not in THE_SAME:
            assert set(texts(entry)).isdisjoint(texts(english)), key


@pytest.mark.parametrize("code", OTHERS)
def test_code_words_stay_as_they_are(code: str) -> None:
    for key, entry in catalogue(code).items():
        english = texts(catalogue(ENGLISH)[key])[0]
        for kept in [*re.findall(r"--[a-z-]+|\w+\.jsonl?\b", english), *_commands(english)]:
            assert all(kept in text for text in texts(entry)), key


def _commands(text: str) -> list[str]:
    return [found for found in CODE.findall(text) if found.startswith("`")]


def test_every_rule_of_the_lint_and_every_feature_has_its_words() -> None:
    question = Question("q", "en", "What do bees make?", ("honey", "milk"))
    known = {key for key in catalogue(ENGLISH) if key.startswith("lint.")}
    assert {f"lint.{what}.{rule}" for what in ("rule", "remedy") for rule in RULES} <= known
    form = features(parse_side("Answer: A. honey", question))
    assert {f"lint.feature.{name.replace(' ', '-')}" for name in form} == {
        key for key in known if key.startswith("lint.feature.")
    }


def test_a_problem_is_told_in_english_on_the_command_line() -> None:
    assert str(CalmError("run.exists", name=Path("a/b"))) == (
        "There is a run a/b already. Give this one another name."
    )


def test_an_unknown_message_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match=r"no message 'no\.such'"):
        CalmError("no.such")
    with pytest.raises(ValueError, match="other places"):
        CalmError("run.exists", folder="x")
    with pytest.raises(ValueError, match="needs a number"):
        message("status.pairs", count="many")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "لا أزواج"),
        (1, "زوج واحد"),
        (2, "زوجان"),
        (3, "\u20683\u2069 أزواج"),
        (11, "\u206811\u2069 زوجًا"),
        (100, "\u2068100\u2069 زوج"),
    ],
)
def test_arabic_has_six_forms(count: int, words: str) -> None:
    assert said_in("ar", message("status.pairs", count=count)) == words


@pytest.mark.parametrize(
    ("code", "count", "words"),
    [("en", 1, "1 pair"), ("en", 0, "0 pairs"), ("fr", 0, "0 paire"), ("ja", 1, "ペア1組")],
)
def test_each_language_has_its_own_rule_of_what_is_one(code: str, count: int, words: str) -> None:
    assert said_in(code, message("status.pairs", count=count)) == words


def test_a_value_may_be_a_message_and_lines_follow() -> None:
    inner = CalmError("field.missing", field="'text'")
    row = CalmError("file.in-row", file="mine.jsonl", row=3, problem=inner)
    both = CalmError("file.problems", row, message("list.more", count=7), file="mine", count=8)
    assert said_in("de", both).splitlines() == [
        "Probleme in mine, insgesamt 8:",
        "mine.jsonl, Zeile 3: Feld 'text' fehlt oder ist leer. Füllen Sie es aus.",
        "… und weitere: 7.",
    ]


def test_several_things_become_a_list_and_a_code_a_name() -> None:
    unknown = CalmError("language.unknown", code="'xx'", known=["en", "fr", "de"])
    assert "en, fr, de" in str(unknown)
    assert "en、fr、de" in said_in("zh", unknown)
    lacking = {"question": "'Q'", "language": LanguageName("sw"), "reasons": "no"}
    assert "Swahili" in str(CalmError("question.untranslated", **lacking))
    assert "スワヒリ語" in said_in("ja", CalmError("question.untranslated", **lacking))


def test_a_list_in_a_sentence_ends_as_the_language_has_it() -> None:
    assert listed("en", ["a", "b", "c"], is_sentence=True) == "a, b and c"
    assert listed("de", ["a", "b"], is_sentence=True) == "a und b"
    assert listed("fr", ["a"], is_sentence=True) == "a"
    assert listed("ar", []) == ""


def test_numbers_with_a_format_are_written_as_the_language_does() -> None:
    topic = message("lint.seen.topic", topic="sea", share=0.846, due=0.5)
    assert "85% of the pairs" in str(topic)
    assert "85\xa0% der Paare" in said_in("de", topic)


def test_in_a_text_from_the_right_commands_and_values_keep_their_direction() -> None:
    words = said_in("ar", CalmError("run.none", folder="/x", name="mine"))
    assert "\u2066`python -m calm runs`\u2069" in words
    assert "\u2068/x\u2069" in words


def test_in_a_text_from_the_right_a_negative_number_keeps_its_sign() -> None:
    words = said_in("ar", message("log.slight-agreement", value=-0.1, low=-0.2, high=0.05))
    assert words.count("\u2066-") == 2


def test_what_was_filled_in_is_no_template() -> None:
    assert "{0} {name}" in said_in("fr", CalmError("run.exists", name="{0} {name}"))


def test_a_message_comes_back_from_a_file_as_it_was() -> None:
    inner = message("field.missing", field="'text'")
    parts = {"file": "f", "row": 3, "problem": (inner, LanguageName("de"), 0.5)}
    before = message("file.in-row", message("list.more", count=2), **parts)
    data = json.loads(json.dumps(dataclasses.asdict(before)))
    assert Message.from_json(data) == before


def test_for_programs_a_record_has_its_messages_in_english() -> None:
    row = {"what": (message("status.pairs", count=2), LanguageName("de")), "n": 1}
    assert in_english(row) == {"what": ["2 pairs", "German"], "n": 1}


def test_the_status_of_a_run_keeps_its_message_and_an_old_one_its_sentence(calm_home: Path) -> None:
    run = create_run("mine", RunConfig())
    assert said_in("de", run.status().message) == "noch nicht begonnen"
    run.set_status("pairs", "running", message=message("status.pairs", count=3))
    assert said_in("es", run.status().message) == "3 pares"
    run.set_status("train", "failed", message="ValueError: no such thing")
    assert said_in("es", run.status().message) == "ValueError: no such thing"


@pytest.mark.parametrize(
    "written",
    [
        {"key": "no.such", "values": {}},
        {"key": "run.exists", "values": {}},
        {"key": "status.pairs", "values": {"count": "x"}},
        {"key": "run.exists", "values": {"name": {"key": 3}}},
        {"key": "run.exists", "values": {"name": {"key": "run.exists", "values": [1]}}},
    ],
)
def test_a_message_from_outside_that_is_none_is_a_problem(
    written: dict[str, object], calm_home: Path
) -> None:
    run = create_run("mine", RunConfig())
    run.set_status("train", "failed")
    file = run.folder / "status.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"message": written}))
    with pytest.raises(CalmError, match=r"status\.json.*Delete the file"):
        run.status()


def test_a_child_process_hands_its_problem_on_as_a_message(
    calm_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(AS_JSON, "1")
    assert main(["vote", "nowhere"]) == 2
    line = capsys.readouterr().err.strip().removeprefix("calm: ")
    assert said_in("de", from_line(line)).startswith("Den Lauf ")
    for other in ("Killed", "[1]", '{"key": "no.such"}', ""):
        assert from_line(other) == other
