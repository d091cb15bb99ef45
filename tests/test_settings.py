"""One table makes settings, their limits, and the flags of the command line."""

import argparse
import itertools
from typing import Any

import pytest

from calm.cli.flags import FLAGS, flag_help
from calm.cli.parser import parser
from calm.cli.stages import config_given
from calm.config import RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.settings import SETTINGS, config_of, value_at, values_of
from tests.setting_makers import NUMBERS, another, beyond, places, refusal, with_what_it_needs

FACTS = {("", "version"), ("", "imported"), ("", "pairs_given")}
"""Fields that say what a run is; nobody sets them."""
each = pytest.mark.parametrize("name", SETTINGS)


def given(values: dict[str, Any]) -> RunConfig:
    """Return the settings that the command line makes of these values."""
    words: list[str] = []
    for name, value in values.items():
        flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-"))
        else:
            words += [flag, ",".join(value) if isinstance(value, tuple) else str(value)]
    return config_given(parser().parse_args(["align", "mine", *words]))


def test_every_field_of_a_run_s_settings_is_in_the_table_once() -> None:
    listed = list(itertools.chain.from_iterable(s.places for s in SETTINGS.values()))
    assert len(listed) == len(set(listed))
    assert set(listed) == set(places()) - FACTS


def test_without_values_the_table_gives_the_defaults() -> None:
    assert config_of({}) == config_of(values_of(RunConfig())) == RunConfig()


@each
def test_a_setting_is_kept_at_all_its_places_and_nowhere_else(name: str) -> None:
    values = with_what_it_needs(name)
    config = config_of(values)
    assert another(SETTINGS[name]) != SETTINGS[name].default
    assert {value_at(config, place) for place in SETTINGS[name].places} == {another(SETTINGS[name])}
    touched = {place for given in values for place in SETTINGS[given].places}
    for place in set(places()) - touched:
        assert value_at(config, place) == value_at(RunConfig(), place)
    assert values_of(config) == values_of(RunConfig()) | values


@each
def test_a_flag_sets_it_to_the_same(name: str) -> None:
    values = with_what_it_needs(name)
    assert given(values) == config_of(values)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_flag_refuses_what_the_table_does_in_the_same_words(name: str) -> None:
    assert SETTINGS[name].limits.bounds
    for value in beyond(SETTINGS[name]):
        with pytest.raises(CalmError) as by_table:
            config_of({name: SETTINGS[name].kind(value)})
        with pytest.raises(CalmError) as by_flag:
            given({name: SETTINGS[name].kind(value)})
        assert str(by_table.value) == str(by_flag.value) == refusal(SETTINGS[name], value)


def test_nothing_stands_for_what_is_not_limited() -> None:
    config = given({"max_train_questions": 0, "max_length": 0})
    assert (config.max_train_questions, config.train.max_length) == (None, None)


@each
def test_help_tells_what_it_is_and_what_it_is_without_being_set(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.help[0].isupper() or setting.help[0].isdigit()
    assert not setting.help.endswith(".")
    told = flag_help(setting)
    assert setting.help[1:] in told
    assert "default" in told or setting.default == ""
    assert all(option in told for option in setting.limits.options)


def test_the_help_of_the_command_has_every_flag() -> None:
    (commands,) = [a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)]
    dests = {action.dest for action in commands.choices["align"]._actions}
    assert set(SETTINGS) <= dests


@pytest.mark.parametrize(
    ("value", "said"),
    [(2.5, "2.5"), ("many", "many"), (float("nan"), "nan"), (None, "None")],
)
def test_what_is_no_such_number_is_refused_in_the_same_words(value: Any, said: str) -> None:
    words = f"^num_samples is {said}, but must be 1 … 64.$"
    with pytest.raises(CalmError, match=words):
        SamplingConfig(num_samples=value)
    with pytest.raises(CalmError, match=words):
        SamplingConfig(value)


def test_a_name_that_is_no_setting_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError, match="SamplingConfig has no setting num_sample"):
        SamplingConfig(num_sample=3)  # type: ignore[call-arg]
    with pytest.raises(KeyError):
        config_of({"num_sample": 3})
