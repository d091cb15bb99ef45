"""Every setting can be set on the page and by scripts, within the limits that the table has."""

import html
import inspect
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.runs import jobs
from calm.runs.folder import open_run
from calm.settings import LOCAL, SETTINGS, config_of
from tests.setting_makers import NUMBERS, beyond, with_what_it_needs
from ui.align.form import asked_form, form_values, settings_form, settings_from
from ui.asking.form import question_form
from ui.parts.models import Models
from ui.scripts.signature import REQUIRED
from ui.scripts.start import ESTIMATE, START
from ui.text.words import words_of

DEFAULT = RunConfig(model="m")
OFFERED = [name for name in SETTINGS if name not in LOCAL]
each = pytest.mark.parametrize("name", OFFERED)
each_number = pytest.mark.parametrize("name", [name for name in NUMBERS if name in OFFERED])


@pytest.fixture(scope="module")
def controls() -> dict[str, Any]:
    with gr.Blocks():
        asked, own = asked_form()
        return asked | settings_form(Models("m"), own)


@pytest.fixture(scope="module")
def demo() -> gr.Blocks:
    from ui.app import build

    return build(Models("m"))


@pytest.fixture
def start(calm_home: Path, demo: gr.Blocks, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what starts an alignment as a script does, with the values it gives by name."""
    monkeypatch.setattr(jobs, "start", lambda run, until=None: None)
    monkeypatch.setattr("ui.align.page.chosen_questions", lambda config: [])
    monkeypatch.setattr("calm.pipeline.enough.check_logger", lambda name: None)  # as if installed
    endpoint = endpoint_of(demo, "start_alignment")

    def called(**values: Any) -> RunConfig:
        needed = {name: SETTINGS[name].default for name in REQUIRED}
        endpoint(gr.Request(), **{"run": "mine", **needed, **values})
        return open_run("mine").config

    return called


def endpoint_of(demo: gr.Blocks, name: str) -> Any:
    return next(row.fn for row in demo.fns.values() if row.api_name == name)


@each
def test_the_page_has_a_control_for_it_with_its_default(
    name: str, controls: dict[str, Any]
) -> None:
    shown = controls[name].value
    assert (tuple(shown) if isinstance(shown, list) else shown) == (
        "m" if name == "model" else SETTINGS[name].default
    )


@each
def test_its_control_sets_it(name: str, controls: dict[str, Any]) -> None:
    values = {key: control.value for key, control in controls.items()}
    assert settings_from(values) == DEFAULT
    wanted = with_what_it_needs(name)
    assert settings_from({**values, **wanted}) == config_of({"model": "m", **wanted})
    assert settings_from(form_values(config_of(wanted))) == config_of(wanted)


@each_number
def test_the_page_has_its_limits(name: str, controls: dict[str, Any]) -> None:
    control, limits = controls[name], SETTINGS[name].limits
    if isinstance(control, gr.Slider):
        assert (control.minimum, control.maximum) == (limits.lowest, limits.highest)
    else:
        assert (control.minimum, control.maximum) == (None, None), "refused in other words"
    for value in beyond(SETTINGS[name]):
        with pytest.raises(CalmError) as refused:
            settings_from({**form_values(DEFAULT), name: value})
        assert str(refused.value).endswith(f"but must be {limits}.")


@each
def test_its_control_offers_what_it_may_be(name: str, controls: dict[str, Any]) -> None:
    options = SETTINGS[name].limits.options
    if options:
        assert [value for _, value in controls[name].choices] == list(options)


def test_the_page_hands_every_control_on_by_its_name(
    demo: gr.Blocks, controls: dict[str, Any]
) -> None:
    handlers = [row for row in demo.fns.values() if row.name in ("start", "reckon")]
    assert len(handlers) == 4
    for handler in handlers:
        ids = [control.elem_id for control in handler.inputs]
        assert dict(zip(handler.input_keyword_names, ids, strict=True)) == {
            key: control.elem_id for key, control in controls.items()
        }


@pytest.mark.parametrize("name", LOCAL)
def test_the_page_sets_nothing_about_a_folder_of_its_machine(
    name: str, controls: dict[str, Any]
) -> None:
    assert name not in controls
    values = {key: control.value for key, control in controls.items()}
    assert settings_from({**values, **with_what_it_needs(name)}) == DEFAULT
    assert settings_from(form_values(config_of(with_what_it_needs(name)))) == RunConfig()


@pytest.mark.parametrize("name", LOCAL)
def test_a_script_cannot_set_it(name: str, start: Any) -> None:
    with pytest.raises(TypeError, match=name):
        start(**with_what_it_needs(name))


@each
def test_a_script_sets_it(name: str, start: Any) -> None:
    wanted = with_what_it_needs(name)
    given = {key: list(v) if isinstance(v, tuple) else v for key, v in wanted.items()}
    assert start(**given) == config_of({"model": "m", **wanted})


@each_number
def test_a_script_has_its_limits(name: str, start: Any) -> None:
    for value in beyond(SETTINGS[name]):
        with pytest.raises(gr.Error) as refused:
            start(**{name: value})
        limits = html.escape(str(SETTINGS[name].limits))
        assert str(refused.value.message).endswith(f"but must be {limits}.")


@pytest.mark.parametrize("endpoint", ["start_alignment", "estimate_alignment"])
def test_scripts_may_leave_out_all_but_what_is_required(demo: gr.Blocks, endpoint: str) -> None:
    info = demo.get_api_info()["named_endpoints"][f"/{endpoint}"]["parameters"]
    given = {row["parameter_name"]: row for row in info}
    assert not set(LOCAL) & set(given), "a folder of the server is nobody's to name"
    for name in OFFERED:
        setting = SETTINGS[name]
        assert given[name]["parameter_has_default"] != (name in REQUIRED)
        if name not in (*REQUIRED, "model"):
            default = setting.default
            shown = list(default) if isinstance(default, tuple) else default
            assert given[name]["parameter_default"] == shown


def test_names_that_scripts_knew_keep_their_places(demo: gr.Blocks) -> None:
    for name, first in (("start_alignment", START), ("estimate_alignment", ESTIMATE)):
        request, *names = inspect.signature(endpoint_of(demo, name)).parameters
        assert request == "request"
        assert tuple(names[: len(first)]) == first
    assert START[:4] == ("run", "question_set", "languages", "max_train_questions")
    assert len(START) == 22


@pytest.mark.parametrize("name", ["num_samples", "temperature", "max_new_tokens", "seed"])
def test_the_page_ask_has_the_same_limits(name: str) -> None:
    with gr.Blocks():
        control = getattr(question_form("ask", "Ask"), name)
    limits = SETTINGS[name].limits
    assert control.value == SETTINGS[name].default
    if isinstance(control, gr.Slider):
        assert (control.minimum, control.maximum) == (limits.lowest, limits.highest)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_page_says_what_help_says(name: str) -> None:
    assert words_of("en")[f"setting.{name}.help"] == SETTINGS[name].help


def test_the_words_are_of_settings_that_there_are() -> None:
    named = {key.split(".")[1] for key in words_of("en") if key.startswith("setting.")}
    assert named == set(SETTINGS)
