"""The order of the stages, and where each reads and writes. The only file that knows both.

Every stage looks at what its file holds and does what is missing, so a run that was stopped goes
on where it stopped, and one that is finished does nothing.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from calm.answers.choice import extract
from calm.answers.sample import check_room, expected_keys, key, sample
from calm.ballots.box import BallotBox
from calm.ballots.preferences import about, disagreements, pairs_of, without_overruled
from calm.config import UNNAMED, RunConfig
from calm.errors import CalmError
from calm.evaluation.common_ground import common_ground
from calm.evaluation.compare import compare
from calm.evaluation.efficacy import Taught, efficacy, taught
from calm.evaluation.evaluate import READINGS, ROLES, evaluate, scores
from calm.languages.table import language
from calm.messages import Message, message
from calm.model_names import called
from calm.models.interface import LanguageModel
from calm.pairs.build import PromptText, pairs
from calm.pairs.edits import learnt
from calm.paths import calm_home
from calm.questions.prompts import chat_message, prompt_for, resolve_format
from calm.questions.recorded_prompts import prompt_record, recorded_prompt
from calm.questions.sets import by_id, load_questions
from calm.questions.translate import (
    TranslationCache,
    TranslationFailed,
    missing_versions,
    translate_question,
    translate_text,
)
from calm.records import (
    Ballot,
    Evaluation,
    Faster,
    Format,
    ModelRecord,
    PreferencePair,
    Question,
    Reading,
    TrlSettings,
    Untranslated,
)
from calm.runs.folder import Run
from calm.runs.rates import Rate, Yield, keep_rate, keep_yield
from calm.training.schedule import schedule
from calm.training.train import train
from calm.voting.vote import vote

Groups = dict[str, dict[str, Question]]
LAST = "compare"
EVALUATE_IDS_AT_ONCE = 16
HOPELESS = 5
"""Questions that could not be put into a language, none before, after which no more are tried."""


class Stopped(Exception):
    """The run was asked to stop; what it has done is kept."""


@dataclass
class Context:
    """What the stages share: the run, who listens, and the model, loaded when first needed."""

    run: Run
    report: Callable[[str], None] = lambda line: None
    should_stop: Callable[[], bool] = lambda: False
    progress: "Progress | None" = field(default=None, repr=False)
    """That of the stage that is being done, once it counts in units."""
    trains: bool = False
    """Whether what is asked will be trained on: a model that cannot be is refused at once."""
    _model: LanguageModel | None = field(default=None, repr=False)

    def model(self) -> Any:
        """Return the model that answers."""
        if self._model is None:
            _check_named(self.run)
            from calm.models.loading import load_model

            config = self.run.config
            self.report(f"loading {called(config.model)}")
            self._model = load_model(
                config.model, config.precision, faster_of(self.run), files_of(self.run)
            )
            if self.trains:
                from calm.models.trust import check_trainable

                check_trainable(self._model)
            keep_model(self.run, self._model, self.report)
        return self._model


def faster_of(run: Run) -> Faster | None:
    """Return the precision that the run found to be the faster one; `None` before it looked."""
    kept = run.model_record()
    return kept.faster if kept else None


def files_of(run: Run) -> dict[str, str]:
    """Return what the run found its model's files to be; empty before it looked."""
    kept = run.model_record()
    return kept.files if kept else {}


def keep_model(run: Run, model: Any, report: Callable[[str], None]) -> None:
    """Write down which model the run uses and how it is asked, when it is first loaded.

    A run of before that did not say how it asks says it now. Raises CalmError where it is another
    model than before: its answers would be a mixture.
    """
    from calm.models.identity import record_of

    now, before = record_of(model), run.model_record()
    if not run.config.imported:
        now = replace(now, prompts=prompt_record(model, run.config.sampling.prompt_format))
    if before is None:
        run.write_model_record(now)
        report(f"{now.name} computes in {now.dtype}, {now.trust}")
        return
    changed = [name for name in ("files", "base", "chat_template") if differ(now, before, name)]
    if changed:
        raise CalmError("run.other-model", folder=run.folder, model=now.name, changed=changed)
    if before.prompts is None and now.prompts is not None:
        run.write_model_record(replace(before, prompts=now.prompts))
    if now.versions != before.versions:
        report("the run began with other versions of libraries; its last bits may differ")


