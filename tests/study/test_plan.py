"""A plan is read or refused with the line of what is wrong."""

import json
from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.settings import SETTINGS, value_at
from calm.study.grid import arms_of, cells
from calm.study.plan import MOST_CHARACTERS, Plan, plan_of, read_plan
from tests.setting_makers import with_what_it_needs

WHOLE = """
name: methods
title: Which rule?
preset: quick
settings: {model: fake, languages: "en, fr, ja", columns: ""}
grid:
  rule: [plurality, dawid-skene]
  seed: [0, 1, 2]
until: vote
against: plurality
reading: likelihood
limits: {runs: 10, hours: 1.5}
"""


def plan(text: str) -> Plan:
    return plan_of(text, "given", "p.yaml", is_named=False)


def test_a_plan_says_what_is_tried() -> None:
    found = plan(WHOLE)
    assert (found.name, found.title, found.until) == ("methods", "Which rule?", "vote")
    assert (found.against, found.reading, found.most_hours) == ("plurality", "likelihood", 1.5)
    assert found.settings["languages"] == ("en", "fr", "ja")
    assert found.settings["max_train_questions"] == 24
    assert found.grid == {"rule": ("plurality", "dawid-skene"), "seed": (0, 1, 2)}
    assert plan_of(WHOLE, "other", "p.yaml").name == "other"


def test_every_combination_is_a_run_those_of_one_seed_together() -> None:
    found = cells(plan(WHOLE))
    assert [(cell.arms, cell.seed) for cell in found] == [
        ((rule,), seed) for seed in (0, 1, 2) for rule in ("plurality", "dawid-skene")
    ]
    assert {cell.config.sampling.seed for cell in found} == {0, 1, 2}
    assert len({cell.name for cell in found}) == 6


def test_equal_runs_are_done_once_and_belong_to_both_arms() -> None:
    text = "arms: {one: {beta: 0.1}, same: {}, other: {beta: 0.2}}\ngrid: {seed: [3]}"
    found = cells(plan(text))
    assert [cell.arms for cell in found] == [("one", "same"), ("other",)]
    assert found[0].config == RunConfig(
        train=found[0].config.train, sampling=found[0].config.sampling
    )


def test_arms_and_axes_make_names_that_tell_them_apart() -> None:
    text = (
        "arms: {two: {languages: [en, fr]}, three: {languages: [en, fr, de]}}\n"
        "grid: {translate_online: [true, false], num_samples: [4]}"
    )
    assert arms_of(cells(plan(text))) == [
        "two, translate_online on",
        "two, translate_online off",
        "three, translate_online on",
        "three, translate_online off",
    ]
    assert arms_of(cells(plan("grid: {languages: [[en, fr], [en, de]]}"))) == ["en+fr", "en+de"]


@pytest.mark.parametrize("name", SETTINGS)
def test_any_setting_can_be_tried(name: str) -> None:
    wanted = with_what_it_needs(name)
    value = wanted.pop(name)
    given = list(value) if isinstance(value, tuple) else value
    text = json.dumps({"settings": wanted, "grid": {name: [given]}})  # JSON is YAML, too
    (cell,) = cells(plan(text))
    shown = SETTINGS[name].shown(value_at(cell.config, SETTINGS[name].places[0]))
    assert shown == value


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("grid:\n  sed: [1]", 2, "no 'sed' here. Did you mean one of seed"),
        ("grid:\n  seed: 1", 2, "grid.seed needs a list"),
        ("grid:\n  seed: []", 2, "grid.seed needs a list"),
        ("grid:\n  seed:\n  - 1\n  - no", 4, "seed is False, but must be 0 … 4294967295"),
        ("grid:\n  beta: ['0.1']", 2, "beta is '0.1', but must be > 0"),
        ("grid:\n  temperature: [9]", 2, "temperature is 9"),
        ("grid:\n  rule: [best]", 2, "rule is best"),
        ("grid:\n  languages: [[en, no]]", 2, "languages is"),
        ("grid:\n  languages: [[en, xx]]", 2, "'xx'"),
        ("settings:\n  model: 3\ngrid: {seed: [1]}", 2, "model is 3"),
        ("arms:\n  a: {}\n  a: {}", 3, "'a' stands twice"),
        ("arms:\n  a: 3", 2, "arms.a needs names"),
        ("arms:\n  1: {}", 1, "arms is 1"),
        ("grid: {seed: [1]}\nuntil: never", 2, "until is 'never'"),
        ("grid: {seed: [1]}\nlimits:\n  runs: 0", 3, "limits.runs is 0"),
        ("grid: {seed: [1]}\nlimits:\n  hours: soon", 3, "limits.hours is 'soon'"),
        ("grid: {seed: [1]}\nname: a/b", 2, "name is 'a/b'"),
        ("grid: {seed: [1]}\nname: [a]", 2, "name is"),
        ("grid: {seed: [1]}\npreset: huge", 2, "huge"),
        ("plan: {}", 1, "no 'plan' here"),
        ("grid: [seed", 1, "cannot be read as YAML"),
        ("grid: &a {seed: [1]}\narms: *a", 1, "& and * are not read"),
        ("a: !!python/object/apply:os.system ['true']", 1, "could not determine a constructor"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(CalmError) as refused:
        plan(text)
    assert f"p.yaml, line {line}" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no plan"),
        ("- a", "is no plan"),
        ("settings: {seed: 1}", "nothing to try"),
        ("x" * (MOST_CHARACTERS + 1), "more than"),
        ("[" * 5000, "cannot be read as YAML"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, said: str) -> None:
    with pytest.raises(CalmError, match=said):
        plan(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grid: {seed: [1, 2, 3]}\nlimits: {runs: 2}", "3 runs, and at most 2"),
        ("grid: {seed: [1]}\nagainst: dpo", "`against` is 'dpo'"),
        ("grid: {anchor: [fr]}", "In the arm 'given': anchor is fr"),
        ("arms: {a: {rule: anchor, anchor: ko}}", "In the arm 'a'"),
    ],
)
def test_runs_that_cannot_be_are_refused_before_any_is_made(text: str, said: str) -> None:
    with pytest.raises(CalmError, match=said):
        cells(plan(text))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    with pytest.raises(CalmError, match="cannot be read"):
        read_plan(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CalmError, match="cannot be read"):
        read_plan(file)
    file.write_text("x" * (MOST_CHARACTERS + 1), encoding="utf-8")
    with pytest.raises(CalmError, match="more than"):
        read_plan(file)
    file.write_text("grid: {seed: [1]}", encoding="utf-8")
    assert read_plan(file).name == "plan"
    assert read_plan(file, "mine").name == "mine"
