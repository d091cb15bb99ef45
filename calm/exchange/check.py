"""What records must hold to be shown: checked in what comes from elsewhere, such as an archive.

A stage writes rows that fit together. A file from another hand may name questions that are not
there, or answers that no question has, and every page would trip over it.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from calm.asking.asked import Asked, choices_given
from calm.config import MOST_ROUNDS
from calm.errors import CalmError
from calm.evaluation.report import FLIPS, METRICS, READING_TITLES
from calm.fixes import Gauge
from calm.languages.table import LANGUAGES
from calm.messages import Message, message
from calm.pipeline.run_questions import groups_of, split_of
from calm.probes import ALL, Damage, Probed
from calm.questions.passages import is_whole
from calm.questions.rows import MOST_CHOICES, clean_text, parse_questions
from calm.reading import Passage
from calm.records import (
    VERDICTS,
    Ballot,
    PairEdit,
    PreferencePair,
    Question,
    Reading,
    Round,
    Untranslated,
    Vote,
)
from calm.runs.folder import FILES, Run, from_json
from calm.voting.vote import vote

Groups = dict[str, dict[str, Question]]

ANSWERS = ("answer", "base_answer", "aligned_answer", "gold", "winner")
PER_CHOICE = ("counts", "support")
YEAR_3000 = 32_503_680_000


def check_run(run: Run) -> None:
    """Raise CalmError, naming file and line, unless every row of the run can be shown."""
    groups = _groups(run)
    _check_questions([row for _, row in _rows(run, "reworded")], "reworded")
    for code in {code for versions in groups.values() for code in versions}:
        if code not in run.config.measured_languages:
            raise CalmError("record.foreign-language", language=code)
    for name in FILES:
        for number, row in _rows(run, name):
            if run.config.pairs_given and isinstance(row, PreferencePair | PairEdit):
                problem = _given_problem(row)
            elif isinstance(row, Probed | Damage | Gauge):
                problem = _probe_problem(row)
            elif isinstance(row, Round):
                problem = _round_problem(row)
            elif isinstance(row, Passage) and not is_whole(row):
                problem = message("record.no-passage")
            else:
                problem = _problem(row, groups, run.config.measured_languages)
            if problem:
                raise CalmError("record.in-line", file=name, line=number, problem=problem)
    _check_metrics(run)
    _check_evaluations(run)
    _check_scores(run)
    _check_time(run.status().updated_at)


def check_asked(row: Asked) -> None:
    """Raise CalmError unless the question, its responses, its options and its vote fit together."""
    said = row.vote
    problem: Message | None
    if row.step != "done" or not row.versions or said is None:
        problem = message("asked.unfinished")
    elif not all(map(is_whole, row.passages)):
        problem = message("record.no-passage")
    else:
        problem = _versions_problem(row) or _options_problem(row) or _vote_problem(row, said)
    if problem:
        raise CalmError("asked.unfit", problem=problem)
    _check_time(row.asked_at)


def _versions_problem(asked: Asked) -> Message | None:
    codes = {question.language for question in asked.versions}
    if len({question.id for question in asked.versions}) > 1 or len(codes) < len(asked.versions):
        return message("asked.not-one-question")
    if len({len(question.choices) for question in asked.versions}) > 1:
        return message("asked.more-choices")
    if not codes | set(asked.left_out) <= set(LANGUAGES):
        return message("asked.unknown-language")
    if asked.has_choices:
        _check_questions(list(asked.versions), "asked question")
    elif not all(clean_text(question.text, "text") for question in asked.versions):
        return message("asked.no-words")
    return None


def _options_problem(asked: Asked) -> Message | None:
    wordings = [wording for option in asked.options for wording in option.wordings]
    if asked.has_choices:
        given = choices_given(asked.versions, asked.responses)
        return None if asked.options == given else message("asked.other-options")
    if any(not option.wordings for option in asked.options) or any(w.count < 1 for w in wordings):
        return message("asked.empty-group")
    named = {row.language for row in wordings} | {row.language for row in asked.not_compared}
    named |= {option.language for option in asked.options}
    return None if named <= set(LANGUAGES) else message("asked.unknown-language")


def _vote_problem(asked: Asked, said: Vote) -> Message | None:
    """Hold the responses to the options, and the vote to the responses."""
    identity, options = asked.versions[0].id, len(asked.options)
    codes = tuple(question.language for question in asked.versions)
    if len(asked.prompts) not in (0, len(asked.responses)):
        return message("asked.prompts")
    for row in asked.responses:
        if row.question_id != identity or row.language not in codes:
            return message("record.no-question")
        order = {} if asked.has_choices or row.choice_order else {"choice_order": range(options)}
        if problem := _answer_problem(vars(row) | order, options, codes):
            return problem
    counts = max(1, options)  # a vote among no groups has one count, which is 0
    if problem := _answer_problem(vars(said), counts, codes):
        return problem
    if set(said.by_language) != set(codes):
        return message("asked.vote-languages")
    counted = vote(asked.responses, {identity: counts}, "plurality")[0][0]
    same = [getattr(said, n) == getattr(counted, n) for n in ("counts", "winner", "by_language")]
    return None if all(same) and 0 <= said.share <= 1 else message("asked.other-vote")


def _check_time(seconds: float) -> None:
    if not 0 <= seconds < YEAR_3000:
        raise CalmError("record.no-time", seconds=seconds)


def _groups(run: Run) -> Groups:
    questions = [row for name in ("questions", "translations") for _, row in _rows(run, name)]
    _check_questions(questions, "questions")
    groups: Groups = {}
    for question in questions:
        groups.setdefault(question.id, {})[question.language] = question
    for identity, versions in groups.items():
        if len({len(question.choices) for question in versions.values()}) > 1:
            raise CalmError("record.choices-differ", question=repr(identity[:80]))
    return groups


def _check_questions(questions: list[Question], where: str) -> None:
    """Hold them to the checks of every question file."""
    rows = [{**vars(q), "choices": list(q.choices)} for q in questions]
    parse_questions(list(enumerate(rows, start=1)), where, False, MOST_CHOICES)


def _rows(run: Run, name: str) -> Iterator[tuple[int, Any]]:
    """Yield the whole lines of a file with their numbers; a torn last one is left out, as ever."""
    path = run.path(name)
    if not path.is_file():
        return
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield number, from_json(FILES[name], line)
            except CalmError as error:
                raise CalmError("record.in-line", file=name, line=number, problem=error) from None


def _problem(row: Any, groups: Groups, languages: tuple[str, ...]) -> Message | None:
    """Return what keeps a row from being shown; `None` for a good one."""
    fields = vars(row)
    if "metric" in fields:
        return _score_problem(row, languages)
    for name in ("language", "chosen_language"):
        if fields.get(name, languages[0]) not in languages:
            return _foreign_language(name, str(fields[name]))
    if "question_id" not in fields:
        return None
    versions = groups.get(row.question_id)
    if not versions or not (
        isinstance(row, Untranslated) or fields.get("language", next(iter(versions))) in versions
    ):
        return message("record.no-question")
    choices = len(next(iter(versions.values())).choices)
    if isinstance(row, Ballot):
        return _ballot_problem(row, choices)
    return _answer_problem(fields, choices, languages)


def _given_problem(row: PreferencePair | PairEdit) -> Message | None:
    """Pairs of a file may be about questions, and in languages, that the run does not ask in."""
    for name in ("language", "chosen_language"):
        code = getattr(row, name, row.language)
        if code not in LANGUAGES:
            return _foreign_language(name, code)
    return None


def _ballot_problem(ballot: Ballot, choices: int) -> Message | None:
    """A ballot gives answers in words; what it judged may have been asked nobody knows how."""
    if ballot.opinion not in VERDICTS[ballot.kind]:
        return message("record.no-opinion", opinion=repr(ballot.opinion), kind=ballot.kind)
    if ballot.choice_order and sorted(ballot.choice_order) != list(range(choices)):
        return message("record.choice-order")
    return None if 0 <= ballot.cast_at < YEAR_3000 else message("record.cast-at")


def _answer_problem(
    fields: Mapping[str, Any], choices: int, languages: tuple[str, ...]
) -> Message | None:
    by_language = fields.get("by_language", {})
    answers = [fields.get(name) for name in ANSWERS] + list(by_language.values())
    if any(answer is not None and not 0 <= answer < choices for answer in answers):
        return message("record.no-answer")
    if any(code not in languages for code in by_language):
        return message("record.answer-language")
    numbers = [fields[name] for name in PER_CHOICE if name in fields]
    if any(len(row) != choices for row in numbers) or len(fields.get("log_probs", ())) not in (
        0,
        choices,
    ):
        return message("record.numbers")
    if "choice_order" in fields and sorted(fields["choice_order"]) != list(range(choices)):
        return message("record.choice-order")
    start, end = fields.get("answer_span") or (0, 0)
    if not 0 <= start <= end <= len(fields.get("text", "")):
        return message("record.answer-span")
    return None


def _foreign_language(name: str, value: str) -> Message:
    return message("record.language-not-of-run", name=name, value=repr(value[:40]))


def _score_problem(row: Any, languages: tuple[str, ...]) -> Message | None:
    codes = row.language.split("-")
    if row.language != "all" and (len(codes) > 2 or not set(codes) <= set(languages)):
        return _foreign_language("language", row.language)
    numbers = [number for number in (row.value, row.low, row.high) if number is not None]
    return None if all(map(math.isfinite, numbers)) else message("record.no-number")


def _probe_problem(row: Probed | Damage | Gauge) -> Message | None:
    """What is looked at for damage may be in languages that the run does not ask in."""
    if row.language not in (ALL, *LANGUAGES):
        return _foreign_language("language", row.language)
    if isinstance(row, Probed):
        if row.answer is not None and not 0 <= row.answer < MOST_CHOICES:
            return message("record.no-answer")
        numbers = [*row.values.values()]
    elif isinstance(row, Gauge):
        numbers = [row.before, row.after]
    else:
        told = (row.base, row.aligned, row.change, row.low, row.high, row.p)
        numbers = [number for number in told if number is not None]
    return None if all(map(math.isfinite, numbers)) else message("record.no-number")


def _round_problem(row: Round) -> Message | None:
    """Shares of wholes: a round has no more right votes than judged ones, nor more than it kept."""
    counts = 0 <= row.right <= row.judged <= row.kept and 1 <= row.number <= MOST_ROUNDS
    shares = [s for s in (row.efficacy, row.accuracy, row.consistency) if s is not None]
    return None if counts and all(0 <= s <= 1 for s in shares) else message("record.no-number")


def _check_metrics(run: Run) -> None:
    path = run.path("metrics")
    if not path.is_file():
        return
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        if not line.endswith(b"\n"):
            return
        row = from_json(dict[str, float], line)
        if not math.isfinite(row.get("step", math.nan)) or not all(map(str.isprintable, row)):
            raise CalmError("metrics.not-training", line=number)


def _check_evaluations(run: Run) -> None:
    """A run that is compared has every held-out answer of both models, in both readings."""
    if not run.has("comparisons"):
        return
    have = {
        (row.question_id, row.language, row.model, row.reading)
        for _, row in _rows(run, "evaluations")
    }
    for identity, versions in split_of(groups_of(run), "held-out").items():
        for code in versions:
            for model in ("base", "aligned"):
                for reading in get_args(Reading):
                    if (identity, code, model, reading) not in have:
                        raise CalmError(
                            "evaluations.lacking",
                            question=repr(identity[:80]),
                            language=code,
                            model=model,
                        )


def _check_scores(run: Run) -> None:
    """Where there is a change, there is what changed; where there is a score, there are totals."""
    scores = [row for _, row in _rows(run, "scores")]
    have = {(s.reading, s.language, s.metric, s.model) for s in scores}
    needed = {
        (reading, code, metric, side)
        for reading, code, metric, model in have
        for side in ("base", "aligned")
        if model == "change" and metric in METRICS
    }
    if scores:
        needed |= {(how, "all", "consistency", "base") for how in READING_TITLES}
        needed |= {("response", "all", "consistency", "change")}
        needed |= {("response", "all", flip, "change") for flip in FLIPS if _flips(have)}
    if lacking := sorted(needed - have):
        raise CalmError("scores.lacking", score=lacking[0])


def _flips(have: set[tuple[str, str, str, str]]) -> bool:
    return any(("response", "all", flip, "change") in have for flip in FLIPS)