def differ(now: ModelRecord, before: ModelRecord, name: str) -> bool:
    return bool(getattr(now, name) != getattr(before, name))


class Progress:
    """Tells the run's status how far a stage is, and stops it when asked to."""

    def __init__(self, context: Context, stage: str, done: int, total: int) -> None:
        self._context, self._stage = context, stage
        self._first, self.total, self._start = done, total, time.monotonic()
        self.units, self.seconds = 0, 0.0
        """What has been done since, and how long it took."""
        context.progress = self
        self.reach(done)

    def reach(self, done: int, said: Message | None = None) -> None:
        """Record that `done` units are done. Raises Stopped when the run was asked to stop."""
        if self._context.should_stop():
            raise Stopped
        self.units, self.seconds = done - self._first, time.monotonic() - self._start
        rate = self.units / self.seconds if self.units else 0.0
        text = said or message(f"doing.{self._stage}", done=done, total=self.total)
        self._context.run.set_status(self._stage, "running", done, self.total, text, rate)
        self._context.report(f"{self._stage}: {text}")


def align(context: Context, until: str = LAST) -> None:
    """Run every stage that is not done yet, the last of them `until`.

    Raises Stopped when asked to stop in between.

    Raises CalmError for imported responses, which have no held-out questions to measure with.
    """
    if context.run.config.imported:
        raise CalmError(
            "run.imported-without-held-out", folder=context.run.folder, run=context.run.name
        )
    context.trains = list(STAGES).index(until) >= list(STAGES).index("train")
    for name in STAGES:
        if context.should_stop():
            raise Stopped
        run_stage(name, context)
        if name == until:
            break
    if STAGES[LAST].is_done(context.run):
        context.run.set_status(LAST, "done", 1, 1, message("status.finished"))
    else:
        said = message("status.stopped-after", stage=until)
        context.run.set_status(until, "stopped", 1, 1, said)


def run_stage(name: str, context: Context) -> None:
    """Do what is missing of one stage.

    Raises CalmError, naming the command to call first, where an earlier stage is not done.
    """
    stage = STAGES[name]
    for needed in stage.needs:
        if not STAGES[needed].is_done(context.run):
            raise CalmError(
                "stage.needs",
                stage=name,
                needed=needed,
                folder=context.run.folder,
                run=context.run.name,
            )
    if not stage.is_done(context.run):
        context.run.set_status(name, "running", message=message("status.starting"))
        context.progress, began = None, time.monotonic()
        stage.do(context)
        _keep_rate(name, context, time.monotonic() - began)


def _keep_rate(name: str, context: Context, passed: float) -> None:
    """Remember how fast a stage was, so that the next run's time can be told before it starts."""
    config, progress = context.run.config, context.progress
    if name == "pairs" and not config.imported:
        asked = sum(len(v) for v in split_of(groups_of(context.run), "train").values())
        made = Yield(len(context.run.rows("pairs")), asked)
        keep_yield(config.model, config.pairs.min_vote_share, made)
    if progress is None or not progress.units:
        return
    units, around = float(progress.units), passed - progress.seconds
    precision = config.precision
    if name == "train":  # it is counted in steps, from the end of the first one, and told in pairs
        around -= progress.seconds / units
        pairs = len(learnt(context.run))
        units *= pairs * schedule(pairs, config.train).epochs / progress.total
        precision = config.train.precision
    rate = Rate(units, progress.seconds, max(0.0, around), time.time())
    keep_rate(config.model, precision, name, rate)


def redo(name: str, run: Run) -> None:
    """Remove what a stage and the stages after it wrote, so that they are done again.

    Raises CalmError for what was imported: no stage of this run could make it again.
    """
    import shutil

    if run.config.imported and name in IMPORTED:
        raise CalmError("run.imported-stage", folder=run.folder, stage=name)

    for later in itertools.dropwhile(lambda other: other != name, STAGES):
        for file in STAGES[later].files:
            run.path(file).unlink(missing_ok=True)
        if later == "train":
            shutil.rmtree(run.adapter, ignore_errors=True)


