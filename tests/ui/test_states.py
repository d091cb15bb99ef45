"""In every state of a run and of the model, all that is said is in the reader's language.

No browser: handlers are called as the page calls them, with every wording hidden, and what can be
read all the same must be a name, a number, or something that a person or a model wrote.
"""

import dataclasses
import functools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.exchange.archive import pack, unpack
from calm.languages.table import LANGUAGES
from calm.messages import language_name, message
from calm.models.catalogue import LISTED
from calm.questions.public_sets import OF_HUB, SETS
from calm.questions.sets import load_questions
from calm.records import Question
from calm.runs import jobs
from calm.runs.events import note_event
from calm.runs.folder import Run, create_run, open_run
from calm.settings import SETTINGS
from tests.pair_makers import good, side
from tests.recorded import CHOICES, asked_question, question_rows
from tests.ui import test_markup
from tests.ui.furnished import FINISHED, IMPORTED, WAITING, furnish
from tests.ui.handlers import handlers, told
from tests.ui.imported import ANIMALS, SAID
from tests.ui.unworded import LANGUAGE, answer_of, texts_of, unworded, words_left
from ui.app import build
from ui.ask.model_choice import listed
from ui.asking.form import built_in
from ui.parts.html import markup, note
from ui.parts.models import FAILED, Models
from ui.study.given import EXAMPLE
from ui.text.problems import worded
from ui.text.words import say, word

FOREIGN = "ValueError: no such thing"
"""What a library says stays as it is."""
ELSEWHERE = "ui.scripts."
"""What scripts call answers in English."""
OPTIONS = ("precision", "train_precision", "report_to")
"""Settings whose options are names of formats and of programs."""
LEFT_OUT = (
    "model_panel",
    "known_voter",
    "new_name",
    "duplicate",
    "archive_it",
    "write_it",
    "use_it._made",
)
"""Handlers that wait for a model, and those that give a number, a path or values of controls."""
STATES = ("failed", "broke-off", "stopped", "running", "queued", "begun", "archived", "faulty")
RUNS = (FINISHED, WAITING, IMPORTED, *STATES)
FIELDS = {field.name for field in dataclasses.fields(Question)}
"""Names of columns, which are what they are in every language."""
RUN_FIELDS = ("align-run", "votes-run", "compare-run", "runs-run")


def in_state(name: str, state: Any, said: Any) -> Run:
    """Make a run that is sampling, or has stopped there, and what it said last."""
    run = create_run(name, RunConfig(model="fake", languages=("en", "fr")))
    run.set_status("sample", state, 3, 9, said, 1.5)
    for happened in (message("status.starting"), message("log.asked-as.chat"), said):
        note_event(run, "sample", happened)
    return run


def add_states(home: Path) -> None:
    """Add a run in each of the states to a furnished home."""
    in_state("failed", "failed", CalmError("training.no-change", steps=3).message)
    in_state("broke-off", "failed", FOREIGN)
    in_state("stopped", "stopped", message("status.stopped"))
    in_state("queued", "queued", message("status.starting"))
    create_run("begun", RunConfig(model="fake", languages=("en", "fr")))
    running = in_state("running", "running", message("doing.sample", done=3, total=9))
    jobs._write_pid(running, os.getpid())
    pack(open_run(FINISHED), home / "packed.zip", [asked_question()])
    unpack(home / "packed.zip", "archived")
    shutil.copytree(open_run(WAITING).folder, home / "runs" / "faulty")
    faulty = open_run("faulty")
    pairs = faulty.rows("pairs")
    faulty.write("pairs", [*pairs, pairs[0], pairs[0]])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("states") / "home"
    furnish(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(home))
        add_states(home)
        patch.setenv("CALM_READ_ONLY", "1")
        yield home


@pytest.fixture(scope="module")
def page(home: Path) -> gr.Blocks:
    with unworded():
        return build(Models("none"))


@functools.cache
def names() -> set[str]:
    """Return the words that are nobody's language: names, and what people and models wrote."""
    texts = [
        *(name for name, *_ in map(_fields, LISTED)),
        *(text for versions in built_in().values() for q in versions.values() for text in _said(q)),
        *(row.native_name for row in LANGUAGES.values()),
        *(language_name(LANGUAGE, code) for code in LANGUAGES),
        *(word for choices in CHOICES.values() for word in choices),
        *(row["text"] for row in question_rows()),
        *(text for row in ANIMALS.values() for text in (row[0], *row[1])),
        *(text.format("") for text in SAID.values()),
        *RUNS,
        "fake UTC Sek Min Std",
        "CALM Studio",
        "sc ript scrip",  # of EVIL, where a text is cut
        FOREIGN,
        *(text for pair in (good("de"), good("en")) for text in (pair.prompt, pair.chosen)),
        *(side(code, choice) for code in ("de", "en") for choice in (0, 1)),
        *(f"{made.title} {made.licence} {made.source}" for made in SETS.values()),
        *(named.title for named in OF_HUB.values()),
        EXAMPLE,  # the text of a file
        "pairs.jsonl",
        *(option for name in OPTIONS for option in SETTINGS[name].limits.options),
        "عربي",  # in the drawing of the method
        test_markup.EVIL,
    ]
    return set(words_left(texts))


