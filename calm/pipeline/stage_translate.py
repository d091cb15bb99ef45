"""The stage `translate`: every question gets a version in every language."""

from collections.abc import Sequence

from calm.errors import CalmError
from calm.messages import message
from calm.paths import calm_home
from calm.pipeline.context import Context, Progress
from calm.pipeline.run_questions import all_groups_of, groups_of, split_of
from calm.questions.translate import (
    TranslationCache,
    missing_versions,
    translate_question,
)
from calm.records import Untranslated
from calm.runs.folder import Run

HOPELESS = 5
"""Questions that could not be put into a language, none before, after which no more are tried."""


def translate(context: Context) -> None:
    run = context.run
    lacking = missing_versions(groups_of(run), run.config.languages)
    if not lacking:
        run.append("translations", [])
        return
    from calm.questions.translators import translators_for

    cache = TranslationCache(calm_home() / "translations.sqlite")
    translators = translators_for(context.model(), run.config.translate_online)
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
    return {row.question_id for row in failed} & set(split_of(all_groups_of(run), split))


def _check_comparable(run: Run, failed: Sequence[Untranslated], total: int) -> None:
    """Raise CalmError where no held-out question would be left to compare languages with.

    What was translated is kept, so that a new try asks for the rest alone.
    """
    if len(_without(run, failed, "held-out")) == len(split_of(all_groups_of(run), "held-out")):
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


def is_translated(run: Run) -> bool:
    if not run.has("translations") or run.config.imported:
        return run.has("translations")
    given_up = {(row.question_id, row.language) for row in run.rows("untranslated")}
    missing = missing_versions(groups_of(run), run.config.languages)
    return all((question.id, code) in given_up for question, code in missing)
