"""What the runs of a study share: files of stages that came of the same settings are the same file.

A run takes over what another one of its study has finished: questions and translations, responses
and answers, votes, pairs, and the base model's answers. Which of them depends on which settings is
said here once. Whole files are hard links, or copies where the disk has none: a stage puts a new
file in the place of one, and never writes into one that is done.
"""

import contextlib
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from calm.config import RunConfig
from calm.pipeline.stage_questions import RECORD
from calm.pipeline.stages import STAGES
from calm.runs.folder import MODEL, Run
from calm.runs.rounds import round_of

Key = tuple[Any, ...]
BASE = "base"
BASE_ANSWERS = ("evaluations", "efficacy")
"""The files whose rows of the base model do not depend on what was trained."""
PROBED = "damage_answers"
"""What both models were asked to look for damage; more of the base model's is no harm."""
STEPS = ("questions", "translate", "sample", "extract", "vote", "pairs")
"""The stages whose files are shared, in their order."""


def stage_key(config: RunConfig, stage: str) -> Key:
    """Return what the files of a stage depend on: two runs with equal ones share them."""
    asked = (
        *(config.question_set, config.columns, config.languages, config.measured_languages),
        *(config.train_topics, config.measure_topics, config.max_train_questions),
        *(config.max_held_out_questions, config.imported, config.pairs_given),
    )
    if stage == "questions":
        return asked
    if stage == "translate":
        looked_up = (config.context, config.passages, config.passage_length)
        return (*asked, config.model, config.precision, config.translate_online, *looked_up)
    sampled = (*stage_key(config, "translate"), *_values(config.sampling))
    voted = (*sampled, *_values(config.voting))
    return {
        "sample": sampled,
        "extract": sampled,
        "vote": voted,
        "pairs": (*voted, *_values(config.pairs)),
    }[stage]


def base_key(config: RunConfig) -> Key:
    """Return what the base model's answers to what is held out depend on.

    Neither the languages trained on nor how often questions are sampled is among it.
    """
    asked = asdict(config.sampling)
    for drawn in ("num_samples", "temperature", "top_p", "questions_per_batch"):
        del asked[drawn]
    return (
        *(config.model, config.precision, config.translate_online, config.question_set),
        *(config.columns, config.measured_languages, config.measure_topics),
        *(config.max_held_out_questions, *asked.values()),
        *(config.context, config.passages, config.passage_length),
    )


def _values(part: Any) -> tuple[Any, ...]:
    return tuple(asdict(part).values())


def take_over(run: Run, others: Iterable[Run]) -> dict[str, str]:
    """Give a run what others of its study have finished; return from which run each stage came.

    What the run has already stays. Only whole stages are taken over.
    """
    found: dict[str, str] = {}
    donors = [other for other in others if other.folder != run.folder]
    for stage in STEPS:
        if STAGES[stage].is_done(run):
            continue
        donor = _donor(run, donors, stage)
        if donor is None:
            break
        _link(*map(donor.path, STAGES[stage].files), donor.folder / RECORD, to=run)
        _share_model(donor, run)
        found[stage] = donor.name
    if not run.has("evaluations") and (donor := _base_donor(run, donors)) is not None:
        found |= _copy_base_answers(donor, run)
    if not run.has(PROBED) and (donor := _probed_donor(run, donors)) is not None:
        run.write(PROBED, [row for row in donor.rows(PROBED) if row.model == BASE])
    return found


def _donor(run: Run, donors: Sequence[Run], stage: str) -> Run | None:
    """Return a run that has done this stage, with the same settings, and as whole files."""
    wanted = stage_key(run.config, stage)
    for donor in donors:
        same = stage_key(donor.config, stage) == wanted and _one_round(run, donor, stage)
        has_files = any(donor.has(name) for name in STAGES[stage].files)
        if same and has_files and STAGES[stage].is_done(donor):
            return donor
    return None


def _one_round(run: Run, donor: Run, stage: str) -> bool:
    """Tell whether what was sampled was so of the same model: the first round's alone is shared."""
    is_first = round_of(run) == 1 and not run.config.train.fresh_questions
    is_whole = run.config.train.rounds == 1 or is_first
    return stage in STEPS[:2] or (donor.config.train.rounds == 1 and is_whole)


def _base_donor(run: Run, donors: Sequence[Run]) -> Run | None:
    """Return a run whose base model has answered what this run holds out.

    The versions asked are compared, too: of a translated set, one run may have more than another.
    """
    wanted = base_key(run.config)
    for donor in donors:
        if base_key(donor.config) == wanted and donor.has("scores") and _same_held_out(run, donor):
            return donor
    return None


def _probed_donor(run: Run, donors: Sequence[Run]) -> Run | None:
    """Return a run whose base model was asked what looks for damage, in the same languages."""
    wanted = (base_key(run.config), run.config.languages)
    for donor in donors:
        same = (base_key(donor.config), donor.config.languages) == wanted
        if same and donor.has("damage") and _same_held_out(run, donor):
            return donor
    return None


def _same_held_out(run: Run, donor: Run) -> bool:
    return _held_out(run) == _held_out(donor) and bool(_held_out(run))


def _held_out(run: Run) -> list[Any]:
    rows = [*run.rows("questions"), *run.rows("translations")]
    asked = sorted((row.id, row.language, row.text) for row in rows if row.split == "held-out")
    ids = {identity for identity, *_ in asked}
    return asked + sorted(
        (row.question_id, row.language, row.text)
        for row in run.rows("passages")
        if row.question_id in ids
    )


def _copy_base_answers(donor: Run, run: Run) -> dict[str, str]:
    """Copy the rows of the base model; those on questions trained on where the pairs are shared."""
    wanted, theirs = (stage_key(each.config, "pairs") for each in (run, donor))
    same_pairs = run.has("pairs") and wanted == theirs
    same_pairs &= run.config.train.rounds == donor.config.train.rounds == 1
    for name in BASE_ANSWERS if same_pairs else BASE_ANSWERS[:1]:
        run.write(name, [row for row in donor.rows(name) if row.model == BASE])
    _share_model(donor, run)
    return {BASE: donor.name}


def _link(*files: Path, to: Run) -> None:
    """Let a run have these files, where they are there, under the same names."""
    for source in files:
        target = to.folder / source.name
        if not source.is_file():
            continue
        target.unlink(missing_ok=True)
        try:
            os.link(source, target)
        except OSError:
            work = target.with_name(f".{target.name}.new")
            shutil.copyfile(source, work)
            work.replace(target)


def _share_model(donor: Run, run: Run) -> None:
    """Let the run use the model in the way that the other found: which precision, which format."""
    same = ("model", "precision")
    if any(getattr(donor.config, name) != getattr(run.config, name) for name in same):
        return
    if donor.config.sampling.prompt_format != run.config.sampling.prompt_format:
        return
    with contextlib.suppress(FileNotFoundError):
        if not (run.folder / MODEL).exists():
            shutil.copyfile(donor.folder / MODEL, run.folder / MODEL)
