"""A folder of X-CSQA files is read as one set in several languages, or refused in words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from calm.errors import CalmError
from calm.questions.sets import by_id, load_questions
from calm.records import Question

XCSQA_ROW = {"input": "Question: Where?\nA. here\nB. there\nC. here\nAnswer:", "output": "B"}


def test_a_folder_of_x_csqa_files_is_read(tmp_path: Path) -> None:
    for name in ("x_csqa_en_test.json", "x_csqa_cn_test.json"):
        (tmp_path / name).write_text(json.dumps([XCSQA_ROW]), encoding="utf-8")
    sampled = {"input": "Where?\nA. here\nB. there", "output": "A", "pred": []}
    (tmp_path / "x_csqa_en_train_sampled.json").write_text(json.dumps([sampled]))
    rows = load_questions(str(tmp_path), ("en", "zh"))
    choices = ("here", "there", "here")
    assert rows == [
        Question("xcsqa-held-out-0001", "zh", "Where?", choices, 1, "", "held-out"),
        Question("xcsqa-held-out-0001", "en", "Where?", choices, 1, "", "held-out"),
        Question("xcsqa-train-0001", "en", "Where?", ("here", "there"), 0, "", "train"),
    ]


@pytest.mark.parametrize(
    ("file", "rows", "problem"),
    [
        ("x_csqa_en_test.json", [{"input": "Where?"}], "held-out-0001 in en: field 'input'"),
        ("x_csqa_en_test.json", [{}], "field 'input' is not a question"),
        ("x_csqa_xx_test.json", [XCSQA_ROW], "no language 'xx' in the language table"),
        ("other.json", [XCSQA_ROW], "has no files x_csqa_<language>_test.json"),
    ],
)
def test_a_folder_that_is_not_right_is_refused(
    file: str, rows: list[Any], problem: str, tmp_path: Path
) -> None:
    (tmp_path / file).write_text(json.dumps(rows))
    with pytest.raises(CalmError, match=problem):
        load_questions(str(tmp_path), ("en",))


XCSQA_LANGUAGES = ("en", "zh", "fr", "de", "it", "ja")


@pytest.mark.parametrize(("folder", "count"), [("test", 100), ("samples", 899)])
def test_the_papers_questions_are_read_in_six_languages(
    folder: str, count: int, real_data: Path
) -> None:
    groups = by_id(load_questions(str(real_data / "xcsqa" / folder), XCSQA_LANGUAGES))
    assert len(groups) == count
    for versions in groups.values():
        assert set(versions) == set(XCSQA_LANGUAGES)
        assert {len(question.choices) for question in versions.values()} == {5}
        assert len({question.gold for question in versions.values()}) == 1
        assert versions["en"].gold is not None
        assert not any(re.match("Question:|问题:|質問:", q.text) for q in versions.values())
