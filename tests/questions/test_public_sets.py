"""Public sets by name and in folders; what is left out of them is counted, said and never leaks."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.questions import public_load
from calm.questions.public_files import wording
from calm.questions.public_load import Loaded, load_public, rewordings_of, split_by_hash
from calm.questions.public_rows import READERS
from calm.questions.public_sets import (
    OF_HUB,
    SETS,
    described,
    full_set_name,
    is_public,
    named_set,
    set_called,
)
from calm.questions.sets import by_id, load_questions
from tests.questions.hub_sets import FACTS, asked, global_mmlu, write_klar, xcsqa


def test_every_set_has_a_licence_a_source_and_languages_that_there_are() -> None:
    for name, made in SETS.items():
        assert made.name == name
        assert made.licence and made.source.startswith("https://")
        assert set(made.configs) <= set(LANGUAGES)
        assert made.hub or made.files
        assert name in READERS or made.files
        assert described(made)[2].startswith("  licence: ")


@pytest.mark.parametrize(
    ("name", "harness", "code", "task"),
    [
        ("belebele", "lm-eval", "ja", "belebele_jpn_Jpan"),
        ("mmmlu", "lm-eval", "zh", "mmmlu_zh_cn"),
        ("global-mmlu-lite", "lm-eval", "ko", "global_mmlu_ko"),
        ("include", "lm-eval", "de", "include_base_44_german"),
        ("include", "lighteval", "de", ""),
        ("medqa", "lm-eval", "en", "medqa_4options"),
        ("medqa", "lm-eval", "zh", ""),
        ("xcsqa", "lighteval", "ja", "xcsqa_jpn_cf"),
        ("xcsqa", "lm-eval", "ja", ""),
        ("mmmlu", "lighteval", "pt", "openai_mmlu_por_cf:SUBJECT"),
        ("klar", "lm-eval", "en", ""),
    ],
)
def test_a_set_says_what_harnesses_call_it(name: str, harness: str, code: str, task: str) -> None:
    assert SETS[name].task(harness, code) == task


@pytest.mark.parametrize(
    ("name", "title", "part", "folder", "revision"),
    [
        ("belebele", "Belebele", "", None, ""),
        ("belebele@7899cdf", "Belebele", "", None, "7899cdf"),
        ("global-mmlu-lite:agnostic", "Global-MMLU-Lite CA", "agnostic", None, ""),
        ("global-mmlu-lite@main:sensitive", "Global-MMLU-Lite CS", "sensitive", None, "main"),
        ("klar:a/b c", "KLAR", "", Path("a/b c"), ""),
        (r"klar:C:\sets\klar", "KLAR", "", Path(r"C:\sets\klar"), ""),
        ("xcsqa:there", "X-CSQA", "", Path("there"), ""),
    ],
)
def test_a_name_has_a_set_and_a_part_or_a_folder(
    name: str, title: str, part: str, folder: Path | None, revision: str
) -> None:
    named = named_set(name)
    assert named is not None and is_public(name)
    assert (named.title, named.part, named.folder, named.revision) == (
        title,
        part,
        folder,
        revision,
    )


@pytest.mark.parametrize("name", ["built-in", "own.csv", "./klar", "KLAR", "klarx:there", "", "@1"])
def test_other_names_are_no_public_set(name: str) -> None:
    assert named_set(name) is None and not is_public(name)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("belebele:easy", "has no part 'easy' and is not read from a folder"),
        ("global-mmlu-lite:xx", "global-mmlu-lite:agnostic"),
        ("bmlama17", "bmlama17:FOLDER"),
        ("klar:nowhere", "no files of the set klar"),
        ("bmlama17:nowhere", "no files of the set bmlama17"),
        ("medqa:nowhere", "no files of the set medqa"),
        ("xcsqa:nowhere", "has no files x_csqa_<language>_test.json"),
    ],
)
def test_a_name_that_stands_for_nothing_is_told(name: str, problem: str) -> None:
    with pytest.raises(CalmError, match=problem):
        load_questions(name, ("en",))


def test_a_set_s_folder_stays_on_this_machine(tmp_path: Path) -> None:
    assert set_called(f"klar:{tmp_path}/mine") == "klar:mine"
    assert set_called("global-mmlu-lite:agnostic") == "global-mmlu-lite:agnostic"
    assert set_called(str(tmp_path)) == str(tmp_path)
    assert full_set_name("klar:~").partition(":")[2].startswith("/")
    assert full_set_name("belebele") == "belebele"


def test_agnostic_questions_are_of_no_culture_and_sensitive_ones_are() -> None:
    assert OF_HUB["global-mmlu-lite"].culture == "in part"
    assert OF_HUB["global-mmlu-lite:agnostic"].culture == "no"
    assert OF_HUB["global-mmlu-lite:sensitive"].culture == "yes"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("What is <subject>'s capital? The answer is: <mask>", "What is Rome's capital?"),
        ("Name it: <subject>. The answer is: <mask>.", "Name it: Rome."),
        ("<subject>の首都はどこですか？答えは：<mask>", "Romeの首都はどこですか？"),
        ("Кто владеет <subject> Ответ: <mask>", "Кто владеет Rome"),
        ("أين عاصمة <subject>؟ الجواب هو: <mask>", "أين عاصمة Rome؟"),
        ("Is <subject> of <subject>? Yes: <mask>", "Is Rome of Rome?"),
    ],
)
def test_a_wording_asks_without_its_gap(template: str, text: str) -> None:
    assert wording(template, "Rome") == text


@pytest.mark.parametrize("template", ["Where is it? <mask>", "Where is <subject>?", "", "<mask>"])
def test_a_template_without_subject_or_gap_is_none(template: str) -> None:
    with pytest.raises(ValueError):
        wording(template, "Rome")


def test_candidates_are_the_same_in_each_language_whatever_its_file_lists(tmp_path: Path) -> None:
    write_klar(tmp_path)
    groups = by_id(load_questions(f"klar:{tmp_path}", ("en", "es")))
    assert len(groups) == len(FACTS)
    names = {fact[1]: fact[3] for fact in FACTS}
    for versions in groups.values():
        english, spanish = versions["en"], versions["es"]
        assert tuple(names[word] for word in english.choices) == spanish.choices
        assert english.gold == spanish.gold
    first = groups["klar-0"]["en"]
    assert first.text == "What is France's capital?"
    assert first.choices[first.gold or 0] == "Paris"
    assert first.topic == "capital"


def test_the_other_wordings_of_a_fact_are_kept_aside(tmp_path: Path) -> None:
    write_klar(tmp_path)
    wordings = rewordings_of(f"klar:{tmp_path}", ("en", "es"))
    assert wordings["klar-0"] == {
        "en": ("Name the capital of France.",),
        "es": ("Capital de Francia",),
    }
    built_in = rewordings_of("built-in", ("en", "de", "xx"))
    assert built_in and all(set(texts) == {"en", "de"} for texts in built_in.values())
    assert rewordings_of(str(tmp_path / "own.csv"), ("en",)) == {}


def test_facts_that_are_not_right_are_left_out_and_counted(tmp_path: Path) -> None:
    write_klar(tmp_path)
    file = tmp_path / "es" / "capital.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    samples = found["samples"]
    samples[0]["object_en"] = "Lyon"  # not what the English file says
    del samples[1]["subject"]
    samples += [{"object": "Quito", "object_en": "Quito", "index": 99}, 7, None]
    file.write_text(json.dumps(found), encoding="utf-8")
    loaded = load_public(f"klar:{tmp_path}", ("en", "es"))
    counts = {row.reason: row.count for row in loaded.left_out}
    # Without Paris in Spanish no fact can be asked with the candidates of English.
    assert counts["alignment"] >= 2
    assert not [q for q in loaded.questions if q.language == "es" and q.id in ("klar-0", "klar-1")]
    assert any("versions left out that do not ask the same" in str(said) for said in loaded.said)


@pytest.mark.parametrize("content", ["{", "[1, 2]", "[" * 9999, "null"])
def test_a_broken_file_of_facts_is_told_or_empty(content: str, tmp_path: Path) -> None:
    write_klar(tmp_path)
    (tmp_path / "es" / "capital.json").write_text(content)
    try:
        loaded = load_public(f"klar:{tmp_path}", ("en", "es"))
    except CalmError as error:
        assert "capital.json" in str(error)
    else:
        assert {question.language for question in loaded.questions} == {"en"}


def of_rows(
    rows: Sequence[Any], monkeypatch: pytest.MonkeyPatch, languages: Any = ("en",)
) -> Loaded:
    """Return what is made of rows in the layout of Global-MMLU-Lite, the same in each language."""
    monkeypatch.setattr("calm.models.hub.set_revision", lambda *given: "")
    monkeypatch.setattr("calm.models.hub.load_hub_rows", lambda name, config, *more: rows)
    public_load._loaded.cache_clear()
    return load_public("global-mmlu-lite", languages)


@pytest.mark.parametrize(
    "wrong",
    [
        {"option_b": None},
        {"option_b": " "},
        {"option_b": 7},
        {"option_b": "iron"},
        {"answer": "E"},
        {"answer": "AB"},
        {"answer": None},
        {"answer": 4},
        {"answer": True},
        {"answer": -1},
        {"question": ""},
        {"question": ["Which?"]},
        {"question": "x" * 2001},
        {"question": "Which\u202e metal?"},
    ],
    ids=repr,
)
def test_a_row_that_is_no_question_is_left_out_and_counted(
    wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [dict(row) for row in global_mmlu("en")]
    rows[3] |= wrong
    loaded = of_rows(rows, monkeypatch)
    assert len(loaded.questions) == len(rows) - 1
    assert [(row.reason, row.count) for row in loaded.left_out] == [("row", 1)]
    assert "1 row left out without a whole question" in str(loaded.said[1])


@pytest.mark.parametrize("answer", ["B", "b", " B ", 1])
def test_the_right_option_is_a_letter_or_a_number(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = of_rows([{**row, "answer": answer} for row in global_mmlu("en")], monkeypatch)
    assert {question.gold for question in loaded.questions} == {1}


@pytest.mark.parametrize("rows", [[None], [{}], [7], [{"sample_id": "x"}]])
def test_rows_of_another_layout_are_no_questions(
    rows: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = of_rows(rows, monkeypatch)
    assert (loaded.questions, loaded.left_out[0].count) == ((), 1)


def test_a_language_that_says_another_answer_is_right_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = {code: [dict(row) for row in global_mmlu(code)] for code in ("en", "de", "zh")}
    rows["de"][5]["answer"] = "C"
    monkeypatch.setattr("calm.models.hub.set_revision", lambda *given: "")
    monkeypatch.setattr("calm.models.hub.load_hub_rows", lambda name, config, *more: rows[config])
    public_load._loaded.cache_clear()
    loaded = load_public("global-mmlu-lite", ("en", "de", "zh"))
    identity = "global-mmlu-chemistry/test/5"
    assert set(by_id(loaded.questions)[identity]) == {"en", "zh"}
    assert [(row.reason, row.example) for row in loaded.left_out] == [("alignment", identity)]


def test_a_question_that_repeats_a_held_out_one_is_not_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [dict(row) for row in global_mmlu("en")]
    splits = {n: split_by_hash(f"global-mmlu-{row['sample_id']}") for n, row in enumerate(rows)}
    train = next(n for n, split in splits.items() if split == "train")
    held_out = next(n for n, split in splits.items() if split == "held-out")
    rows[train]["question"] = rows[held_out]["question"].replace("Which", "which")
    loaded = of_rows(rows, monkeypatch)
    assert [(row.reason, row.count) for row in loaded.left_out] == [("repeated", 1)]
    assert f"global-mmlu-chemistry/test/{train}" not in by_id(loaded.questions)


def test_a_version_that_is_not_in_its_language_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = of_rows(list(global_mmlu("en")), monkeypatch, ("en", "zh"))
    assert {question.language for question in loaded.questions} == {"en"}
    assert {row.reason for row in loaded.left_out} == {"text"}


def test_questions_whose_right_answer_nobody_says_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked_for = []

    def rows(name: str, config: str, *more: str) -> Any:
        asked_for.append(config)
        return [
            {**row, "answerKey": key}
            for row, key in zip(xcsqa("ja")[:3], ("B", "", "Z"), strict=True)
        ]

    monkeypatch.setattr("calm.models.hub.set_revision", lambda *given: "")
    monkeypatch.setattr("calm.models.hub.load_hub_rows", rows)
    public_load._loaded.cache_clear()
    read = load_questions("xcsqa", ("ja",))
    assert asked_for == ["X-CSQA-jap"]
    assert [(q.language, q.gold) for q in read] == [("ja", 1), ("ja", None), ("ja", None)]


def test_a_third_is_held_out_and_always_the_same() -> None:
    splits = Counter(split_by_hash(f"question {number}") for number in range(3000))
    assert abs(splits["held-out"] - 1000) < 100
    assert [split_by_hash(asked("en", number)) for number in range(4)] == [
        split_by_hash(asked("en", number)) for number in range(4)
    ]
    assert split_by_hash("a") == "train" and split_by_hash("f") == "held-out"


KLAR_LANGUAGES = ("en", "zh", "es", "fr", "ja", "nl", "ru", "ar", "vi", "ko", "tr")


def test_the_facts_of_klar_are_parallel_in_eleven_languages(real_data: Path) -> None:
    loaded = load_public(f"klar:{real_data / 'klar'}", KLAR_LANGUAGES)
    groups = by_id(loaded.questions)
    assert len(groups) > 1600
    assert sum(len(versions) == 11 for versions in groups.values()) > 1600
    assert Counter(len(v["en"].choices) for v in groups.values())[10] > 1400
    for versions in groups.values():
        english = versions["en"]
        assert len({(q.gold, len(q.choices), q.split, q.topic) for q in versions.values()}) == 1
        assert "<" not in english.text and not english.text.endswith(":")
    wordings = rewordings_of(f"klar:{real_data / 'klar'}", KLAR_LANGUAGES)
    assert set(wordings) == set(groups)
    assert Counter(len(v["en"]) for v in wordings.values()) == {4: len(groups)}


def test_a_capital_and_what_it_is_the_capital_of_are_in_one_split(real_data: Path) -> None:
    loaded = load_public(f"klar:{real_data / 'klar'}", KLAR_LANGUAGES)
    splits = {question.id: question.split for question in loaded.questions}
    pairs = defaultdict(set)
    for relation in ("capital", "capital_of"):
        file = real_data / "klar" / "en" / f"{relation}.json"
        for row in json.loads(file.read_text(encoding="utf-8"))["samples"]:
            pair = frozenset((row["subject"], row["object"]))
            pairs[pair] |= {splits.get(f"klar-{row['index']}")} - {None}
    assert sum(map(len, pairs.values())) > 100
    assert all(len(found) <= 1 for found in pairs.values())


def test_the_facts_of_bmlama_have_the_candidates_of_english(real_data: Path) -> None:
    groups = by_id(load_questions(f"bmlama17:{real_data / 'bmlama17'}", ("en", "es")))
    assert len(groups) > 6000
    istanbul = groups["bmlama-0000"]
    names = dict(zip(istanbul["en"].choices, istanbul["es"].choices, strict=True))
    assert (names["Vienna"], names["London"], names["Geneva"]) == ("Viena", "Londres", "Ginebra")
    assert istanbul["en"].choices[istanbul["en"].gold or 0] == "Madrid"


def test_the_medical_questions_of_the_paper_are_read_by_position(real_data: Path) -> None:
    loaded = load_public(f"medqa:{real_data / 'medqa'}", ("en", "zh"))
    groups = by_id(loaded.questions)
    both = [versions for versions in groups.values() if len(versions) == 2]
    assert len(groups) > 290 and len(both) > 60
    assert {row.reason for row in loaded.left_out} == {"row"}
    assert groups["medqa-test-0002"]["zh"].choices[3] == "DNA 交联"
    assert all(len({q.gold for q in versions.values()}) == 1 for versions in both)


def test_x_csqa_of_a_folder_is_read_by_the_set_s_name_too(real_data: Path) -> None:
    folder = real_data / "xcsqa" / "test"
    assert load_questions(f"xcsqa:{folder}", ("en", "zh")) == load_questions(
        str(folder), ("en", "zh")
    )
