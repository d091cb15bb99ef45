"""The commands on whole runs: list, import, export, archive, open and report."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from calm.cli.flags import add_command, add_settings
from calm.errors import CalmError
from calm.messages import LANGUAGES
from calm.model_names import full_name

if TYPE_CHECKING:
    from calm.errors import CalmError
    from calm.messages import Message
    from calm.runs.folder import Run


def import_samples(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.config import UNNAMED
    from calm.exchange.import_rows import import_file
    from calm.exchange.import_samples import import_responses, report_text

    source, model = Path(options.source), full_name(options.model or UNNAMED)
    if source.is_file():
        asked, columns = options.question_set or "", options.columns or ""
        run, report = import_file(source, options.run, model, asked, columns)
    elif options.question_set or options.columns:
        raise CalmError("command.questions-with-folder")
    else:
        run, report = import_responses(source, options.run, model)
    print(report_text(report))
    print(f"{run.folder}: call `python -m calm extract {options.run}` next")


def list_all(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from calm.runs.folder import list_runs, to_json

    for run in list_runs():
        status = run.status()
        if options.json:
            words = replace(status, message=str(status.message))
            print(to_json(words).replace("{", f'{{"run": "{run.name}", ', 1))
        else:
            print(f"{run.name}  {status.stage}  {status.state}  {status.message}")


def print_report(options: argparse.Namespace) -> None:
    from calm.runs.folder import open_run

    run = open_run(options.run)
    if options.html:
        write_html(run, options.html, options.language)
    else:
        show_report(run)


def write_html(run: "Run", file: str, code: str) -> None:
    from calm.errors import CalmError

    def failed(reason: "Message | str") -> CalmError:
        return CalmError("report.not-written", file=file, reason=reason)

    written_by("ui.report", [str(run.folder), file, "--language", code], failed)
    print(file)


def written_by(
    program: str, given: Sequence[str], failed: Callable[["Message | str"], "CalmError"]
) -> str:
    """Have a program of the page's write a file: drawings and words are not the method's.

    Returns what it printed; raises what `failed` makes of its problem.
    """
    import subprocess
    import sys

    from calm.errors import AS_JSON, from_line
    from calm.runs.jobs import environment

    done = subprocess.run(
        (sys.executable, "-P", "-m", program, *given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment() | {AS_JSON: "1"},
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [""]
        raise failed(from_line(lines[-1].removeprefix("calm: ")))
    return done.stdout


def show_report(run: "Run") -> None:
    from calm.evaluation.baselines import ways_to_answers
    from calm.evaluation.damage_report import damage_report
    from calm.evaluation.report import baseline_report, report, rounds_report
    from calm.pipeline.run_questions import golds_of, groups_of, split_of

    languages = run.config.measured_languages
    golds = golds_of(split_of(groups_of(run), "held-out"))
    print(report(run.rows("scores"), languages))
    rows, weights = run.rows("evaluations"), run.rows("weights")
    without = run.rows("without_passages")
    ways = ways_to_answers(rows, golds, languages, weights, "response", without)
    print(baseline_report(ways.baselines, ways.learnt))
    print()
    print(damage_report(run.rows("damage")))
    if rounds := rounds_report(run.rows("rounds")):
        print()
        print(rounds)


def export_run(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.exchange.export import FORMATS, export
    from calm.runs.folder import open_run

    what = options.what or next(
        (what for what, forms in FORMATS.items() if options.format in forms), "pairs"
    )
    form = options.format or FORMATS[what][0]
    print(export(open_run(options.run), what, form, Path(options.output)))


def archive_run(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.asking.store import AskedStore
    from calm.exchange.archive import asked_of, pack
    from calm.runs.folder import open_run

    run = open_run(options.run)
    if options.html is not None:
        write_page(run, options)
        return
    path = Path(options.output)
    store = AskedStore() if options.with_asked else None
    asked = [] if options.without_asked else asked_of(run, store)
    pack(run, path, asked, with_adapter=not options.without_adapter)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(asked)} asked questions")


def write_page(run: "Run", options: argparse.Namespace) -> None:
    from calm.errors import CalmError

    asked = {"--with-asked": options.with_asked, "--without-asked": options.without_asked}
    given = [str(run.folder), options.html, *filter(asked.get, asked)]

    def failed(reason: "Message | str") -> CalmError:
        return CalmError("static.not-written", folder=options.html, reason=reason)

    print(written_by("ui.static", given, failed), end="")


def open_archive(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.exchange.archive import unpack
    from calm.exchange.push import ON_HUB, open_from_hub

    if options.file.startswith(ON_HUB):
        run = open_from_hub(options.file.removeprefix(ON_HUB), options.name)
    else:
        run = unpack(Path(options.file), options.name)
    print(f"{run.folder}: choose it on the pages Ask and Compare to replay it")


def add_import(added: Any) -> None:
    """Add the command `import-responses`."""
    text = "make a run of responses that another program drew"
    imported = add_command(added, "import-responses", import_samples, text)
    imported.add_argument(
        "source",
        metavar="SOURCE",
        help="a JSON Lines or Parquet file with a response a row, or a folder of "
        "x_csqa_<language>_train_sampled.json files",
    )
    imported.add_argument("run", metavar="RUN")
    imported.add_argument("--model", metavar="NAME", help="what gave the responses")
    imported.add_argument(
        "--questions",
        dest="question_set",
        metavar="SET",
        help="the questions of a file that does not tell them itself, as `align` takes them; those "
        "that the set holds out are there to measure with",
    )
    add_settings(imported, "columns")


def add_runs(added: Any) -> None:
    """Add `runs`, `export`, `archive` and `open`."""
    runs = add_command(added, "runs", list_all, "list the runs and how far they are")
    runs.add_argument("--json", action="store_true", help="as JSON lines")
    _add_export(added)
    _add_archive(added)


def add_report(added: Any) -> None:
    """Add the command `report`."""
    text = "print the before and after table of a run, or write a report of it to share"
    report = add_command(added, "report", print_report, text)
    report.add_argument("run", metavar="RUN")
    report.add_argument(
        "--html",
        metavar="FILE",
        help="write one page with drawings and examples, which needs nothing else; prints to PDF",
    )
    report.add_argument(
        "--language", choices=LANGUAGES, default=LANGUAGES[0], help="of that page (default en)"
    )


def _add_export(added: Any) -> None:
    text = "write a run's pairs, responses or adapter as files that other programs read"
    export = add_command(added, "export", export_run, text)
    export.add_argument("run", metavar="RUN")
    export.add_argument(
        "--what",
        choices=("pairs", "responses", "adapter"),
        help="where left out, the first of these that the format is one of",
    )
    export.add_argument(
        "--format",
        help="pairs: trl (default), trl-conversational, llama-factory, sharegpt, parquet, authors; "
        "responses: jsonl (default), parquet, authors; adapter: peft (one ZIP with a model card), "
        "merged (into the base, for transformers), gguf-lora and gguf (for llama.cpp)",
    )
    export.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="a folder for authors, merged, gguf-lora and gguf",
    )


def _add_archive(added: Any) -> None:
    archive = add_command(
        added, "archive", archive_run, "write a run to one file that replays anywhere"
    )
    archive.add_argument("run", metavar="RUN")
    written = archive.add_mutually_exclusive_group(required=True)
    written.add_argument("-o", "--output", metavar="FILE")
    written.add_argument(
        "--html",
        metavar="FOLDER",
        help="write one page instead that replays it in any browser, and what makes the folder a "
        "static Space",
    )
    archive.add_argument(
        "--without-adapter",
        action="store_true",
        help="smaller, but nothing can be asked anew; a page has none",
    )
    asked = archive.add_mutually_exclusive_group()
    asked.add_argument(
        "--with-asked",
        action="store_true",
        help="take along what its model was asked on the pages, by everybody",
    )
    asked.add_argument(
        "--without-asked",
        action="store_true",
        help="leave out also what came along with an opened archive",
    )
    opened = add_command(added, "open", open_archive, "make a run of an archive, to be replayed")
    opened.add_argument(
        "file", metavar="FILE", help="or hf:OWNER/NAME, the data set of a run that was pushed"
    )
    opened.add_argument("name", metavar="NAME", nargs="?", help="its own where left out")