def groups_of(run: Run) -> Groups:
    """Return all questions of a run with their translations: id -> language -> question.

    A training question may lack a language. A held-out one that nobody could put into a language
    is left out: languages are compared on the same questions.
    """
    lacking = {row.question_id for row in run.rows("untranslated")}
    return {
        i: versions
        for i, versions in _groups(run).items()
        if not (i in lacking and next(iter(versions.values())).split == "held-out")
    }


def _groups(run: Run) -> Groups:
    """Return all questions, also those that are left out."""
    groups = by_id([*run.rows("questions"), *run.rows("translations")])
    order = run.config.languages
    return {i: {code: v[code] for code in order if code in v} for i, v in groups.items()}


def split_of(groups: Mapping[str, Mapping[str, Question]], split: str) -> Groups:
    """Return the questions of one split, in every language of the run."""
    return {
        i: dict(versions)
        for i, versions in groups.items()
        if next(iter(versions.values())).split == split
    }


def _questions(context: Context) -> None:
    context.run.write("questions", chosen_questions(context.run.config))


def chosen_questions(config: RunConfig) -> list[Question]:
    """Return the questions that a run with these settings asks, in every language of the set.

    Raises CalmError where the set cannot be read, or lacks one of the two splits.
    """
    groups = by_id(load_questions(config.question_set, config.languages))
    limits = {
        "train": config.max_train_questions,
        "held-out": config.max_held_out_questions,
    }
    kept = [
        question
        for split, limit in limits.items()
        for versions in _spread(split_of(groups, split), limit).values()
        for question in versions.values()
    ]
    if not any(q.split == "train" for q in kept) or not any(q.split == "held-out" for q in kept):
        raise CalmError("questions.one-split", questions=config.question_set)
    return kept


