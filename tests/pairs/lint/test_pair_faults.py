"""Rows as real files hold them: what is wrong with each is told, and nothing else is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.pairs.files import Rejected, numbered_pairs
from calm.pairs.lint.findings import Linted
from calm.pairs.lint.fix import fixed, write_fixed_file
from calm.pairs.lint.pair_rules import pair_findings
from calm.pairs.lint.report import linted_file
from calm.pairs.lint.side import asked
from tests.pair_makers import read_pairs

GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "pairs.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['kind']}: {case['why']}")
def test_what_is_wrong_is_told_and_nothing_else(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in case["rows"]), encoding="utf-8")
    rows = list(numbered_pairs(path))
    items = [
        Linted("rows.jsonl", number, pair, asked(pair.prompt, pair.language))
        for number, pair in rows
        if not isinstance(pair, Rejected)
    ]
    told = {finding.rule for finding in pair_findings(items)}
    assert sorted(told) == case["found"]
    assert [row.reason for _, row in rows if isinstance(row, Rejected)] == case["left_out"]
    if "languages" in case:
        assert [item.pair.language for item in items] == case["languages"]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['kind']}: {case['why']}")
def test_what_can_be_mended_is_found_no_more_in_the_mended_file(
    case: dict[str, Any], tmp_path: Path
) -> None:
    path, output = tmp_path / "rows.jsonl", tmp_path / "mended.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in case["rows"]), encoding="utf-8")
    if len(case["rows"]) == len(case["left_out"]):
        return
    mended = fixed(linted_file(path)[0]).items
    write_fixed_file(path, mended, output)
    pairs, rejected = read_pairs(output)
    assert rejected == []
    read = [(pair.prompt, pair.chosen, pair.rejected) for pair in pairs]
    assert read == [(i.pair.prompt, i.pair.chosen, i.pair.rejected) for i in mended]
    again = [replace(i, pair=pair) for i, pair in zip(mended, pairs, strict=True)]
    assert [finding.message for finding in pair_findings(again) if finding.fixable] == []
