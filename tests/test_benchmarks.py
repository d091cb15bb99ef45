"""The benchmarks' tables say what the numbers say."""

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import (
    bmlama,
    first_use,
    floor,
    growth,
    machine,
    methods,
    presets,
    rounds,
    speed_page,
)
from benchmarks.rounds import Contender, Measured, computes_in, ratio, shown
from benchmarks.workload import free_prompt, gold_pairs, training_questions
from calm.questions.sets import by_id, check_questions


def row(name: str, seconds: list[float], done: int = 100, failure: str = "") -> dict[str, Any]:
    rounds = [
        {"done": done, "seconds": s, "details": {}, "peak_gb": 1.5, "load": 0.1} for s in seconds
    ]
    chosen = {"precision": "fp32", "trials": {}}
    return {"name": name, "title": name, "rounds": rounds, "failure": failure} | chosen


def test_a_ratio_is_of_medians_with_the_range_over_rounds() -> None:
    assert ratio(row("ours", [10, 20, 30]), row("peer", [8, 8, 8], 10)) == "4.0x (2.7 to 8.0)"


def test_the_first_use_is_told_by_its_median_with_what_was_lowest_and_highest() -> None:
    rounds = [dict.fromkeys(first_use.MEASURES, seconds) for seconds in (2.0, 9.0, 3.0)]
    lines = first_use.table({"rounds": rounds})
    assert lines[0].startswith("| first use, 3 rounds |")
    assert [line.partition("s | ")[2] for line in lines[2:]] == ["3.0 | 2.0 to 9.0 |"] * 9


def test_a_contender_that_failed_is_named_with_its_reason() -> None:
    rows = [row("ours", [10]), row("peer", [], failure="No module named 'peer'")]
    table = shown({"unit": "pairs", "rows": rows})
    assert "| ours (100) | fp32 | 10.00 (10.00 to 10.00) |" in table
    assert "| peer | | not measured: No module named 'peer' |" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_peer_takes_the_faster_precision_of_its_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    took = {"bf16": 8.0, "fp32": 2.0}
    asked = []

    def child(benchmark: str, contender: Contender, amount: int, precision: str) -> dict[str, Any]:
        asked.append((amount, precision))
        return {"done": amount, "seconds": took[precision], "details": {}, "peak_gb": 1.0}

    monkeypatch.setattr(rounds, "_child", child)
    peer = Contender("peer", "peer", lambda *_: Measured(1, 1.0), 9, "better", trial=3)
    (measured,) = list(rounds._rounds("sampling", [peer], 1, 1.0))
    assert asked == [(3, "bf16"), (3, "fp32"), (9, "fp32")]
    assert measured[0]["precision"] == "fp32"
    assert computes_in(measured[0]) == "fp32, bf16 0.25x"


@pytest.mark.parametrize(
    ("flags", "most", "expected"),
    [
        ("avx512_bf16 amx_bf16", "", "amx"),
        ("avx512_bf16 amx_bf16", "DEFAULT", "amx"),
        ("avx512_bf16 amx_bf16", "AVX512_CORE_AMX", "amx"),
        ("avx512_bf16 amx_bf16", "AVX512_CORE_FP16", "avx512_bf16"),
        ("avx512_bf16", "avx512_core_bf16", "avx512_bf16"),
        ("avx512_bf16 amx_bf16", "AVX512_CORE_VNNI", "no_bf16"),
        ("avx512_bf16 amx_bf16", "AVX512_CORE", "no_bf16"),
        ("avx2", "", "no_bf16"),
    ],
)
def test_what_is_forbidden_to_a_processor_tells_its_kind(
    monkeypatch: pytest.MonkeyPatch, flags: str, most: str, expected: str
) -> None:
    monkeypatch.setattr(machine, "_facts", lambda: {"flags": flags, "model name": "P"})
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", most)
    assert machine.kind() == expected
    assert ("forbidden" in machine.machine()) == (most not in ("", "DEFAULT"))


