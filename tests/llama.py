"""The responses that the paper's authors released (Llama 3 8B, X-CSQA), with answers read."""

import json
from pathlib import Path

from calm.answers.choice import extract
from calm.questions.sets import by_id, load_questions
from calm.records import Response

LANGUAGES = ("en", "zh", "fr", "de", "it", "ja")


def answered_llama_responses(data: Path) -> tuple[list[Response], dict[str, int | None]]:
    """Return three responses a question and language, and each question's gold answer."""
    folder = data / "xcsqa" / "samples"
    groups = by_id(load_questions(str(folder), LANGUAGES))
    responses = []
    for code in LANGUAGES:
        file = folder / f"x_csqa_{code.replace('zh', 'cn')}_train_sampled.json"
        rows = json.loads(file.read_text(encoding="utf-8"))
        for identity, row in zip(groups, rows, strict=True):
            responses += [
                Response(identity, code, n, "llama", text, (0, 1, 2, 3, 4))
                for n, text in enumerate(row["pred"])
            ]
    golds = {identity: next(iter(v.values())).gold for identity, v in groups.items()}
    return list(extract(responses, groups)), golds
