"""What a service gives is looked at before it is taken, in every language of the table."""

import json
from collections import Counter
from pathlib import Path

import pytest

from calm.languages.table import LANGUAGES
from calm.messages import message
from calm.questions.prompts import examples
from calm.questions.sets import by_id, load_questions
from calm.questions.translate import TranslationFailed, check_translation
from calm.questions.translated_text import Pair, tidied
from calm.questions.translation_checks import FAULTS, fault
from calm.records import Question

GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "translations.jsonl").open(encoding="utf-8")
]
BUILT_IN = by_id(load_questions("built-in", list(LANGUAGES)))


def outcome(row: dict[str, object]) -> str:
    try:
        check_translation(row["texts"], row["given"], row["from"], row["to"])  # type: ignore[arg-type]
    except TranslationFailed:
        return "refused"
    return "taken"


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in GOLDEN}))
def test_what_is_no_translation_is_refused_and_what_is_one_is_taken(kind: str) -> None:
    rows = [row for row in GOLDEN if row["kind"] == kind]
    assert [row for row in rows if outcome(row) != row["expected"]] == []


def test_the_golden_rows_are_of_every_language() -> None:
    of_language = Counter(row["to"] for row in GOLDEN)
    assert set(of_language) == set(LANGUAGES)
    assert min(of_language.values()) >= 20


@pytest.mark.parametrize("code", ["ar", "de", "es", "fr", "it", "ja", "zh"])
@pytest.mark.parametrize("original", ["en", "de"])
def test_no_version_that_people_reviewed_is_refused(original: str, code: str) -> None:
    refused = [
        (identity, reason)
        for identity, versions in BUILT_IN.items()
        if code != original
        and (reason := fault(texts(versions[original]), texts(versions[code]), original, code))
    ]
    assert refused == []


@pytest.mark.parametrize("original", LANGUAGES)
def test_no_worked_example_is_refused_as_a_translation_of_another(original: str) -> None:
    refused = [
        (code, reason)
        for code in LANGUAGES
        if code != original
        for one, other in zip(examples(original), examples(code), strict=True)
        if (reason := fault(texts(one), texts(other), original, code))
    ]
    assert refused == []


def texts(question: Question) -> tuple[str, ...]:
    return (question.text, *question.choices)


@pytest.mark.parametrize("original", ["en", "zh"])
def test_the_words_of_another_language_are_refused(original: str) -> None:
    """Every question, given in a language that was not asked for."""
    codes = ["ar", "de", "es", "fr", "it", "ja", "zh"]
    tried, taken = 0, []
    for number, (identity, versions) in enumerate(BUILT_IN.items()):
        asked, given = codes[number % 7], codes[(number + 1 + number // 7 % 6) % 7]
        if original in (asked, given):
            continue
        tried += 1
        if not fault(texts(versions[original]), texts(versions[given]), original, asked):
            taken.append((identity, asked, given))
    assert len(taken) <= tried // 100, taken


@pytest.mark.parametrize(
    ("given", "text", "tidy"),
    [
        ("\u202bأي معدن؟\u202c", "Which metal?", "أي معدن؟"),
        ("می\u200cخواهم", "I want", "می\u200cخواهم"),
        ("a\r\nb\u2028c\td", "a b c d", "a b c d"),
        ("«Quel gaz ?»", "Which gas?", "Quel gaz ?"),
        ("“Quel gaz ?”", "“Which gas?”", "“Quel gaz ?”"),
        ('"Ja" oder "Nein"', "yes or no", '"Ja" oder "Nein"'),
    ],
)
def test_marks_of_direction_line_breaks_and_added_quotes_go(
    given: str, text: str, tidy: str
) -> None:
    assert tidied(given, text) == tidy


@pytest.mark.parametrize(
    ("reason", "text", "given", "from_code", "to_code"),
    [
        ("it returned no words", "iron", "-", "en", "fr"),
        ("it returned a notice instead of a translation", "iron", "Erreur 429", "en", "fr"),
        ("it returned something that stands for a text", "iron", "NS", "en", "fr"),
        ("it added tags or entities", "iron", "fer&nbsp;", "en", "fr"),
        ("its letters are garbled", "helium", "hÃ©lium", "en", "fr"),
        ("it changed a place that is to be filled in", "I am {name}.", "Je suis.", "en", "fr"),
        ("it lost or added a blank", "It is ___.", "C'est.", "en", "fr"),
        ("it repeats itself", "olive", "olivo olivo olivo", "en", "it"),
        ("it left the text as it was", "What is water?", "What is water?", "en", "fr"),
        ("it added words about the translation", "iron", "French: fer", "en", "fr"),
        ("it is not in the language that was asked for", "iron", "鉄のやかん", "en", "zh"),
        ("it left a part as it was", "the sign of a king", "国王 the sign of", "en", "zh"),
        ("it changed or lost a number", "in 1989", "en 1998", "en", "fr"),
        ("it is broken off", "Which gas is it?", "Quel gaz est dans la", "en", "fr"),
        (
            "it is far longer than the text",
            "iron",
            "ce métal que nous avons tous vu",
            "en",
            "fr",
        ),
    ],
)
def test_every_reason_has_its_case(
    reason: str, text: str, given: str, from_code: str, to_code: str
) -> None:
    pair = Pair(text, given, from_code, to_code)
    found = next((name for name, holds in FAULTS.items() if holds(pair)), None)
    assert str(message(f"translation.{found}")) == reason
