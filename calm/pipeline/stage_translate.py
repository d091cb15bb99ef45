"""The stage `translate`: every question gets a version in every language that it can be put into.

What nobody can make is left out, counted and told; the run goes on with the rest. A person may
give such versions later (see `calm.pipeline.corrections`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from calm.errors import CalmError
from calm.messages import LanguageName, Message, message
from calm.paths import calm_home
from calm.pipeline.context import Context, Progress
from calm.pipeline.run_passages import look_up
from calm.pipeline.run_questions import (
    all_groups_of,
    lacking_versions,
    languages_of,
    needed_splits,
    split_of,
    usable_groups_of,
)
from calm.questions.translate import (
    TranslationCache,
    translate_question,
)
from calm.records import Question, Untranslated
from calm.runs.folder import Run

HOPELESS = 12
"""Questions that could not be put into a language, none before, after which no more are tried."""


def translate(context: Context) -> None:
    """Make the versions that lack and write down which of them nobody could make.

    Raises CalmError where no training question, or no held-out one, exists in two languages: what
    was translated is kept, and a new try asks for the rest alone. Where the run asks with passages,
    they are looked up then.
    """
    _translate_missing(context)
    if context.run.config.context and not context.run.has("passages"):
        look_up(context)


def _translate_missing(context: Context) -> None:
    run = context.run
    lacking = lacking_versions(run)
    if not lacking:
        run.append("translations", [])
        return
    given = {row.language for row in run.rows("translations")}
    failed = _translated(context, lacking, given)
    run.append("translations", [])
    run.write("untranslated", failed)
    if failed:
        _check_enough(run, failed, len(lacking))
        _tell_left_out(context, failed, len(lacking))


@dataclass
class _Tries:
    """How it went language by language; a language that nothing can be put into is given up."""

    given: set[str]
    failed: list[Untranslated] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)

    def is_hopeless(self, code: str) -> bool:
        return code not in self.given and self.count[code] >= HOPELESS

    def fail(self, question: Question, code: str, reason: Message) -> None:
        self.count[code] += 1
        self.failed.append(Untranslated(question.id, code, reason))


def _translated(
    context: Context, lacking: Sequence[tuple[Question, str]], given: set[str]
) -> list[Untranslated]:
    """Translate what lacks, append each version to the run, and return those not made."""
    from calm.questions.translators import translators_for

    cache = TranslationCache(calm_home() / "translations.sqlite")
    translators = translators_for(context.model(), context.run.config.translate_online)
    progress = Progress(context, "translate", 0, len(lacking))
    tries = _Tries(given)
    for done, (question, code) in enumerate(lacking, start=1):
        if tries.is_hopeless(code):
            given_up = message("translations.given-up", language=LanguageName(code), tried=HOPELESS)
            tries.fail(question, code, given_up)
            continue
        try:
            row = translate_question(question, code, translators, cache, context.model().name)
        except CalmError as error:
            tries.fail(question, code, error.message)
        else:
            tries.given.add(code)
            context.run.append("translations", [row])
        progress.reach(done)
    progress.reach(len(lacking))
    return tries.failed


def is_enough(run: Run) -> bool:
    """Tell whether there are questions to go on with in each split that the run needs."""
    groups = usable_groups_of(run)
    return all(split_of(groups, split) for split in needed_splits(run.config))


def _check_enough(run: Run, failed: Sequence[Untranslated], total: int) -> None:
    if not is_enough(run):
        raise CalmError(
            "translations.none-comparable", count=len(failed), total=total, reason=failed[0].reason
        )


def _tell_left_out(context: Context, failed: Sequence[Untranslated], total: int) -> None:
    """Say what is left out: versions, questions, and languages that nothing is compared in."""
    run = context.run
    every, kept = all_groups_of(run), usable_groups_of(run)
    lacking = {row.question_id for row in failed} & split_of(kept, "train").keys()
    gone = [len(split_of(every, s)) - len(split_of(kept, s)) for s in ("train", "held-out")]
    said = message(
        "translations.left-out",
        count=len(failed),
        total=total,
        lacking=len(lacking),
        left_out=gone[1],
        reason=failed[0].reason,
    )
    if gone[0]:
        said = message("translations.dropped", left_out=said, count=gone[0])
    compared = languages_of(run, split_of(kept, "held-out"))
    if len(compared) < len(run.config.measured_languages):
        names = [LanguageName(code) for code in compared]
        said = message("translations.compared-in", left_out=said, languages=names)
    context.tell("translate", said)
    run.set_status("translate", "running", total, total, said)


def is_translated(run: Run) -> bool:
    """Tell whether every version was made or given up, and enough of them to go on with.

    Where the run asks with passages, they must have been looked up as well.
    """
    if run.config.context and not run.has("passages"):
        return False
    if not run.has("translations") or run.config.imported:
        return run.has("translations")
    given_up = {(row.question_id, row.language) for row in run.rows("untranslated")}
    tried = all((question.id, code) in given_up for question, code in lacking_versions(run))
    return tried and (not given_up or is_enough(run))
