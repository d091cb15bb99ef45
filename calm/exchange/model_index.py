"""What an aligned model scored, as the Hugging Face Hub reads it in a card: its `model-index`.

The form is that of `huggingface_hub.EvalResult`. It holds the aligned model's own numbers; the
card's tables have the base's beside them, and the intervals of the changes.
"""

from typing import Any

from calm.evaluation.report import READING_TITLES
from calm.exchange.card_words import own_name, plain_name
from calm.intervals import can_tell
from calm.languages.table import language
from calm.records import Score
from calm.runs.folder import Run

METRICS = ("accuracy", "consistency")
TASK = {"type": "text-generation", "name": "The same questions in several languages"}


def model_index(run: Run) -> list[dict[str, Any]]:
    """Return the scores of the held-out questions; nothing where none were measured."""
    scores = [s for s in run.rows("scores") if s.model == "aligned" and s.metric in METRICS]
    results = [_result(run, code, scores) for code in ("all", *run.config.measured_languages)]
    measured = [result for result in results if result["metrics"]]
    return [{"name": plain_name(run.name), "results": measured}] if measured else []


def _result(run: Run, code: str, scores: list[Score]) -> dict[str, Any]:
    name = plain_name(own_name(run.config.question_set))
    where = "all languages" if code == "all" else language(code).name
    return {
        "task": TASK,
        "dataset": {
            "type": name,
            "name": f"{name}, held-out questions, {where}",
            "config": code,
            "split": "held-out",
        },
        "metrics": [_metric(score) for score in scores if score.language == code],
    }


def _metric(score: Score) -> dict[str, Any]:
    said = [f"{score.metric} ({READING_TITLES[score.reading]})"]
    if not can_tell(score.n):
        said.append("too few questions to tell")
    elif score.low is not None and score.high is not None:
        said.append(f"95% interval {score.low:.3f} to {score.high:.3f}")
    return {
        "type": score.metric,
        "value": round(score.value, 4),
        "name": ", ".join([*said, f"n = {score.n}"]),
    }
