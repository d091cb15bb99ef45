"""The stage `questions`: which questions are asked and which are held out.

Of a public set the run keeps what it is, its licence and what was left out, in `question_set.json`.
"""

import json

from calm.pipeline.context import Context
from calm.pipeline.run_questions import chosen_questions
from calm.questions.public_load import load_public
from calm.questions.public_sets import is_public
from calm.runs.folder import write_whole

RECORD = "question_set.json"


def choose(context: Context) -> None:
    run, config = context.run, context.run.config
    chosen = chosen_questions(config)
    if is_public(config.question_set):
        loaded = load_public(config.question_set, config.measured_languages)
        text = json.dumps(loaded.record(), ensure_ascii=False, indent=1) + "\n"
        write_whole(run.folder / RECORD, [text])
        for said in loaded.said:
            context.tell("questions", said)
    run.write("questions", chosen)
