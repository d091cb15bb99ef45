"""A run as one page: what it holds, that it needs nothing else, and where it may be written."""

import base64
import gzip
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import yaml

from calm.asking.store import AskedStore
from calm.cli.parser import main
from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs import jobs
from calm.runs.folder import Run, create_run, open_run, with_settings
from tests.fakes import FakeModel
from tests.free_makers import freely_asked
from tests.recorded import HELD_OUT, TRAIN, asked_question, finished_run, write_adapter
from tests.test_space import FIELDS
from tests.ui.english_left import texts_left
from ui.parts.html import esc, markup
from ui.runs.page import written_page
from ui.static.content import SAID
from ui.static.file import PAGE, README, page_of, write_page
from ui.static.fragments import Fragments
from ui.text.words import INTERFACE_LANGUAGES, say, words_of

EVIL = "</script></style></title><script>window.hit = 1</script><img src=x onerror='hit = 2'>"
MOST_BYTES = 10_000_000
NAMES_OF_ITS_OWN = ("plurality", "sigmoid")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(tmp_path_factory.mktemp("finished")))
        return finished_run("mine", tmp_path_factory.mktemp("files")).folder


@pytest.fixture
def run(finished: Path, calm_home: Path) -> Run:
    """A copy of it, for a test to do with what it likes."""
    shutil.copytree(finished, calm_home / "runs" / "mine")
    return open_run("mine")


class Opened:
    """What a browser makes of a page: its data, and its pieces of markup."""

    def __init__(self, page: str) -> None:
        self.data: dict[str, Any] = json.loads(self._unpacked(page, "content"))
        self._numbers = np.frombuffer(self._unpacked(page, "numbers"), "<u4")

    def _unpacked(self, page: str, name: str) -> bytes:
        (text,) = re.findall(rf'<script type="text/plain" id="{name}">([\w+/=]*)</script>', page)
        return gzip.decompress(base64.b64decode(text))

    def piece(self, number: int, code: str = "en") -> str:
        at = number * len(INTERFACE_LANGUAGES) + INTERFACE_LANGUAGES.index(code)
        ends = [0, *self.data["ends"]]
        return "".join(self.data["tokens"][n] for n in self._numbers[ends[at] : ends[at + 1]])

    def frame(self, code: str = "en") -> str:
        return self.piece(self.data["frame"], code)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.data["questions"] if row["kind"] == kind]

    def label(self, row: dict[str, Any], code: str = "en") -> str:
        text: str = self.data["texts"][row["labels"][INTERFACE_LANGUAGES.index(code)]]
        return text


def opened(run: Run, *asked: Any) -> Opened:
    return Opened(page_of(run, asked))


# What it holds


def test_a_piece_comes_back_in_every_language_and_what_all_share_is_kept_once() -> None:
    pieces = Fragments()
    for _ in range(2):
        pieces.add(lambda: markup("<p>{}</p><b>{}</b>", say("tab.ask"), "shared"))
    assert pieces.tokens.count("shared") == 1
    own = {str(esc(words_of(code)["tab.ask"])) for code in INTERFACE_LANGUAGES}
    assert set(pieces.tokens) == {"<p>", "</p>", "<b>", "</b>", "shared", *own}
    numbers = np.frombuffer(pieces.numbers(), "<u4")
    shown = "".join(pieces.tokens[n] for n in numbers[pieces.ends[0] : pieces.ends[1]])
    assert shown == f"<p>{esc(words_of('fr')['tab.ask'])}</p><b>shared</b>"


def test_every_recorded_question_is_replayed_in_all_its_languages(run: Run) -> None:
    page = opened(run, asked_question(), freely_asked())
    counts = {kind: len(page.of_kind(kind)) for kind in ("asked", "held-out", "train")}
    assert counts == {"asked": 2, "held-out": HELD_OUT, "train": TRAIN}
    first = page.of_kind("train")[0]
    assert page.label(first, "fr") == "fr: which animal is number 0?"
    (side,) = first["sides"]
    shown = page.piece(side, "de")
    assert re.findall(r'id="card-(\w+)"', shown) == ["en", "fr", "ar"]
    for response in run.rows("answers")[:3]:
        assert esc(response.text.strip()) in re.sub("</?mark>", "", shown)


def test_a_held_out_question_is_there_before_and_after(run: Run) -> None:
    page = opened(run)
    row = page.of_kind("held-out")[0]
    before, after = (page.piece(side) for side in row["sides"])
    assert before != after
    assert say("duel.as-recorded") in before
    texts = {
        (e.model, e.language): e.text for e in run.rows("evaluations") if e.question_id == "q4"
    }
    assert texts["base", "en"] != texts["aligned", "en"]
    plain = [re.sub("<[^>]*>", "", side) for side in (before, after)]
    assert [
        texts[role, "en"].strip() in shown
        for role, shown in zip(("base", "aligned"), plain, strict=True)
    ] == [True, True]


