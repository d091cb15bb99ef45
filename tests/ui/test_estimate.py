"""What an alignment costs is said before it starts, from measured rates alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.costs import amount_of
from calm.pipeline.power import smallest_of
from calm.runs.rates import Rate, Spread, Yield, keep_rate, keep_spread, keep_yield
from calm.settings import PRESETS
from ui.align.estimate import matching, preset_of, reckoned
from ui.align.form import form_values, settings_from
from ui.align.views import THIN_SPACE
from ui.parts.models import NO_MODEL

pytestmark = pytest.mark.usefixtures("calm_home")
DEFAULT = RunConfig(model="m", languages=("en", "fr"))


def reckon(config: RunConfig = DEFAULT, model: str = "m") -> tuple[Any, str, Any]:
    return reckoned(settings_from, form_values(replace(config, model=model)))


def measure(model: str = "m") -> None:
    keep_rate(model, "auto", "sample", Rate(10, 10, 0, 0))
    keep_rate(model, "auto", "evaluate", Rate(10, 10, 0, 0))
    keep_rate(model, "nf4", "train", Rate(10, 10, 0, 0))
    keep_yield(model, 0.75, Yield(10, 10))


def test_before_anything_was_measured_it_says_so_once_and_offers_to_measure():
    presets, box, button = reckon()
    assert box.count("not measured yet") == 1
    assert [label for label, _ in presets.choices] == ["Quick look", "Balanced", "Thorough"]
    assert button.visible is True


def test_while_the_machine_is_measured_by_itself_nobody_has_to():
    values = form_values(replace(DEFAULT, model="m"))
    _, box, button = reckoned(settings_from, values, is_measuring=True)
    assert "is being measured" in box and "not measured yet" not in box
    assert button.visible == "hidden"
    measure()
    assert "is being measured" not in reckoned(settings_from, values, is_measuring=True)[1]


def test_without_a_model_there_is_nothing_to_measure():
    assert reckon(model=NO_MODEL)[2].visible == "hidden"


def test_measured_presets_say_their_time_and_the_controls_say_each_part():
    measure()
    presets, box, button = reckon()
    assert [label.partition(":")[0] for label, _ in presets.choices] == [
        "Quick look",
        "Balanced",
        "Thorough",
    ]
    assert "Quick look: about 8 mins" in [label for label, _ in presets.choices]
    amount = amount_of(DEFAULT)
    assert amount is not None and amount.responses > 1000
    responses = f"{amount.responses:,}".replace(",", THIN_SPACE)
    assert f"Responses to sample: {responses}" in box
    assert "on this machine</h2>" in box
    assert button.visible == "hidden"


def test_the_controls_show_the_preset_that_they_are_and_none_otherwise():
    assert matching(DEFAULT) == "balanced"
    assert all(matching(preset_of(DEFAULT, name)) == name for name in PRESETS)
    assert matching(RunConfig(model="m", max_train_questions=7)) is None


def test_a_run_on_few_questions_is_warned_of_before_it_starts():
    few = "Only 3 questions to train on"
    assert few in reckon(replace(DEFAULT, max_train_questions=3))[1]
    assert "to train on. About half" not in reckon()[1]


def test_an_empty_control_is_asked_for():
    values = form_values(DEFAULT)
    values["max_train_questions"] = None
    with pytest.raises(CalmError, match="Fill in every number"):
        settings_from(values)
    _, box, _ = reckoned(settings_from, values)
    assert "Fill in every number" in box


def test_telling_the_cost_keeps_no_file(calm_home: Path, tmp_path: Path):
    file = tmp_path / "q.csv"
    file.write_text("id")
    values = form_values(DEFAULT)
    values |= {"question_set": "file", "file": str(file)}
    assert settings_from(values).question_set == str(file)
    assert not (calm_home / "uploads").exists()


def test_what_change_can_be_shown_is_said_before_the_run():
    box = reckon()[1]
    found = smallest_of(DEFAULT, 172)
    assert found is not None
    assert "Held-out questions: 172." in box
    points = f"{100 * found.accuracy:.1f} points over all languages"
    assert f"{points}, {100 * found.one_language:.1f} points in a single one" in box
    assert "cautious assumption" in box
    keep_spread("m", "built-in en,fr", Spread(0.2, 0.3))
    box = reckon()[1]
    assert points not in box and "measured here" in box and "cautious" not in box


def test_too_few_held_out_questions_are_warned_of():
    few = "They are too few to tell a change from chance; hold out 8 or more."
    assert few in reckon(replace(DEFAULT, max_held_out_questions=7))[1]
    assert few not in reckon(replace(DEFAULT, max_held_out_questions=8))[1]
