"""What somebody gives the app as a plan: checked before anything is made of it.

A path of the server cannot be named as a question set: it is one of the sets, or a file that was
uploaded, `file:` and what `upload_questions` returned.
"""

import re
from pathlib import Path

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.models.hardware import is_gpu_lent
from calm.questions.files import SUFFIXES
from calm.questions.public_sets import OF_HUB
from calm.study.folder import Study, create_study, open_study, start_study
from calm.study.foresee import foreseen
from calm.study.grid import cells
from calm.study.plan import MOST_CHARACTERS, Plan, plan_of
from ui.align.kept import has_name, kept_files
from ui.parts.runs import checked_name

UPLOADED = re.compile(rf"file:([0-9a-f]{{16}}(?:{'|'.join(map(re.escape, SUFFIXES))}))\b")
PLAN = "plan.yaml"
"""What a plan without a file is called where something is wrong with it."""
EXAMPLE = """\
# Two methods, three seeds each. `calm study` reads the same file.
title: Two methods
preset: quick
settings:
  question_set: built-in
  languages: [en, de, fr, es]
grid:
  method: [dpo, dpo+sft]
  seed: [0, 1, 2]
"""


def given_plan(text: str, name: str) -> Plan:
    """Return the plan that was given; raises CalmError for what cannot be, or may not be named."""
    if len(text) > MOST_CHARACTERS:
        raise CalmError("study.too-long", path=PLAN, most=MOST_CHARACTERS)
    plan = plan_of(UPLOADED.sub(_kept, text), checked_name(name), PLAN)
    for cell in cells(plan):
        if not _may_be_asked(cell.config.question_set):
            named = cell.config.question_set[:40]
            raise CalmError("questions.unknown", name=named, sets=", ".join((BUILT_IN, *OF_HUB)))
        if cell.config.context:
            raise CalmError("context.not-here")
    return plan


def _kept(found: re.Match[str]) -> str:
    return str(kept_files() / found[1])


def _may_be_asked(question_set: str) -> bool:
    path = Path(question_set)
    return has_name(question_set) or (path.parent == kept_files() and path.is_file())


def foresee_given(text: str, name: str) -> str:
    """Return what a plan comes to, as a text."""
    return foreseen(given_plan(text, name))


def start_given(text: str, name: str) -> Study:
    """Make the study of a plan and start it; raises CalmError as `start_study` does."""
    _check_machine()
    study = create_study(given_plan(text, name))
    start_study(study)
    return study


def go_on(name: str) -> Study:
    """Let a study go on where it stopped."""
    _check_machine()
    study = open_study(checked_name(name))
    start_study(study)
    return study


def _check_machine() -> None:
    if is_gpu_lent():
        raise CalmError("study.no-gpu-of-its-own")
