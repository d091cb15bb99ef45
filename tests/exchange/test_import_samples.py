"""A folder of sample files becomes a run; what is not taken is told, with where it stood."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from calm.answers.choice import extract
from calm.config import UNNAMED
from calm.errors import CalmError
from calm.exchange.import_samples import REPORT, STRAY_ROWS, import_responses, report_text
from calm.exchange.sample_files import MAX_RESPONSE
from calm.pipeline.align import align, redo, run_stage
from calm.pipeline.context import Context
from calm.pipeline.run_questions import groups_of
from calm.pipeline.stages import STAGES
from calm.runs.folder import open_run

ANIMALS = {
    "en": ("ant", "bee", "cow"),
    "fr": ("fourmi", "abeille", "vache"),
    "ja": ("アリ", "ハチ", "ウシ"),
    "cn": ("蚂蚁", "蜜蜂", "奶牛"),
}
pytestmark = pytest.mark.usefixtures("calm_home")


def row(code: str, number: int = 0, **fields: Any) -> dict[str, Any]:
    choices = "\n".join(f"{a}. {text}" for a, text in zip("ABC", ANIMALS[code], strict=True))
    return {
        "instruction": "Answer.",
        "input": f"{code} {number}?\n{choices}",
        "output": "B",
        "pred": ["Explanation: It flies.\n\nAnswer: B", "Answer: A"],
    } | fields


def rows(code: str, *changed: dict[str, Any]) -> list[Any]:
    """Three rows of a language, the first ones changed."""
    return [row(code, n, **(changed[n] if n < len(changed) else {})) for n in range(3)]


def folder(where: Path, **files: list[Any]) -> Path:
    made = where / "samples"
    made.mkdir()
    for code, content in files.items():
        text = json.dumps(content, ensure_ascii=True)
        (made / f"x_csqa_{code}_train_sampled.json").write_text(text, encoding="utf-8")
    return made


def reasons(report: dict[str, Any], kind: str = "left_out") -> dict[str, int]:
    return {found["reason"]: found["count"] for found in report[kind]}


def test_a_folder_becomes_a_run_of_training_questions_and_responses(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en"), fr=rows("fr"), cn=rows("cn"))
    run, report = import_responses(made, "new", "llama")
    assert run.config.languages == ("en", "zh", "fr")
    assert (run.config.imported, run.config.model) == (True, "llama")
    assert run.config.sampling.num_samples == 2
    questions = run.rows("questions")
    assert [(q.id, q.language) for q in questions[:4]] == [
        ("xcsqa-train-0001", "en"),
        ("xcsqa-train-0001", "zh"),
        ("xcsqa-train-0001", "fr"),
        ("xcsqa-train-0002", "en"),
    ]
    assert {(q.split, q.gold) for q in questions} == {("train", 1)}
    assert questions[2].choices == ANIMALS["fr"]
    first, second, *_ = run.rows("responses")
    assert (first.text, first.choice_order) == ("Explanation: It flies.\n\nAnswer: B", (0, 1, 2))
    assert (first.model, first.sample_index, second.sample_index) == ("llama", 0, 1)
    assert run.rows("translations") == []
    assert report["languages"]["zh"] == {"questions": 3, "responses": 6}
    assert report["left_out"] == report["changed"] == []


def test_the_report_lies_in_the_run_and_is_told_to_people(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en", {"pred": "B"}), fr=rows("fr"))
    run, report = import_responses(made, "new")
    assert json.loads((run.folder / REPORT).read_text(encoding="utf-8")) == report
    assert report_text(report).splitlines() == [
        "English: 3 questions, 4 responses",
        "French: 3 questions, 6 responses",
        "left out: 1 questions whose `pred` is no list of responses "
        "(first x_csqa_en_train_sampled.json, row 1: 'B')",
    ]


@pytest.mark.parametrize(
    "asked",
    [
        "Frage: Wer?\nA. x\nB. y\nAnswer:\nAntwort:",
        "Frage:Frage: Wer?\n\nA. x\nB. y\n\nAntwort:\n",
        "Wer?\r\nA. x\r\nB. y",
        "質問: Wer?\nA) x\nB) y\n答え:",
    ],
)
def test_labels_around_a_question_are_no_part_of_it(asked: str, tmp_path: Path) -> None:
    made = folder(tmp_path, de=[row("en", input=asked)], fr=[row("en", input=asked)])
    (question, _) = import_responses(made, "new")[0].rows("questions")
    assert (question.text, question.choices) == ("Wer?", ("x", "y"))


def test_a_question_that_only_looks_labelled_keeps_its_words(tmp_path: Path) -> None:
    asked = row("en", input="In 1990: who won?\nA. x\nB. y")
    run, _ = import_responses(folder(tmp_path, en=[asked], fr=[asked]), "new")
    assert run.rows("questions")[0].text == "In 1990: who won?"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"input": None}, "rows without a question"),
        ({"input": "A question without choices?"}, "rows without choices A. B. C. in their order"),
        ({"input": "?\nA. x\nC. y\nD. z"}, "rows without choices A. B. C. in their order"),
        ({"input": "?\nA. x\nB. y\nD. z"}, "rows without choices A. B. C. in their order"),
        ({"input": "?\nA. x\nB. \nC. z"}, "rows whose question cannot be used"),
        ({"input": "\nA. x\nB. y\nC. z"}, "rows whose question cannot be used"),
        ({"input": "?" * 30_000 + "\nA. x\nB. y\nC. z"}, "rows whose question is too long"),
        ({"input": "?\nA. x\nB. y"}, "questions whose number of choices differs"),
        ({"output": "C"}, "questions whose gold answer differs"),
        ({"pred": None}, "questions whose `pred` is no list of responses"),
        ({"pred": {"0": "B"}}, "questions whose `pred` is no list of responses"),
        ({"pred": ["Answer: B", 7]}, "responses that are no text"),
        ({"pred": ["B"] * 65}, "responses behind the first 64"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_counted(
    changed: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    made = folder(tmp_path, en=rows("en"), fr=rows("fr", {}, changed))
    run, report = import_responses(made, "new")
    assert reasons(report) == {reason: 1}
    (example,) = report["left_out"][0]["examples"]
    assert (example["file"][:9], example["row"]) == (
        ("x_csqa_en" if "differs" in reason else "x_csqa_fr"),
        2,
    )
    left = {(q.id[-1], q.language) for q in run.rows("questions")}
    assert left >= {(n, code) for n in "13" for code in ("en", "fr")}
    assert (("2", "en") in left) == ("differs" not in reason)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"output": "F"}, "gold answers that are no choice"),
        ({"output": 7}, "gold answers that are no choice"),
        ({"output": "Explanation"}, "gold answers that are no choice"),
        ({"input": "?\nA. x\nB. y\nC. z\nNote it."}, "questions with text behind the choices"),
        ({"input": "?\x07\nA. x\nB. y\nC. z"}, "questions with control characters, removed"),
        ({"pred": ["Answer: B\x1b[2J\u202e"]}, "responses with control characters, removed"),
        ({"pred": ["Answer: B \ud83d"]}, "responses with characters that could not be decoded"),
        ({"pred": ["B" * 1_000_000]}, f"responses cut off after {MAX_RESPONSE} characters"),
    ],
)
def test_what_is_changed_is_counted_and_the_rest_kept(
    changed: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    run, report = import_responses(folder(tmp_path, en=rows("en"), fr=rows("fr", changed)), "new")
    assert report["left_out"] == []
    ((found, count),) = reasons(report, "changed").items()
    assert (found.startswith(reason), count) == (True, 1)
    assert len(run.rows("questions")) == 6
    assert {q.gold for q in run.rows("questions")} == {1}
    assert max(len(r.text) for r in run.rows("responses")) <= MAX_RESPONSE


def test_markup_is_kept_as_the_text_it_is(tmp_path: Path) -> None:
    text = "<script>alert(1)</script><img src=x onerror=y> </div> Answer: B"
    made = folder(tmp_path, en=rows("en", {"pred": [text, ""]}), fr=rows("fr"))
    run, report = import_responses(made, "new")
    assert [r.text for r in run.rows("responses")[:2]] == [text, ""]
    assert report["changed"] == []


def test_a_question_without_a_gold_answer_is_no_problem(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en", {"output": ""}), fr=rows("fr", {"output": None}))
    run, report = import_responses(made, "new")
    assert [q.gold for q in run.rows("questions")] == [None, None, 1, 1, 1, 1]
    assert report["changed"] == []


def test_a_broken_line_is_left_out_and_the_others_keep_their_places(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en"))
    lines = [json.dumps(r) for r in rows("fr")]
    lines[1] = lines[1][:40]
    (made / "x_csqa_fr_train_sampled.jsonl").write_text("\n".join([*lines, "", "[1]"]))
    run, report = import_responses(made, "new")
    assert reasons(report) == {"rows that are not JSON": 1, "rows without a question": 1}
    assert [q.id[-1] for q in run.rows("questions") if q.language == "fr"] == ["1", "3"]
    assert [q.id[-1] for q in run.rows("questions") if q.language == "en"] == ["1", "2", "3"]


@pytest.mark.parametrize("broken", ["{]", '{"input": "', "[" * 100_000, "]]"])
def test_what_stands_before_the_break_of_a_broken_list_is_kept(broken: str, tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en"))
    text = json.dumps(rows("fr")[:2])[:-1] + f", {broken}"
    (made / "x_csqa_fr_train_sampled.json").write_text(text.replace(", ]]", "] ]"))
    run, report = import_responses(made, "new")
    ((reason, count),) = reasons(report).items()
    assert ("JSON" in reason or "behind their list" in reason, count) == (True, 1)
    assert [q.id[-1] for q in run.rows("questions") if q.language == "fr"] == ["1", "2"]
    assert [q.id[-1] for q in run.rows("questions") if q.language == "en"] == ["1", "2", "3"]


def test_questions_that_not_every_file_has_are_left_out(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en"), fr=rows("fr")[:2], ja=rows("ja"))
    run, report = import_responses(made, "new")
    assert reasons(report) == {"questions that not every file has": 1}
    assert {q.id[-1] for q in run.rows("questions")} == {"1", "2"}


def many(code: str, golds: str) -> list[Any]:
    return [row(code, n, output=gold) for n, gold in enumerate(golds)]


def test_a_file_that_is_out_of_step_is_left_out_whole(tmp_path: Path) -> None:
    golds = "ABCABCCBA" * 5
    shifted = golds[1:] + "A"
    made = folder(tmp_path, en=many("en", golds), fr=many("fr", golds), ja=many("ja", shifted))
    run, report = import_responses(made, "new")
    assert run.config.languages == ("en", "fr")
    assert len(run.rows("questions")) == 2 * len(golds)
    ((reason, count),) = reasons(report).items()
    assert (reason.startswith("files out of step"), count) == (True, 1)


def test_two_files_out_of_step_are_refused(tmp_path: Path) -> None:
    golds = "ABC" * STRAY_ROWS
    made = folder(tmp_path, en=many("en", golds), fr=many("fr", golds[1:] + "A"))
    with pytest.raises(CalmError, match="not parallel"):
        import_responses(made, "new")


def test_files_of_no_use_are_named(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en"), fr=rows("fr"), tlh=rows("en"))
    (made / "notes.json").write_text("{}")
    (made / "x_csqa_en_train_sampled.jsonl").write_text("")
    run, report = import_responses(made, "new")
    assert run.config.languages == ("en", "fr")
    assert {found["examples"][0]["file"] for found in report["left_out"]} == {
        "notes.json",
        "x_csqa_tlh_train_sampled.json",
        "x_csqa_en_train_sampled.jsonl",
    }


def test_parts_of_a_language_are_read_one_after_the_other(tmp_path: Path) -> None:
    made = folder(tmp_path)
    for part in ("1", "2"):
        for code in ("en", "fr"):
            path = made / f"x_csqa_{code}_train{part}_sampled.json"
            path.write_text(json.dumps(rows(code)))
    run, report = import_responses(made, "new")
    assert len(run.rows("questions")) == 12
    assert run.rows("questions")[-1].id == "xcsqa-train2-0003"
    assert report["languages"]["en"] == {"questions": 6, "responses": 12}


@pytest.mark.parametrize(
    "files", [{}, {"en": rows("en")}, {"en": rows("en"), "xx": rows("en")}, {"en": [], "fr": []}]
)
def test_without_two_languages_there_is_no_run(
    files: dict[str, list[Any]], tmp_path: Path, calm_home: Path
) -> None:
    with pytest.raises(CalmError, match="no two languages"):
        import_responses(folder(tmp_path, **files), "new")
    assert not (calm_home / "runs" / "new").exists()


def test_a_run_is_not_imported_over(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en"), fr=rows("fr"))
    import_responses(made, "new")
    with pytest.raises(CalmError, match="already"):
        import_responses(made, "new")


def test_a_folder_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(CalmError, match="no folder"):
        import_responses(tmp_path / "nothing", "new")


def imported(tmp_path: Path, model: str = "llama") -> Context:
    wrong = {"pred": ["It walks. Answer: A", "It flies. Answer: B"]}
    made = folder(tmp_path, en=rows("en", wrong, wrong), fr=rows("fr", wrong, wrong))
    return Context(import_responses(made, "new", model)[0])


def test_what_an_imported_run_came_with_is_done(tmp_path: Path) -> None:
    run = imported(tmp_path).run
    assert [STAGES[name].is_done(run) for name in ("questions", "translate", "sample")] == [
        True
    ] * 3


def test_pairs_of_an_imported_run_ask_plainly_with_the_letters_that_were_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preds = {"en": ["It flies. Answer: B"] * 2, "ja": ["飛ぶ。答え:B", "歩く。答え:A"]}
    made = folder(tmp_path, **{c: [row(c, pred=p)] for c, p in preds.items()})
    context = Context(import_responses(made, "new")[0])
    monkeypatch.setattr(Context, "model", lambda self: pytest.fail("a model is loaded"))
    for stage in ("extract", "vote", "pairs"):
        run_stage(stage, context)
    (pair,) = context.run.rows("pairs")
    assert pair.prompt.endswith("問題：ja 0?\n選択肢：\nA. アリ\nB. ハチ\nC. ウシ")
    assert (pair.chosen, pair.rejected) == (
        "解説：飛ぶ。\n答え：B. ハチ",
        "解説：歩く。\n答え：A. アリ",
    )


def test_an_imported_run_cannot_be_aligned_in_one_go_and_says_what_can_be_called(
    tmp_path: Path,
) -> None:
    with pytest.raises(CalmError, match="no held-out questions"):
        align(imported(tmp_path))


def test_an_imported_run_is_not_evaluated_without_held_out_questions(tmp_path: Path) -> None:
    context = imported(tmp_path)
    context.run.adapter.mkdir()
    with pytest.raises(CalmError, match="nothing to measure with"):
        run_stage("evaluate", context)


def test_responses_of_an_unnamed_model_are_not_trained_on(tmp_path: Path) -> None:
    context = imported(tmp_path, UNNAMED)
    for name in ("answers", "votes", "pairs"):
        context.run.write(name, [])
    with pytest.raises(CalmError, match="--model NAME"):
        run_stage("train", context)


@pytest.mark.parametrize("stage", ["questions", "translate", "sample"])
def test_what_was_imported_cannot_be_done_again(stage: str, tmp_path: Path) -> None:
    run = imported(tmp_path).run
    with pytest.raises(CalmError, match="were imported"):
        redo(stage, run)
    assert len(open_run("new").rows("responses")) == 12


def test_a_control_sequence_is_not_shown_to_a_terminal(tmp_path: Path) -> None:
    made = folder(tmp_path, en=rows("en", {"pred": "\x1b[2J\u202e"}), fr=rows("fr"))
    shown = report_text(import_responses(made, "new")[1])
    assert shown.replace("\n", "").isprintable()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    made = folder(tmp_path)
    text = "word " * 2_000
    for code in ("en", "fr"):
        with (made / f"x_csqa_{code}_train_sampled.json").open("w") as stream:
            for n in range(2_000):
                stream.write("[" if n == 0 else ",")
                json.dump(row(code, n, pred=[text]), stream)
            stream.write("]")
    tracemalloc.start()
    import_responses(made, "new")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 << 20 < 2_000 * len(text)


def test_the_authors_samples_are_all_read(real_data: Path) -> None:
    run, report = import_responses(real_data / "xcsqa" / "samples", "llama")
    assert set(run.config.languages) == {"en", "zh", "de", "fr", "it", "ja"}
    assert all(n == {"questions": 899, "responses": 2697} for n in report["languages"].values())
    assert report["left_out"] == []
    assert sum(found["count"] for found in report["changed"]) == 5
    answered = list(extract(run.rows("responses"), groups_of(run)))
    assert sum(r.answer is not None for r in answered) >= 15_800
