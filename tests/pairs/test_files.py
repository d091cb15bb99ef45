"""Pairs that other programs wrote are read; a row that is none is left out and told."""

import json
from pathlib import Path
from typing import Any

import pytest

from calm.errors import CalmError
from calm.pairs.files import MAX_LINE, MAX_TEXT, Rejected, raw_rows
from calm.pairs.forms import rewritten
from tests.pair_makers import read_pairs

ASKED, YES, NO = "Which animal barks?", "Answer: A. dog", "Answer: B. cat"
GOOD = {"prompt": ASKED, "chosen": YES, "rejected": NO}


def said(role: str, text: str, keys: tuple[str, str] = ("role", "content")) -> dict[str, str]:
    return dict(zip(keys, (role, text), strict=True))


SHARE_GPT = ("from", "value")
FORMS: dict[str, dict[str, Any]] = {
    "TRL": GOOD,
    "TRL, conversational": {
        "prompt": [said("user", ASKED)],
        "chosen": [said("assistant", YES)],
        "rejected": [said("assistant", NO)],
    },
    "TRL, conversational, the prompt in both sides": {
        "chosen": [said("user", ASKED), said("assistant", YES)],
        "rejected": [said("user", ASKED), said("assistant", NO)],
    },
    "LLaMA-Factory, without input": {"instruction": ASKED, "input": "", **GOOD},
    "LLaMA-Factory, ShareGPT": {
        "conversations": [said("human", ASKED, SHARE_GPT)],
        "chosen": said("gpt", YES, SHARE_GPT),
        "rejected": said("gpt", NO, SHARE_GPT),
    },
    "LLaMA-Factory, OpenAI": {
        "messages": [said("user", ASKED)],
        "chosen": said("assistant", YES),
        "rejected": said("assistant", NO),
    },
}
FORMS["LLaMA-Factory, without input"].pop("prompt")


def parts(text: str, name: str = "text") -> list[dict[str, str]]:
    return [{"type": "text", name: text[:5]}, {"type": "text", name: text[5:]}]


FORMS |= {
    "TRL, conversational, parts": {
        "prompt": [{"role": "user", "content": parts(ASKED)}],
        "chosen": [{"role": "assistant", "content": parts(YES)}],
        "rejected": [{"role": "assistant", "content": parts(NO)}],
    },
    "UltraFeedback": {
        "prompt": ASKED,
        "chosen": [said("user", ASKED), said("assistant", YES)],
        "rejected": [said("user", ASKED), said("assistant", NO)],
        "messages": [said("user", ASKED), said("assistant", YES)],
    },
    "LLaMA-Factory, version 1": {
        "chosen_messages": [
            {"role": "user", "content": parts(ASKED, "value"), "loss_weight": 0.0},
            {"role": "assistant", "content": parts(YES, "value"), "loss_weight": 1.0},
        ],
        "rejected_messages": [
            {"role": "user", "content": parts(ASKED, "value"), "loss_weight": 0.0},
            {"role": "assistant", "content": parts(NO, "value"), "loss_weight": 1.0},
        ],
    },
    "HH-RLHF": {
        "chosen": f"\n\nHuman: {ASKED}\n\nAssistant: {YES}",
        "rejected": f"\n\nHuman: {ASKED}\n\nAssistant: {NO}",
    },
    "Orca": {"system": "", "question": ASKED, "chosen": YES, "rejected": NO},
    "Argilla": {"instruction": ASKED, "chosen_response": YES, "rejected_response": NO},
}


def written(folder: Path, rows: list[Any], name: str = "pairs.jsonl") -> Path:
    path = folder / name
    if name.endswith(".json"):
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    else:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.json"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: str, name: str, tmp_path: Path) -> None:
    (pair,), rejected = read_pairs(written(tmp_path, [FORMS[form]], name))
    assert (pair.prompt, pair.chosen, pair.rejected, pair.language) == (ASKED, YES, NO, "en")
    assert rejected == []


