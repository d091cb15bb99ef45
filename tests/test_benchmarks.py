"""The benchmarks' tables say what the numbers say."""

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import bmlama, floor, growth
from benchmarks.rounds import ratio, shown
from benchmarks.workload import free_prompt, gold_pairs, training_questions
from calm.questions.sets import by_id, check_questions


def row(name: str, seconds: list[float], done: int = 100, failure: str = "") -> dict[str, Any]:
    rounds = [
        {"done": done, "seconds": s, "details": {}, "peak_gb": 1.5, "load": 0.1} for s in seconds
    ]
    return {"name": name, "title": name, "rounds": rounds, "failure": failure}


def test_a_ratio_is_of_medians_with_the_range_over_rounds() -> None:
    assert ratio(row("ours", [10, 20, 30]), row("peer", [8, 8, 8], 10)) == "4.0x (2.7 to 8.0)"


def test_a_contender_that_failed_is_named_with_its_reason() -> None:
    rows = [row("ours", [10]), row("peer", [], failure="No module named 'peer'")]
    table = shown({"unit": "pairs", "rows": rows})
    assert "| ours (100) | 10.00 (10.00 to 10.00) |" in table
    assert "| peer | No module named 'peer' |" in table


def test_the_trunk_and_the_head_have_the_size_of_the_model() -> None:
    assert pytest.approx(268e6, rel=0.01) == floor.TRUNK + floor.HEAD


def test_the_pairs_are_three_a_prompt_and_prefer_the_right_answer() -> None:
    pairs = gold_pairs(24)
    assert len({pair.prompt for pair in pairs}) == 8
    assert all(pair.chosen != pair.rejected for pair in pairs)
    assert len(set(pairs)) == 24


def test_no_contender_is_held_to_the_choices() -> None:
    (first, *others) = [free_prompt(q) for q in training_questions(2)]
    assert len(others) == 11
    assert first.choices == ()
    assert 0 < first.shared < len(first.text)


def test_the_plots_of_growth_are_well_formed() -> None:
    points = [{"x": 1, "seconds": 2.0, "gb": 1.0}, {"x": 10, "seconds": 20.0, "gb": 1.0}]
    axes = dict.fromkeys(("questions", "languages", "samples", "prompt length"), points)
    svg = ET.fromstring(growth.picture({"axes": axes}))
    assert len(svg.findall("{http://www.w3.org/2000/svg}g")) == 5


@pytest.mark.parametrize("relation", ["", "The capital of "])
def test_facts_of_bmlama_are_parallel_and_keep_their_parts_apart(
    real_data: Path, relation: str
) -> None:
    questions = bmlama.facts(real_data / "bmlama17", relation)
    groups = by_id(questions)
    assert check_questions(questions) == []
    assert 300 < len(groups) <= bmlama.MOST_FACTS
    assert all(set(versions) == set(bmlama.LANGUAGES) for versions in groups.values())
    assert all(v["en"].text.startswith(relation) and "___" in v["ja"].text for v in groups.values())
    held_out = [v for v in groups.values() if v["en"].split == "held-out"]
    assert len(held_out) == pytest.approx(len(groups) / 3, rel=0.1)
    assert bmlama.facts(real_data / "bmlama17", relation) == questions


def test_the_right_candidate_stays_right_among_four(real_data: Path) -> None:
    rows = (real_data / "bmlama17" / "fr.tsv").read_text(encoding="utf-8").split("\n")
    of_file = {tuple(row.replace("<mask>", "___").split("\t")[:2]) for row in rows}
    french = [q for q in bmlama.facts(real_data / "bmlama17") if q.language == "fr"]
    assert all(q.gold is not None and (q.text, q.choices[q.gold]) in of_file for q in french)
    assert Counter(q.gold for q in french).keys() == {0, 1, 2, 3}