def test_the_page_has_a_part_for_every_kind_that_was_measured(tmp_path: Path) -> None:
    for kind, seconds in (("no_bf16", 10.0), ("amx", 5.0)):
        (tmp_path / kind).mkdir()
        rows = [row("ours", [seconds]), row("plain", [50.0], 10)]
        result = {"unit": "questions", "machine": f"M {kind}", "rows": rows}
        (tmp_path / kind / "scoring.json").write_text(json.dumps(result), encoding="utf-8")
    found = speed_page.read_results(tmp_path)
    assert list(found) == ["amx", "no_bf16"]
    goals = speed_page.by_kind(found, speed_page.goals)
    assert re.findall(r"### .* AMX|### .* without bf16|[0-9]+\.0x", goals) == [
        "### A processor with AMX",
        "100.0x",
        "### A processor without bf16",
        "50.0x",
    ]
    assert goals.count("| default alignment | from the click to the comparison | 10 min | not") == 2
    assert "Measured on M no_bf16." in speed_page.by_kind(found, speed_page.measured)


def test_the_floor_is_that_of_the_precision() -> None:
    counts = dict.fromkeys(("new_tokens", "steps"), 10)
    ours = row("ours", [1.0])
    ours["rounds"][0]["details"] = counts
    peaks = {"gemm_fp32": 100.0, "gemm_bf16": 1000.0, "read": 10.0}
    moved = 10 * (floor.TRUNK + floor.HEAD) + 2 * 10 * floor.VOCABULARY
    least = [moved * size / 1e9 / 10 for size in (4, 2)]
    told = [floor.floor_row("ask", ours | {"precision": p}, peaks) for p in ("fp32", "bf16")]
    assert [float(line.split("|")[4]) for line in told] == pytest.approx(least, rel=0.01)


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
    svg = ET.fromstring(growth.picture({"amx": axes, "no_bf16": axes}))
    assert len(svg.findall("{http://www.w3.org/2000/svg}g")) == 5 + 2, "plots, and the legend"
    assert len(svg.findall(".//{http://www.w3.org/2000/svg}polyline")) == 5 * 2


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


def test_presets_are_told_by_size_with_the_range_over_seeds_and_those_that_stopped() -> None:
    def result(seed: int, after: float, steps: int = 80) -> presets.Result:
        trained_on = 3 if steps else 1
        size = ("quick", 12, 8, seed, trained_on, 8, trained_on * 8, steps)
        return presets.Result(*size, 0.5, after, "2 cores")

    told = presets.table([result(0, 0.8), result(1, 0.9), result(2, 0.0, steps=0)])
    assert (
        "| quick | 12 | 8 | 3, 1 stopped untrained | 2 (1 to 3) of 8 | 24 | 80 | 0.50 "
        "| 0.85 (0.80 to 0.90) |"
    ) in told
    assert told.endswith("Measured on 2 cores.")


def test_methods_are_told_by_reading_with_what_they_harmed() -> None:
    changes = {
        "response": ["+1.0 (+0.5 to +1.5)", "+2.0", "+3.0", "+4.0", ""],
        "likelihood": ["+5.0", "+6.0", "+7.0", "+8.0", "+9.0"],
    }
    rows = [
        methods.Result("dpo", "rate 1", 1, 172, changes, "41%", [], 12.4, "2 cores"),
        methods.Result(
            "dco", "rate 2", 0, 172, changes, "-", ["free: length +0.53"], 9.6, "2 cores"
        ),
    ]
    told = methods.page(rows)
    assert "| `dco` | 0 | +1.0 (+0.5 to +1.5) | +2.0 | +3.0 | +4.0 | - | 10 |" in told
    assert "| `dpo` | 1 | +5.0 | +6.0 | +7.0 | +8.0 | +9.0 |" in told
    assert "- `dco`, seed 0: free: length +0.53\n- `dpo`, seed 1: nothing" in told
    assert told.count("Measured on 2 cores.") == 1 and told.index("`dco`") < told.index("`dpo`")
    header = next(line for line in told.splitlines() if line.startswith("| method"))
    assert "RankC" not in header, "greedy responses rank nothing"
