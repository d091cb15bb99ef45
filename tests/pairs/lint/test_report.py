"""The set as a whole is checked, and what is found is told briefly."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.pairs.files import Rejected
from calm.pairs.lint.findings import Finding, Linted, remedy_of
from calm.pairs.lint.fix import fixed
from calm.pairs.lint.report import (
    LintReport,
    as_json,
    as_text,
    left_out_text,
    lint,
    linted,
    linted_file,
)
from calm.pairs.lint.side import parse_side
from calm.records import Question
from tests.pair_makers import clean_set, good, item, prompt, side

LANGUAGES = {"zh", "de", "en", "fr", "it", "ja"}


def about_set(
    items: list[Linted], groups: dict[str, dict[str, Question]] | None = None
) -> set[str]:
    return {f.rule for f in lint(items, groups).findings if f.pair is None}


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_found_in_a_clean_set(seed: int) -> None:
    report = lint(clean_set(("en", "de", "fr", "ja", "ar"), 60, seed))
    assert report.findings == ()
    assert report.pairs == 300


def test_nothing_is_found_in_no_pairs() -> None:
    assert lint([]) == LintReport(0, {}, (), ())


@pytest.mark.parametrize(("german", "told"), [(60, False), (41, False), (30, True)])
def test_a_language_with_far_fewer_pairs_is_told(german: int, told: bool) -> None:
    items = [*clean_set(("en",), 60), *clean_set(("de",), german)]
    assert ("unbalanced-languages" in about_set(items)) == told


def lettered(shares: tuple[int, int, int]) -> list[Linted]:
    """Sixty or so questions, so many of which have A, B and C as what is chosen."""
    pairs = []
    for answer, count in enumerate(shares):
        for number in range(count):
            identity = f"{answer}-{number}"
            pair = replace(good("en"), question_id=identity, prompt=prompt("en", identity))
            no = (answer + 1 + number % 2) % 3
            bodies = f"It is heard at {identity} o'clock.", f"It sleeps until {identity} o'clock."
            sides = side("en", answer, bodies[number % 2]), side("en", no, bodies[1 - number % 2])
            pairs.append(replace(pair, chosen=sides[0], rejected=sides[1]))
    return linted(pairs, {})


@pytest.mark.parametrize(
    ("shares", "told"), [((20, 20, 20), False), ((24, 18, 18), False), ((40, 10, 10), True)]
)
def test_a_letter_that_is_chosen_too_often_is_told(
    shares: tuple[int, int, int], told: bool
) -> None:
    assert ("unbalanced-positions" in about_set(lettered(shares))) == told


def test_a_question_with_many_pairs_counts_once_for_its_letter() -> None:
    items = lettered((20, 20, 20))
    first = [i for i in items if i.pair.question_id == "0-0"]
    assert "unbalanced-positions" not in about_set([*items, *first * 60])


def questions(topics: dict[str, int], split: str = "train") -> dict[str, dict[str, Question]]:
    names = [f"{topic}-{n}" for topic, count in topics.items() for n in range(count)]
    return {
        name: {"en": Question(name, "en", name, ("a", "b"), 0, name.split("-")[0], split)}  # type: ignore[arg-type]
        for name in names
    }


@pytest.mark.parametrize(
    ("pairs", "told"), [({"sea": 30, "sky": 30}, False), ({"sea": 55, "sky": 5}, True)]
)
def test_a_topic_with_more_pairs_than_its_share_is_told(pairs: dict[str, int], told: bool) -> None:
    items = clean_set(("en",), 60)
    names = list(questions(pairs))
    items = [
        replace(i, pair=replace(i.pair, question_id=name))
        for i, name in zip(items, names, strict=True)
    ]
    assert ("unbalanced-topics" in about_set(items, questions({"sea": 60, "sky": 60}))) == told


@pytest.mark.parametrize(
    ("held_out", "told"),
    [
        (Question("dogs", "en", "Other?", ("a", "b"), split="held-out"), True),
        (Question("other", "en", "which animal barks", ("a", "b"), split="held-out"), True),
        (Question("other", "de", "which animal barks", ("a", "b"), split="held-out"), False),
        (Question("other", "en", "Which animal meows?", ("a", "b"), split="held-out"), False),
        (Question("other", "en", "which animal barks", ("a", "b"), split="train"), False),
    ],
)
def test_a_question_in_both_splits_is_told(held_out: Question, told: bool) -> None:
    trained = Question("dogs", "en", "Which animal barks?", ("a", "b"))
    groups = {"dogs": {"en": trained}}
    groups = {**groups, held_out.id: {held_out.language: held_out}}
    assert ("question-in-both-splits" in about_set([item(good("en"))], groups)) == told


@pytest.mark.parametrize(("name", "told"), [("test.jsonl", True), ("more.jsonl", False)])
def test_files_that_are_held_out_by_name_share_no_question_with_others(
    name: str, told: bool, tmp_path: Path
) -> None:
    from calm.runs.folder import to_json

    items = []
    for file in ("train.jsonl", name):
        pair = replace(good("en"), question_id=file)
        (tmp_path / file).write_text(to_json(pair) + "\n", encoding="utf-8")
        items += linted_file(tmp_path / file)[0]
    assert ("question-in-both-splits" in about_set(items)) == told


def test_a_file_without_any_pair_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n{}\nbroken\n")
    with pytest.raises(CalmError, match=r"2 missing field, 1 not JSON"):
        linted_file(tmp_path / "a.jsonl")


def test_the_summary_shows_few_examples_of_each_rule() -> None:
    pair = replace(good("de"), prompt="Frage:" + prompt("de"))
    items = linted([replace(pair, question_id=str(n)) for n in range(1000)], {})
    lines = list(as_text(lint(items)))
    assert len(lines) < 30
    assert "warning: doubled-label: 1000 (de 1000)" in lines
    assert f"  {remedy_of('doubled-label')}" in lines


def test_the_summary_of_a_good_set_says_so() -> None:
    assert list(as_text(lint([item(good("en"))]))) == ["1 pairs: en 1", "nothing found"]


def test_the_data_of_a_report_has_its_findings_and_its_surface() -> None:
    pair = replace(good("de"), prompt="Frage:" + prompt("de"))
    data = as_json(lint([item(pair), *clean_set(("de",), 60)]))
    assert data["pairs"] == 61
    (finding,) = data["findings"]
    assert finding["rule"] == "doubled-label"
    assert (finding["pair"], finding["question_id"], finding["fixable"]) == (0, "dogs", True)
    assert set(data["surface"]["de"]) >= {"accuracy", "low", "high", "baseline", "features"}


def test_rows_that_were_left_out_are_counted_by_reason() -> None:
    rows = [Rejected(3, "not JSON", "x"), Rejected(5, "not JSON", "y")]
    assert list(left_out_text("a.jsonl", rows)) == [
        "a.jsonl: 2 rows left out: not JSON (first: row 3, x)"
    ]


AWKWARD = (
    *("_", " ", "\n", "Answer: ", "Answer:\n", "**", "A. ant\n", "Question: x\n", "#", "答"),
    *("\\n", " \\n ", "&amp;", "<code>", "$", "`", '("', "<p>", "\nHuman: "),
)


SAYS_NOTHING = {" ", "\n", "Answer: ", "Answer:\n", "\\n"}
"""A side of nothing else has no text left, and its pair is left out."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("piece", AWKWARD)
def test_a_side_of_a_quarter_megabyte_is_checked_and_mended_in_seconds(piece: str) -> None:
    long = replace(good("en"), chosen=piece * (250_000 // len(piece)))
    assert lint([item(long)]).pairs == 1
    kept = [mended.pair.rejected for mended in fixed([item(long)]).items]
    assert kept == ([] if piece in SAYS_NOTHING else [good("en").rejected])


@pytest.fixture(scope="module")
def authors(real_data: Path) -> tuple[list[Linted], LintReport]:
    """The authors' pairs and what is found in them."""
    folder = real_data / "xcsqa" / "dpo"
    items = [i for path in sorted(folder.glob("DPO_*.json")) for i in linted_file(path)[0]]
    return items, lint(items)


Authors = tuple[list[Linted], LintReport]


def of_rule(authors: Authors, rule: str) -> list[Finding]:
    return [finding for finding in authors[1].findings if finding.rule == rule]


def test_the_authors_german_label_leak_is_seen(authors: Authors) -> None:
    (german,) = [f for f in of_rule(authors, "told-apart-by-surface") if f.language == "de"]
    assert "“Erklärung” on 100% of the chosen, “Erläuterung” on 99% of the rejected" in (
        str(german.message)
    )


def test_the_authors_sides_are_told_apart_by_form_in_every_language(authors: Authors) -> None:
    assert {s.language for s in authors[1].surfaces if s.low > 0.98} == {*LANGUAGES, "all"}


def test_the_authors_doubled_prompt_labels_are_seen(authors: Authors) -> None:
    doubled = [f for f in of_rule(authors, "doubled-label") if "Frage:Frage:" in str(f.message)]
    assert Counter(finding.language for finding in doubled) == {"de": 739}


def test_the_authors_label_junk_is_seen(authors: Authors) -> None:
    junk = Counter(
        finding.language
        for finding in of_rule(authors, "label-junk")
        if "chosen: “Answer: " in str(finding.message)
    )
    assert junk == {"ja": 198, "de": 131, "it": 97}


def test_the_authors_imbalance_is_seen(authors: Authors) -> None:
    (languages,) = of_rule(authors, "unbalanced-languages")
    assert "ja has 920 pairs and en 140" in str(languages.message)
    assert "all" in {finding.language for finding in of_rule(authors, "unbalanced-positions")}


@pytest.mark.slow
def test_mending_the_authors_pairs_changes_no_answer_and_mends_the_form(authors: Authors) -> None:
    items, report = authors
    mended = fixed(items)
    assert len(mended.items) == len(items)
    for before, after in zip(items, mended.items, strict=True):
        for name in ("chosen", "rejected"):
            old, new = (getattr(i.pair, name) for i in (before, after))
            stated = [parse_side(text, before.question).answer for text in (old, new)]
            assert stated[0] == stated[1], (before.place, name)
    again = lint(mended.items)
    found = Counter(finding.rule for finding in again.findings)
    assert (found["doubled-label"], found["label-junk"]) == (0, 0)
    after = {s.language: s.accuracy for s in again.surfaces}
    assert max(after.values()) < 0.75 < min(s.accuracy for s in report.surfaces)