def test_instruction_and_input_are_asked_one_after_the_other(tmp_path: Path) -> None:
    row = {"instruction": "Think.", "input": ASKED, "chosen": YES, "rejected": NO}
    ((pair,), _) = read_pairs(written(tmp_path, [row]))
    assert pair.prompt == f"Think.\n{ASKED}"


@pytest.mark.parametrize(
    ("name", "code"), [("DPO_cn.json", "zh"), ("DPO_de.json", "de"), ("dpo_de.fixed.jsonl", "de")]
)
def test_the_files_name_tells_the_language(name: str, code: str, tmp_path: Path) -> None:
    ((pair,), _) = read_pairs(written(tmp_path, [GOOD], name))
    assert (pair.language, pair.chosen_language) == (code, code)


def test_a_row_tells_more_of_itself_where_it_can(tmp_path: Path) -> None:
    told = {"question_id": 7, "language": "fr", "chosen_language": "en", "source": "gold"}
    ((pair,), _) = read_pairs(written(tmp_path, [GOOD | told]))
    assert (pair.question_id, pair.language, pair.chosen_language) == ("7", "fr", "en")
    assert pair.source == "gold"


def test_rows_with_one_prompt_are_one_question(tmp_path: Path) -> None:
    rows = [GOOD, GOOD | {"rejected": "Answer: C"}, GOOD | {"prompt": "Which animal meows, then?"}]
    pairs, _ = read_pairs(written(tmp_path, rows))
    assert [pair.question_id for pair in pairs] == ["pairs-0001", "pairs-0001", "pairs-0002"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"prompt": "a", "chosen":', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"prompt": ' + "9" * 5000 + "}", "not JSON"),
        ("7", "wrong type"),
        ({"prompt": ASKED, "chosen": YES}, "missing field"),
        ({"chosen": YES, "rejected": NO}, "missing field"),
        (GOOD | {"rejected": None}, "missing field"),
        (GOOD | {"chosen": 3}, "wrong type"),
        (GOOD | {"prompt": [said("user", ASKED), 3]}, "wrong type"),
        (GOOD | {"chosen": {"role": "assistant"}}, "wrong type"),
        (GOOD | {"chosen": "a" * (MAX_TEXT + 1)}, "too long"),
        ('{"prompt": "' + "a" * MAX_LINE + '"}', "too long"),
        (GOOD | {"chosen": "bell \x07"}, "control characters"),
        (GOOD | {"prompt": "half \ud83d"}, "control characters"),
        (GOOD | {"language": "tlh"}, "unknown language"),
        (GOOD | {"language": ["de"]}, "unknown language"),
    ],
)
def test_a_row_that_is_no_pair_is_left_out_and_told(row: Any, reason: str, tmp_path: Path) -> None:
    pairs, rejected = read_pairs(written(tmp_path, [GOOD, row, GOOD]))
    assert len(pairs) == 2
    assert [(r.row, r.reason) for r in rejected] == [(2, reason)]
    assert len(rejected[0].detail) < 300


def test_blank_lines_and_a_byte_order_mark_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n\r\n")
    assert [len(found) for found in read_pairs(path)] == [1, 0]