def test_votes_training_and_all_numbers_are_there(run: Run) -> None:
    page = opened(run)
    shown = page.frame()
    sections = re.findall(r'<section id="(\w+)" hidden>', shown)
    assert sections == ["ask", "votes", "compare", "align"]
    assert len(page.data["votes"]) == TRAIN
    assert [page.data["votes"][0][name] for name in ("share", "margin")] == [
        getattr(run.rows("votes")[0], name) for name in ("share", "margin")
    ]
    assert "2 steps so far" in shown
    response, likelihood = page.data["readings"]
    assert (response["name"], likelihood["name"]) == ("response", "likelihood")
    assert len(response["rows"]) == len(likelihood["rows"]) == 3 * HELD_OUT
    assert f"On {HELD_OUT} held-out questions" in page.piece(response["numbers"])


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES[1:])
def test_the_page_speaks_every_language_and_nothing_in_it_is_english(run: Run, code: str) -> None:
    page = opened(run)
    sides = [side for row in page.data["questions"][:4] for side in row["sides"]]
    pieces = [page.data["frame"], page.data["readings"][0]["numbers"], *sides]
    shown = "".join(page.piece(number, code) for number in pieces)
    left = [text for text in texts_left(shown, code) if text not in NAMES_OF_ITS_OWN]
    assert left == []
    assert page.data["words"][code] == {key: words_of(code)[key] for key in SAID}


def test_a_run_without_its_later_stages_shows_what_there_is(run: Run) -> None:
    for name in ("comparisons", "evaluations", "scores", "metrics"):
        run.path(name).unlink()
    page = opened(run)
    assert re.findall(r'<section id="(\w+)"', page.frame()) == ["ask", "votes"]
    assert {row["kind"] for row in page.data["questions"]} == {"train"}
    run.path("votes").unlink()
    assert re.findall(r'<section id="(\w+)"', opened(run).frame()) == ["ask"]


def test_a_run_without_answers_is_no_page(calm_home: Path) -> None:
    run = create_run("empty", RunConfig())
    with pytest.raises(CalmError, match="has no answers"):
        page_of(run, [])


def test_a_run_that_is_being_aligned_is_no_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "is_running", lambda run: True)
    with pytest.raises(CalmError, match="is being aligned"):
        page_of(run, [])


# That it needs nothing else, and tells nothing else


def test_the_page_is_one_file_that_asks_for_nothing_and_is_the_same_each_time(run: Run) -> None:
    page = page_of(run, [])
    assert page == page_of(run, [])
    assert len(page.encode()) < MOST_BYTES
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = policy.replace("&#x27;", "'").split("; ")
    assert rules[:4] == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert [rule[:21] for rule in rules[4:]] == ["script-src 'sha256-" + rules[4][19:21]]
    outer = re.sub(r"<script type.*?</script>", "", page)
    assert not re.findall(r"\b(?:src|href)=|https?://|@import|url\(", outer)


