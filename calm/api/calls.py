"""What a program calls: align, ask, vote, lint, and load what there is."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calm.answers.choice import extract
from calm.api.given import (
    QuestionRow,
    ResponseRow,
    groups_given,
    keep_questions,
    questions_given,
    responses_given,
    sampling_settings,
    settings,
    versions_given,
    voting_settings,
)
from calm.asking.ask import Order
from calm.asking.ask import ask as ask_model
from calm.asking.asked import Asked
from calm.config import BUILT_IN, DEFAULT_LANGUAGES, SHIPPED_MODEL, RunConfig
from calm.errors import CalmError
from calm.languages.table import language as language_of
from calm.model_names import full_name
from calm.models.interface import LanguageModel
from calm.pairs.files import Rejected, listed_pairs
from calm.pairs.lint.report import LintReport, linted, linted_file
from calm.pairs.lint.report import lint as lint_pairs
from calm.pipeline.align import align as align_run
from calm.pipeline.context import Context, Stopped
from calm.pipeline.enough import check_questions
from calm.pipeline.given_pairs import GivenPairs, check_given, given_pairs, run_with_pairs
from calm.pipeline.run_questions import chosen_questions
from calm.pipeline.stages import LAST, STAGES, trains
from calm.pipeline.supervise import supervised
from calm.questions.passages import TextFolder
from calm.questions.public_sets import full_set_name, is_public
from calm.records import LanguageWeight, Precision, PreferencePair, Response, Rule, Vote
from calm.runs import jobs
from calm.runs.folder import Run, create_run, open_run
from calm.settings import preset as preset_settings
from calm.voting.vote import vote as count_votes


def align(
    questions: str | Path | Iterable[QuestionRow] = BUILT_IN,
    *,
    run: str,
    until: str = LAST,
    preset: str = "",
    pairs: str | Path | Iterable[PreferencePair | Mapping[str, Any]] | None = None,
    report: Callable[[str], None] = lambda line: None,
    **given: Any,
) -> Run:
    """Align a model on questions and return the run; called again, it goes on where it stopped.

    `questions` names a set (`built-in`, a public one such as `belebele`, a file, a folder), or is a
    list of records or of dicts with `id`, `language`, `text`, `choices` and, if known, `gold`,
    `topic`, `split`, one for each question and language. `run` names the run, or is a path with a
    slash. `until` is the last stage to do: `pairs` leaves training out. `report` gets a line
    whenever there is progress. Settings are those of `calm align --help`, by name: `model`,
    `languages`, `num_samples`, ...; `preset` (`quick`, `balanced`, `thorough`) gives those that are
    not named. `pairs`, a file or rows of any form that `lint` reads, are trained on in place of
    votes: of the questions those that are held out are asked then.

    Pages show the run while it is done, and their Stop ends it at the next step: the run that is
    returned has the state `stopped` then, and the same call goes on with it.

    Raises CalmError for questions or settings that are not right, for a run of that name with
    others, and while another process works on it.
    """
    if until not in STAGES:
        raise CalmError("program.no-stage", name=repr(until), known=tuple(STAGES))
    given = {**(preset_settings(preset) if preset else {}), **given}
    if isinstance(questions, str | Path):
        config = settings(given, _full_path(questions))
    else:
        kept = keep_questions(questions_given(questions))
        config = settings(given, str(kept))
    if pairs is None:
        chosen = chosen_questions(config)
        if trains(until):
            check_questions(config, chosen)
        made = create_run(run, config)
    else:
        made = run_with_pairs(run, config, _given_pairs(pairs, config))
    try:
        with contextlib.suppress(Stopped), supervised(made, is_program=True):
            align_run(Context(made, report, lambda: jobs.is_asked_to_stop(made)), until)
    finally:
        jobs.release(made)
    return made


def _given_pairs(
    pairs: str | Path | Iterable[PreferencePair | Mapping[str, Any]], config: RunConfig
) -> GivenPairs:
    if isinstance(pairs, str | Path):
        return given_pairs(Path(pairs).expanduser(), config)
    return check_given(listed_pairs(list(pairs)), config, "pairs")


def _full_path(name: str | Path) -> str:
    """Return the whole path of a file or folder, so that other processes find it too."""
    if name == BUILT_IN or is_public(str(name)):
        return full_set_name(str(name))
    return str(Path(os.path.expanduser(name)).absolute())  # noqa: PTH111 - as `load_questions` does


def ask(
    question: str | QuestionRow | Sequence[QuestionRow],
    choices: Sequence[str] = (),
    *,
    language: str = "en",
    languages: Sequence[str] = DEFAULT_LANGUAGES,
    model: str | LanguageModel = SHIPPED_MODEL,
    precision: Precision = "auto",
    translate_online: bool = False,
    context: str = "",
    passages: int = 1,
    **sampling: Any,
) -> Asked:
    """Ask one question in several languages; return the answers and the vote.

    `question` is a text in `language`, with its `choices` or, without any, answered freely; or a
    record or dict; or a list of those, versions of one question. Other languages are translated to,
    by the model itself, or with `translate_online` by Google, which then gets the texts. `model` is
    a name, loaded for this call (seconds), or what `load_model` returned. Settings are those of
    sampling, by name: `num_samples`, `temperature`, `max_new_tokens`, `seed`, ... From the texts of
    the folder `context` so many `passages` stand before the question.

    In the result `responses` has `num_samples` rows for each of `versions`, and the `answer` of a
    row is an index into `options`, or `None` where none is stated. `winner` is the option with most
    answers, `None` for a tie; `left_out` tells why a language is missing.

    Raises CalmError where the question, a language or a setting is not right.
    """
    versions = versions_given(question, choices, language)
    codes = tuple(dict.fromkeys(language_of(code).code for code in languages))
    if not codes:
        raise CalmError("program.no-language")
    known = {version.language: version for version in versions}
    texts = TextFolder(Path(context).expanduser(), passages) if context else None
    order = Order(versions[0], known, codes, sampling_settings(sampling), translate_online, texts)
    answers = load_model(model, precision) if isinstance(model, str) else model
    return ask_model(answers, order)


@dataclass(frozen=True)
class Voted:
    """What responses say together."""

    votes: tuple[Vote, ...]
    """One a question, in the order of the questions."""
    weights: tuple[LanguageWeight, ...]
    """What an answer of each language counts."""
    responses: tuple[Response, ...]
    """With their answers read; `how` tells how, or why there is none."""


def vote(
    responses: Iterable[ResponseRow],
    questions: Iterable[QuestionRow],
    *,
    rule: Rule = "reliability",
    anchor: str | None = None,
) -> Voted:
    """Read the answers out of responses and let them vote; needs no model.

    `questions` are records or dicts as in `align`, `responses` records or dicts with `question_id`,
    `language` and `text`, or with an `answer` that was read already, an index from 0 into the
    question's choices. `rule` says what each language counts, `anchor` the language of the rule
    `anchor`. The `share` of a vote is from 0 to 1, and its `winner` `None` for a tie.

    Raises CalmError for rows that are not right, and for a response to no question.
    """
    voting = voting_settings(rule, anchor)
    groups = groups_given(questions)
    given = responses_given(responses, groups)
    unread = [row.how == "unread" and row.answer is None for row in given]
    read = extract([row for row, new in zip(given, unread, strict=True) if new], groups)
    answered = tuple(next(read) if new else row for row, new in zip(given, unread, strict=True))
    choices = {i: len(next(iter(versions.values())).choices) for i, versions in groups.items()}
    votes, weights = count_votes(answered, choices, voting.rule, voting.anchor)
    return Voted(tuple(votes), tuple(weights), answered)


def lint(
    pairs: str | Path | Iterable[PreferencePair | Mapping[str, Any]],
    questions: Iterable[QuestionRow] = (),
) -> LintReport:
    """Check preference pairs before training and return every finding; needs no model.

    `pairs` is a file, or records or dicts of any form that a file may have (`prompt`, `chosen`,
    `rejected`, ...). Rows that cannot be read are in the report's `left_out`. `questions`, where
    given, add what can be seen only with them.

    Raises CalmError where a file cannot be read or has no pair.
    """
    groups = groups_given(questions)
    left_out: list[Rejected]
    if isinstance(pairs, str | Path):
        items, left_out = linted_file(Path(pairs).expanduser())
    else:
        rows = [row for _, row in listed_pairs(list(pairs))]
        left_out = [row for row in rows if isinstance(row, Rejected)]
        items = linted((row for row in rows if isinstance(row, PreferencePair)), groups, "pairs")
    return dataclasses.replace(lint_pairs(items, groups), left_out=tuple(left_out))


def load_run(name: str | Path) -> Run:
    """Return a run by its name or its folder: `rows(table)`, `to_pandas(table)`, `config`, ...

    Raises CalmError where there is none, or where it is of another version.
    """
    return open_run(str(name))


def load_model(name: str = SHIPPED_MODEL, precision: Precision = "auto") -> LanguageModel:
    """Load a model to ask more than once: a packaged one, a Hub id, a folder of a model or adapter.

    The model that ships is prepared first where it is not yet (536 MB). Raises CalmError where
    there is no such model, or where it cannot be used.
    """
    from calm.models import loading

    return loading.load_model(full_name(name), precision)