def _spread(groups: Groups, limit: int | None) -> Groups:
    """Return at most `limit` questions, spread evenly over the set and so over its topics."""
    if limit is None or limit >= len(groups):
        return groups
    ids = list(groups)
    return {ids[i * len(ids) // limit]: groups[ids[i * len(ids) // limit]] for i in range(limit)}


def _translate(context: Context) -> None:
    run = context.run
    lacking = missing_versions(groups_of(run), run.config.languages)
    if not lacking:
        run.append("translations", [])
        return
    from calm.questions.translators import translators_for

    cache = TranslationCache(calm_home() / "translations.sqlite")
    translators = translators_for(context.model())
    progress = Progress(context, "translate", 0, len(lacking))
    given = {row.language for row in run.rows("translations")}
    failed: list[Untranslated] = []
    for done, (question, code) in enumerate(lacking, start=1):
        try:
            row = translate_question(question, code, translators, cache, context.model().name)
        except CalmError as error:
            failed.append(Untranslated(question.id, code, error.message))
            if code not in given and sum(f.language == code for f in failed) == HOPELESS:
                raise
        else:
            given.add(code)
            run.append("translations", [row])
        progress.reach(done)
    run.append("translations", [])
    if failed:
        _check_comparable(run, failed, len(lacking))
        run.write("untranslated", failed)
        _tell_left_out(context, failed, len(lacking))


def _without(run: Run, failed: Sequence[Untranslated], split: str) -> set[str]:
    """Return the questions of a split that lack a language."""
    return {row.question_id for row in failed} & set(split_of(_groups(run), split))


def _check_comparable(run: Run, failed: Sequence[Untranslated], total: int) -> None:
    """Raise CalmError where no held-out question would be left to compare languages with.

    What was translated is kept, so that a new try asks for the rest alone.
    """
    if len(_without(run, failed, "held-out")) == len(split_of(_groups(run), "held-out")):
        raise CalmError(
            "translations.none-comparable", count=len(failed), total=total, reason=failed[0].reason
        )


def _tell_left_out(context: Context, failed: Sequence[Untranslated], total: int) -> None:
    run = context.run
    lacking, left_out = (len(_without(run, failed, split)) for split in ("train", "held-out"))
    said = message(
        "translations.left-out",
        count=len(failed),
        total=total,
        lacking=lacking,
        left_out=left_out,
        reason=failed[0].reason,
    )
    context.report(f"translate: {said}")
    run.set_status("translate", "running", total, total, said)


def _translated(run: Run) -> bool:
    if not run.has("translations") or run.config.imported:
        return run.has("translations")
    given_up = {(row.question_id, row.language) for row in run.rows("untranslated")}
    missing = missing_versions(groups_of(run), run.config.languages)
    return all((question.id, code) in given_up for question, code in missing)


ASKED_AS: dict[Format, str] = {
    "chat": "in the model's chat template (--prompt-format chat)",
    "cloze": "behind worked examples, without their choices (--prompt-format cloze)",
    "listed": "behind worked examples, with their choices (--prompt-format listed)",
}
"""How the questions of a run are asked, for its log."""


def _sample(context: Context) -> None:
    run = context.run
    config = run.config.sampling
    groups = split_of(groups_of(run), "train")
    have = {key(response) for response in run.rows("responses")}
    total = len(_sample_keys(run))
    model = context.model()
    form = resolve_format(config.prompt_format, model.is_chat)
    context.report(f"sample: questions are asked {ASKED_AS[form]}")
    check_room(
        model, (q for versions in groups_of(run).values() for q in versions.values()), config
    )
    progress = Progress(context, "sample", len(have), total)
    for batch in sample(model, groups, config, frozenset(have), context.should_stop):
        run.append("responses", batch)
        have.update(map(key, batch))
        progress.reach(len(have))
    progress.reach(len(have))


def _sample_keys(run: Run) -> list[Any]:
    train_split = split_of(groups_of(run), "train")
    asked = [question for versions in train_split.values() for question in versions.values()]
    return expected_keys(asked, run.config.sampling.num_samples)


def _sampled(run: Run) -> bool:
    if not run.has("responses") or run.config.imported:
        return run.has("responses")
    return set(_sample_keys(run)) <= {key(response) for response in run.rows("responses")}


def _extract(context: Context) -> None:
    run = context.run
    run.write("answers", extract(run.rows("responses"), groups_of(run)))


def _vote(context: Context) -> None:
    run = context.run
    voting = run.config.voting
    votes, weights = vote(run.rows("answers"), choices_of(run), voting.rule, voting.anchor)
    run.write("weights", weights)
    run.write("votes", votes)
    found = common_ground(votes)
    if found and found.is_slight:
        context.report(
            f"vote: these languages hardly agree beyond chance (kappa {found.value:.2f}, "
            f"{found.low:.2f} to {found.high:.2f}, where 0 is chance): a vote across them is "
            "noise. Choose a model that speaks them, or leave languages out."
        )


def choices_of(run: Run) -> dict[str, int]:
    """Return how many choices each training question has, in the order of the run."""
    train_split = split_of(groups_of(run), "train")
    return {i: len(next(iter(v.values())).choices) for i, v in train_split.items()}


def _pairs(context: Context) -> None:
    run = context.run
    config = run.config.pairs
    explanations = Explanations(context)
    asked = _asked_plainly() if run.config.imported else _asked_by_model(context)
    groups = split_of(groups_of(run), "train")
    ballots, by_people = _ballots(context, groups, asked)
    votes = [] if config.source == "ballots" else run.rows("votes")
    overruled = disagreements(ballots, votes, groups)
    kept, versions = without_overruled(votes, groups, overruled)
    made = pairs(
        kept,
        run.rows("answers"),
        versions,
        config,
        asked.prompt_text,
        asked.explains,
        asked.letters,
        explanations.translated,
    )
    run.write("trl_settings", asked.trl_settings)
    run.write("pairs", [*made, *by_people])
    said = message("status.pairs", count=len(run.rows("pairs")))
    if config.source != "votes":
        said = message("status.pairs-by-people", pairs=said, count=len(by_people))
    if overruled:
        said = message("status.overruled", pairs=said, count=len(overruled))
    if explanations.lacking:
        said = message("status.no-explanation", pairs=said, count=explanations.lacking)
    context.report(f"pairs: {said}")
    run.set_status("pairs", "running", message=said)


def _ballots(
    context: Context, groups: Groups, asked: "_Asked"
) -> tuple[list[Ballot], list[PreferencePair]]:
    """Return the ballots on the training questions, and their pairs; none where votes alone count.

    The run keeps the ballots it took, their voters hashed. Raises CalmError where nothing but
    ballots is to be trained on and none makes a pair.
    """
    run = context.run
    config = run.config.pairs
    run.path("ballots").unlink(missing_ok=True)
    if config.source == "votes":
        return [], []
    ballots = about(BallotBox().anonymous(), groups)
    run.write("ballots", ballots)
    made = pairs_of(ballots, groups, config, asked.prompt_text, asked.explains, asked.letters)
    if not made and config.source == "ballots":
        raise CalmError("ballots.no-pair", count=len(ballots), folder=run.folder)
    return ballots, made


@dataclass(frozen=True)
class _Asked:
    """How the questions of a run are asked in its pairs."""

    prompt_text: PromptText
    explains: bool
    letters: str | None
    trl_settings: list[TrlSettings]
    """Empty where it is not known in which template the model is asked."""


def _asked_plainly() -> _Asked:
    """Imported responses explain; who gave them saw Latin letters, in whatever template."""
    letters = language("en").letters
    return _Asked(lambda question, order: chat_message(question, order, letters), True, letters, [])


def _asked_by_model(context: Context) -> _Asked:
    """Return how the model is asked, as the run wrote it down; else it is loaded to know."""
    kept = context.run.model_record()
    if kept and kept.prompts:
        record = kept.prompts
        return _Asked(
            lambda question, order: recorded_prompt(record, question, order),
            record.format == "chat",
            None,
            list(record.trl_settings),
        )
    wanted = context.run.config.sampling.prompt_format
    model = context.model()
    chat = resolve_format(wanted, model.is_chat) == "chat"
    return _Asked(
        lambda question, order: prompt_for(model, question, order, wanted).text,
        chat,
        None,
        [TrlSettings(form, told) for form, told in model.trl_settings(chat).items()],
    )


class Explanations:
    """Puts explanations into another language through a service, as far as it is reachable."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cache = TranslationCache(calm_home() / "translations.sqlite")
        self.lacking = 0
        """How many could not be translated."""

    def translated(self, text: str, from_code: str, to_code: str) -> str | None:
        """Return the text in the other language, or `None`. Raises Stopped when asked to stop.

        A service that failed is not asked again for some minutes, so without a network only the
        first call waits.
        """
        from calm.questions.translators import GOOGLE

        if self._context.should_stop():
            raise Stopped
        try:
            return translate_text(text, from_code, to_code, GOOGLE, self._cache)
        except TranslationFailed as failure:
            if not self.lacking:
                self._context.report(f"pairs: no translation of an explanation ({failure})")
            self.lacking += 1
            return None


def _train(context: Context) -> None:
    run = context.run
    _check_named(run)
    rows = learnt(run)
    run.path("metrics").unlink(missing_ok=True)
    context.report(f"train: {len(rows)} pairs")
    context.run.set_status(
        "train", "running", message=message("status.preparing-pairs", count=len(rows))
    )
    progress: list[Progress] = []

    def on_log(logs: dict[str, float], step: int, total: int) -> None:
        run.append_json("metrics", {"step": step, **logs})
        if not progress:
            progress.append(Progress(context, "train", step, total))
        loss, margin = logs["loss"], logs.get("rewards/margins", 0.0)
        said = message("status.training", done=step, total=total, loss=loss, margin=margin)
        if not context.should_stop():
            progress[0].reach(step, said)

    config = run.config
    stop = context.should_stop
    if not train(
        config.model,
        rows,
        config.train,
        run.adapter,
        on_log,
        stop,
        plain_prompts=config.imported,
        faster=faster_of(run),
        files=files_of(run),
        on_loaded=lambda model: keep_model(run, model, context.report),
        report=lambda line: context.report(f"train: {line}"),
    ):
        raise Stopped


def _check_named(run: Run) -> None:
    if run.config.model == UNNAMED:
        raise CalmError("run.imported-unnamed", folder=run.folder)


def _evaluate(context: Context) -> None:
    run = context.run
    config = run.config
    groups = groups_of(run)
    held_out, trained_on = (split_of(groups, split) for split in ("held-out", "train"))
    if not held_out:
        raise CalmError("run.no-held-out", folder=run.folder)
    lessons = taught(learnt(run), trained_on)
    _ask_both(context, {"efficacy": _asked_again(trained_on, lessons), "evaluations": held_out})
    golds = {i: next(iter(v.values())).gold for i, v in held_out.items()}
    found = scores(run.rows("evaluations"), golds, config.languages)
    learned = efficacy(run.rows("efficacy"), lessons, config.languages)
    run.write("scores", [*found, *learned])


ASKED_FOR: dict[str, tuple[Reading, ...]] = {"efficacy": ("response",), "evaluations": READINGS}
"""How the answers of each file of the evaluation are read."""


def _asked_again(groups: Groups, lessons: Taught) -> Groups:
    """Return the questions trained on that are asked again, in the languages that were taught."""
    ids = dict.fromkeys(identity for identity, _ in lessons)
    return {i: {c: q for c, q in groups[i].items() if (i, c) in lessons} for i in ids}


def _ask_both(context: Context, asked: Mapping[str, Groups]) -> None:
    """Ask the questions of each file, the base model first, then the aligned one."""
    run, model = context.run, context.model()
    have = {name: {_evaluation_key(row) for row in run.rows(name)} for name in asked}
    for name in asked:
        run.append(name, [])

    def answers() -> int:
        return sum(len(have[name]) // len(ASKED_FOR[name]) for name in asked)

    total = 2 * sum(len(versions) for groups in asked.values() for versions in groups.values())
    progress = Progress(context, "evaluate", answers(), total)
    for role, adapter in zip(ROLES, (None, run.adapter), strict=True):
        with model.use(adapter):
            for name, groups in asked.items():
                for batch in _batched(groups.values(), EVALUATE_IDS_AT_ONCE):
                    every = [question for versions in batch for question in versions.values()]
                    last = ASKED_FOR[name][-1]
                    if {(q.id, q.language, role, last) for q in every} <= have[name]:
                        continue
                    rows = evaluate(
                        model, every, role, run.config.sampling, readings=ASKED_FOR[name]
                    )
                    new = [row for row in rows if _evaluation_key(row) not in have[name]]
                    run.append(name, new)
                    have[name].update(map(_evaluation_key, new))
                    progress.reach(answers())


def _compare(context: Context) -> None:
    run = context.run
    held_out = split_of(groups_of(run), "held-out")
    run.write("comparisons", compare(run.rows("evaluations"), held_out))


def _evaluation_key(row: Evaluation) -> tuple[str, str, str, str]:
    return (row.question_id, row.language, row.model, row.reading)


def _batched(items: Iterable[Any], size: int) -> Iterable[tuple[Any, ...]]:
    rest = iter(items)
    while batch := tuple(itertools.islice(rest, size)):
        yield batch


def _file_is_there(name: str) -> Callable[[Run], bool]:
    return lambda run: run.has(name)


@dataclass(frozen=True)
class Stage:
    """One step: what it does, when it is done, what must be done before, what it writes."""

    do: Callable[[Context], None]
    is_done: Callable[[Run], bool]
    needs: tuple[str, ...]
    files: tuple[str, ...]


STAGES: dict[str, Stage] = {
    "questions": Stage(_questions, _file_is_there("questions"), (), ("questions",)),
    "translate": Stage(_translate, _translated, ("questions",), ("translations", "untranslated")),
    "sample": Stage(_sample, _sampled, ("translate",), ("responses",)),
    "extract": Stage(_extract, _file_is_there("answers"), ("sample",), ("answers",)),
    "vote": Stage(_vote, _file_is_there("votes"), ("extract",), ("weights", "votes")),
    "pairs": Stage(
        _pairs, _file_is_there("pairs"), ("vote",), ("ballots", "trl_settings", "pairs")
    ),
    "train": Stage(_train, lambda run: run.adapter.is_dir(), ("pairs",), ("metrics",)),
    "evaluate": Stage(
        _evaluate, _file_is_there("scores"), ("train",), ("evaluations", "efficacy", "scores")
    ),
    "compare": Stage(_compare, _file_is_there("comparisons"), ("evaluate",), ("comparisons",)),
}
IMPORTED = ("questions", "translate", "sample")
"""The stages whose files an imported run came with."""