@pytest.mark.slow
def test_a_run_of_the_default_size_fits_well_within_ten_megabytes(
    calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model writes sentences, as chat models do, and nothing is trained."""
    monkeypatch.setattr("calm.pipeline.align.not_enough", lambda run: None)
    run = create_run("mine", RunConfig(model="fake"))
    write_adapter(run.adapter)
    align(Context(run, _model=FakeModel(is_chat=True)))
    page = page_of(run, [])
    assert len(Opened(page).data["questions"]) == 557
    assert len(page.encode()) < MOST_BYTES


def test_texts_of_models_and_question_files_are_only_text(run: Run) -> None:
    for name in ("answers", "evaluations"):
        run.write(name, [replace(row, text=EVIL, answer_span=None) for row in run.rows(name)])
    run.write(
        "questions",
        [
            replace(q, text=EVIL + q.id, choices=(EVIL, *q.choices[1:]))
            for q in run.rows("questions")
        ],
    )
    evil = replace(asked_question(EVIL), model=EVIL)
    page = page_of(run, [evil])
    assert re.findall(r"<script\b[^>]*>", page) == [
        '<script type="text/plain" id="content">',
        '<script type="text/plain" id="numbers">',
        "<script>",
    ]
    tokens = Opened(page).data["tokens"]
    assert str(esc(EVIL)) in tokens
    tags = {re.match(r"</?(\w*)", token)[1] for token in tokens if token.startswith("<")}  # type: ignore[index]
    assert not tags & {"script", "img", "style", "title", "iframe", "object"}
    bare = [re.sub(r'"[^"]*"', "", token) for token in tokens if token.startswith("<")]
    assert not [token for token in bare if re.search(r"\bon\w+=|['&]", token)]


def test_no_path_no_voter_and_nothing_that_was_asked_here_is_in_the_page(run: Run) -> None:
    AskedStore().keep(asked_question())
    config = replace(run.config, model="/somewhere/secret/fake", question_set="/home/ann/own.csv")
    run = with_settings(run, config)
    assert [row.voter for row in run.rows("ballots")]
    page = Opened(Path(written_page(AskedStore(), "mine", None)).read_text(encoding="utf-8"))
    whole = json.dumps(page.data, ensure_ascii=False)
    for secret in ("/somewhere", "/home/", str(run.folder), "What do bees make?"):
        assert secret not in whole
    assert "fake" in whole
    voters = {row.voter for row in run.rows("ballots")}
    assert not [voter for voter in voters if f'"{voter}"' in whole]


def test_what_was_asked_here_goes_along_for_the_owner_who_wants_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = AskedStore()
    store.keep(asked_question())
    path = Path(written_page(store, "mine", None, with_asked=True))
    assert path.name == "mine.html"
    page = Opened(path.read_text(encoding="utf-8"))
    assert [page.label(row) for row in page.of_kind("asked")] == ["What do bees make?"]
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    with pytest.raises(CalmError, match="for looking only"):
        written_page(store, "mine", None, with_asked=True)
    assert written_page(store, "mine", None)


@pytest.fixture(autouse=True)
def own_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.runs.page.get_upload_folder", lambda: str(tmp_path / "downloads"))


# Where it is written


def test_the_folder_is_a_static_space(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "page"
    size = write_page(run, folder, [])
    assert sorted(path.name for path in folder.iterdir()) == [README, PAGE]
    assert (folder / PAGE).stat().st_size == size
    _, block, text = (folder / README).read_text(encoding="utf-8").split("---\n", 2)
    settings = yaml.safe_load(block)
    assert settings["sdk"] == "static"
    assert (folder / settings["app_file"]).is_file()
    own = {"sdk", "app_file"}
    assert [n for n in settings if n not in own and not FIELDS[n](settings[n])] == []
    assert text.startswith("\n# The run mine\n")
    assert [path.name for path in folder.parent.iterdir()] == ["page"]


def test_a_page_is_written_again_in_its_place_and_its_readme_stays(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    write_page(run, folder, [])
    (folder / README).write_text("mine", encoding="utf-8")
    write_page(run, folder, [asked_question()])
    assert Opened((folder / PAGE).read_text(encoding="utf-8")).of_kind("asked")
    assert (folder / README).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "names", [("thesis.tex",), (PAGE,), (README,), (PAGE, ".git"), (PAGE, README)]
)
def test_other_files_are_not_written_over(run: Run, tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("mine", encoding="utf-8")
    with pytest.raises(CalmError, match="holds other files"):
        write_page(run, folder, [])
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == dict.fromkeys(
        names, "mine"
    )


def test_a_file_and_a_link_are_no_folder_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link", "dangling"):
        with pytest.raises(CalmError, match="holds other files"):
            write_page(run, tmp_path / name, [])
    assert not (tmp_path / "nowhere").exists()


def test_a_page_that_fails_leaves_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CalmError, match="cannot be written"):
        write_page(run, tmp_path / "file" / "page", [])
    run.path("answers").write_text("{}\n", encoding="utf-8")
    with pytest.raises(CalmError, match=r"answers\.jsonl, line 1"):
        write_page(run, tmp_path / "page", [])
    assert [path.name for path in tmp_path.iterdir() if "page" in path.name] == []


def test_the_command_writes_the_page_and_says_what_is_wrong(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    AskedStore().keep(asked_question())
    folder = tmp_path / "page"
    assert main(["archive", "mine", "--html", str(folder), "--with-asked"]) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(rf"{re.escape(str(folder))}: 0\.\d MB, 1 asked questions\n", said)
    (folder / "more.txt").write_text("mine", encoding="utf-8")
    assert main(["archive", "mine", "--html", str(folder)]) == 2
    assert "was not written" in (told := capsys.readouterr().err)
    assert "holds other files" in told


@pytest.mark.parametrize("options", [[], ["-o", "a.zip", "--html", "page"]])
def test_an_archive_is_a_file_or_a_page(options: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["archive", "mine", *options])


def test_the_page_runs_has_its_button(calm_home: Path) -> None:
    from ui.app import build
    from ui.parts.models import NO_MODEL, Models

    blocks = build(Models(NO_MODEL)).blocks.values()
    (button,) = [block for block in blocks if getattr(block, "elem_id", None) == "runs-page"]
    assert isinstance(button, gr.Button)
