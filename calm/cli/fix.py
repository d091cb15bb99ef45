"""The command `fix`: teach the model single answers, look at what that did, take it back."""

import argparse
from typing import TYPE_CHECKING, Any

from calm.cli.flags import add_command, add_settings
from calm.cli.terminal import say, supervised_here
from calm.errors import CalmError

if TYPE_CHECKING:
    from calm.fixing.patch import Taught
    from calm.pipeline.context import Context

SETTINGS_TAKEN = (
    *("model", "precision", "languages", "measure_languages", "num_samples", "translate_online"),
    *("learning_rate", "lora_r", "seed"),
)


def fix(options: argparse.Namespace) -> None:
    """Change the edits of a patch as was asked, and bring it up to date."""
    from calm.fixing.fix import fix as bring_up_to_date
    from calm.fixing.patch import PATCH, drop_edit, open_patch, reorder, undo
    from calm.fixing.report import as_text
    from calm.runs.folder import delete_run

    teaches = bool(options.question or options.file)
    _check(options, teaches)
    run = open_patch(options.patch or PATCH, _settings(options, teaches))

    def work(context: "Context") -> None:
        if teaches:
            _teach(context, options)
        elif options.undo:
            undo(run)
        elif options.drop is not None:
            drop_edit(run, options.drop)
        elif options.order:
            reorder(run, _places(options.order))
        if run.folder.is_dir():
            bring_up_to_date(context)

    try:
        supervised_here(run, work)
    finally:
        if run.folder.is_dir() and not run.rows("edits"):
            delete_run(run)
    print(as_text(run) if run.folder.is_dir() else "no edits left: the patch is gone")


def _check(options: argparse.Namespace, teaches: bool) -> None:
    """Raise CalmError where what is asked for does not go together."""
    asked = [teaches, options.undo, options.drop is not None, bool(options.order)]
    if sum(asked) > 1 or (options.question and options.file):
        raise CalmError("command.fix-several")
    if options.question and not options.choices:
        raise CalmError("question.too-few-choices")
    if options.answer is not None and not options.question:
        raise CalmError("command.answer-without-question")


def _settings(options: argparse.Namespace, teaches: bool) -> Any:
    """Return the settings of a patch that is made now; `None` for one that there is."""
    from calm.fixing.patch import PATCH
    from calm.model_names import full_name
    from calm.runs.folder import run_path
    from calm.settings import config_of

    given = {name: v for name in SETTINGS_TAKEN if (v := getattr(options, name)) is not None}
    if "model" in given:
        given["model"] = full_name(given["model"])
    there = (run_path(options.patch or PATCH) / "config.json").exists()
    return config_of(given) if teaches and (given or not there) else None


def _teach(context: "Context", options: argparse.Namespace) -> None:
    from calm.fixing.patch import MOST_EDITS, add_edits
    from calm.fixing.taught import ask_and_teach, typed_question
    from calm.questions.sets import by_id, load_questions

    if options.question:
        known = typed_question(options.question, options.choices.split("|"), options.language)
        answer = None if options.answer is None else options.answer - 1
        add_edits(context.run, [ask_and_teach(context, known, answer)])
        return
    languages = context.run.config.measured_languages
    groups = list(by_id(load_questions(options.file, languages)).values())
    if len(groups) > MOST_EDITS:
        raise CalmError("fix.too-many", count=len(groups), most=MOST_EDITS)
    found: list[Taught] = []
    for number, versions in enumerate(groups, start=1):
        try:
            found.append(ask_and_teach(context, versions, None, options.file))
        except CalmError as error:
            say(f"{number}/{len(groups)}: {error}")
    if not found:
        raise CalmError("fix.none-agreed", count=len(groups))
    add_edits(context.run, found)


def _places(text: str) -> list[int]:
    try:
        return [int(place) for place in text.split(",")]
    except ValueError:
        raise CalmError("fix.no-places", given=repr(text[:40])) from None


def add_fix(added: Any) -> None:
    """Add the command `fix`."""
    text = (
        "teach the model the answer that its languages agree on, or one that you give, and show "
        "what that changed and what it did not"
    )
    command = add_command(added, "fix", fix, text)
    command.add_argument("question", metavar="QUESTION", nargs="?", help="in one language")
    command.add_argument("--choices", metavar="A|B|C", help="what can be answered, two or more")
    command.add_argument(
        "--language", metavar="CODE", default="en", help="of the question (default en)"
    )
    command.add_argument(
        "--answer",
        metavar="N",
        type=int,
        help="teach this choice, counted from 1; left out, what the languages vote for",
    )
    command.add_argument(
        "--questions",
        dest="file",
        metavar="SET",
        help="teach every question of a set or a file what its languages vote for, 100 at most; "
        "those without agreement are left out",
    )
    command.add_argument(
        "--patch",
        metavar="RUN",
        help="the run that keeps the edits (default fixes); by itself it goes on where it stopped",
    )
    command.add_argument(
        "--undo", action="store_true", help="take the last edit out and train the others anew"
    )
    command.add_argument("--drop", metavar="N", type=int, help="take an edit out, by its place")
    command.add_argument(
        "--order", metavar="PLACES", help="put the edits into another order, such as 2,1,3"
    )
    add_settings(command, *SETTINGS_TAKEN)