def _fields(row: Any) -> list[str]:
    return [value for value in vars(row).values() if isinstance(value, str)] or [""]


def _said(question: Any) -> tuple[str, ...]:
    return (question.text, *question.choices)


def foreign(texts: Any) -> list[str]:
    known = names()
    words = [left for left in words_left(texts) if not re.fullmatch(r"align-[\d-]+", left)]
    return [left for left in words if left not in known]


def test_what_no_catalogue_says_is_seen() -> None:
    with unworded():
        told = [note("Please wait"), markup('<i title="soon">{}</i>', say("tab.ask")), "extract it"]
        assert words_left(texts_of(told)) == ["Please", "wait", "soon", "extract", "it"]
        assert words_left(texts_of([markup('<bdi>mine</bdi><b lang="fr">oui</b>')])) == []
        shown = gr.Dropdown([("Any", 1), (word("tab.ask"), 2)], label="Which", info=say("tab.ask"))
        assert words_left(texts_of(shown)) == ["Which", "Any"]
        assert words_left(texts_of(say("align.doing", stage="sample", work=""))) == ["sample"]


def test_labels_that_never_change_are_words_of_the_catalogues(page: gr.Blocks) -> None:
    seen = {
        f"{type(block).__name__} {getattr(block, 'elem_id', '')}": left
        for block in page.blocks.values()
        if is_seen(block) and (left := foreign(texts_of(block)))
    }
    assert seen == {}


def is_seen(block: Any) -> bool:
    """Tell whether a component is on the page, not among those of scripts."""
    if block is None:
        return True
    hidden = getattr(block, "visible", True) is False or type(block).__name__ == "Api"
    return not hidden and is_seen(block.parent)


def shown_by(page: gr.Blocks, run: str | None) -> Iterator[tuple[str, Any]]:
    """Give what every handler shows, each once: those of a run, or all the others.

    The app is for looking only: what would change anything says so.
    """
    seen = set()
    for handler in handlers(page):
        fields = {getattr(component, "elem_id", None) for component in handler.inputs}
        known = (handler.fn, tuple(component._id for component in handler.inputs))
        name = told(handler)
        is_of_a_run = bool(fields & set(RUN_FIELDS))
        if is_of_a_run != (run is not None) or known in seen:
            continue
        if name.startswith(ELSEWHERE) or any(part in name for part in LEFT_OUT):
            continue
        seen.add(known)
        yield name, answer_of(handler, dict.fromkeys(RUN_FIELDS, run))


@pytest.mark.parametrize("run", [None, *RUNS])
def test_a_run_in_any_state_is_shown_in_the_reader_s_words(
    page: gr.Blocks, home: Path, run: str | None
) -> None:
    with unworded():
        shown = dict(shown_by(page, run))
        left = {name: words for name, said in shown.items() if (words := foreign(texts_of(said)))}
    assert left == {}
    assert len(shown) > 20


def test_a_question_file_with_faults_is_refused_in_the_reader_s_words(home: Path) -> None:
    file = home / "fake.jsonl"
    file.write_text('{"text": "fake", "language": "tlh"}\n{"language": "en"}\n', encoding="utf-8")
    with unworded(), pytest.raises(CalmError) as caught:
        load_questions(str(file), ("en",))
    with unworded():
        said = worded(caught.value)
    assert "fake.jsonl" in said
    assert set(foreign([said])) <= {"tlh", "fake.jsonl", "train", "held-out", *FIELDS, *LANGUAGES}


@pytest.mark.parametrize("name", [n for n in test_markup.VIEWS if not n.startswith("html.")])
def test_views_of_what_others_wrote_add_no_word_of_their_own(name: str) -> None:
    with unworded():
        assert foreign(texts_of(test_markup.VIEWS[name]())) == []


def test_a_model_that_is_not_there_is_told_in_the_reader_s_words() -> None:
    models = Models("fake")
    failure = CalmError("model.no-folder", model="fake")
    with unworded():
        for says in (
            ("models.loading", {"model": "fake"}),
            (FAILED, {"model": "fake", "problem": failure}),
        ):
            models._says = says
            assert models.message()
            assert foreign([models.message()]) == []
        assert foreign(listed(models).choices[0]) == []