@pytest.mark.parametrize("text", [None, "[{", "[" * 100_000], ids=["missing", "broken", "deep"])
def test_a_file_that_cannot_be_read_is_told(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CalmError, match=r"pairs\.json"):
        read_pairs(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_row_is_rewritten_in_its_own_form_with_all_its_columns(form: str, tmp_path: Path) -> None:
    row = FORMS[form] | {"note": [1, 2]}
    new = rewritten(row, "yes", "no", str.upper)
    ((pair,), _) = read_pairs(written(tmp_path, [new]))
    assert (pair.prompt, pair.chosen, pair.rejected) == (ASKED.upper(), "yes", "no")
    assert list(new) == list(row)


def test_the_authors_pairs_are_all_read(real_data: Path) -> None:
    counts = {}
    for path in sorted((real_data / "xcsqa" / "dpo").glob("DPO_*.json")):
        pairs, rejected = read_pairs(path)
        assert rejected == []
        counts[pairs[0].language] = len(pairs)
    assert counts == {"zh": 913, "de": 739, "en": 140, "fr": 611, "it": 693, "ja": 920}


def test_what_was_said_before_is_asked_too(tmp_path: Path) -> None:
    row = {"system": "Be brief.", "instruction": ASKED, "history": [["Hi.", "Hello."]]}
    ((pair,), _) = read_pairs(written(tmp_path, [row | {"chosen": YES, "rejected": NO}]))
    assert pair.prompt == f"Be brief.\n\nHi.\n\nHello.\n\n{ASKED}"


def test_a_prompt_that_is_less_than_the_sides_repeat_gives_way_to_it(tmp_path: Path) -> None:
    before = [said("system", "Be brief."), said("user", ASKED)]
    row = {"prompt": ASKED, "chosen": [*before, said("assistant", YES)]}
    ((pair,), _) = read_pairs(
        written(tmp_path, [row | {"rejected": [*before, said("assistant", NO)]}])
    )
    assert pair.prompt == f"Be brief.\n\n{ASKED}"


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (
            {"prompt": ASKED, "completion": YES, "label": True},
            "'completion' and 'label' tell that these are rows of KTO: "
            "there is no 'chosen' and no 'rejected'",
        ),
        ({"text": "a"}, "there is no 'chosen' and no 'rejected' among 'text'"),
        (
            {"chosen_messages": [said("user", "Hi")]},
            "there is no 'rejected_messages' among 'chosen_messages'",
        ),
        (
            {"system": "", "chosen": YES, "rejected": NO},
            "there is no 'prompt', no 'question' and no 'instruction' "
            "among 'system', 'chosen', 'rejected'",
        ),
    ],
)
def test_a_form_that_is_not_read_is_named_with_what_it_lacks(
    row: dict[str, Any], detail: str, tmp_path: Path
) -> None:
    (_, (rejected,)) = read_pairs(written(tmp_path, [row]))
    assert rejected.detail == detail


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        ('{"prompt": "a"}'.encode("utf-16"), "UTF-16"),
        ('{"prompt": "a"}'.encode("utf-16-le"), "UTF-16"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04", "ZIP"),
        (b"prompt,chosen,rejected\na,b,c\n", "CSV"),
        (b"\xef\xbb\xbfprompt;chosen;rejected\na;b;c\n", "CSV"),
        (b"prompt\tchosen\trejected\na\tb\tc\n", "TSV"),
        (b'{\n  "data": [\n    {"prompt": "a"}\n  ]\n}\n', "one JSON object"),
    ],
)
def test_a_file_of_a_kind_that_is_not_read_is_named(
    begin: bytes, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(begin)
    with pytest.raises(CalmError, match=rf"is {kind}, which is not read"):
        read_pairs(path)


@pytest.mark.parametrize(
    ("given", "code"), [("pt-BR", "pt"), ("zh_Hans_CN", "zh"), ("German", "de"), ("日本語", "ja")]
)
def test_a_language_may_be_given_by_its_name_or_with_a_region(
    given: str, code: str, tmp_path: Path
) -> None:
    ((pair,), _) = read_pairs(written(tmp_path, [GOOD | {"language": given}]))
    assert pair.language == code


def test_numbers_alone_tell_no_language_and_are_held_to_be_english(tmp_path: Path) -> None:
    row = {"prompt": "2+2=", "chosen": "4", "rejected": "5"}
    ((pair,), _) = read_pairs(written(tmp_path, [row]))
    assert pair.language == "en"


def test_letters_of_no_language_of_the_table_are_told(tmp_path: Path) -> None:
    row = {"prompt": "ภูเขาที่สูงที่สุดคืออะไร", "chosen": "เอเวอเรสต์", "rejected": "ดอยอินทนนท์"}
    (_, (rejected,)) = read_pairs(written(tmp_path, [row]))
    assert rejected.reason == "unknown language"


def test_lines_are_read_one_at_a_time(tmp_path: Path) -> None:
    rows = raw_rows(written(tmp_path, [GOOD, "broken"]))
    assert next(rows) == (1, GOOD)
    assert isinstance(next(rows)[1], Rejected)
