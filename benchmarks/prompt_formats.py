"""How well the model that ships answers training questions in each prompt format.

`python -m benchmarks.prompt_formats [QUESTIONS]` prints, by language and format, the share of right
answers of both readings and the share of unreadable responses. Held-out questions are not used.
"""

import sys

from benchmarks.machine import machine
from calm.config import DEFAULT_LANGUAGES, SHIPPED_MODEL, PromptFormat, SamplingConfig
from calm.evaluation.evaluate import evaluate
from calm.models.loading import load_model
from calm.questions.sets import load_questions
from calm.records import Evaluation

FORMATS: tuple[PromptFormat, ...] = ("cloze", "listed")


def share_right(rows: list[Evaluation], golds: dict[str, int | None], reading: str) -> float:
    read = [row for row in rows if row.reading == reading]
    return sum(row.answer == golds[row.question_id] for row in read) / len(read)


def main(limit: int) -> None:
    model = load_model(SHIPPED_MODEL)
    print(machine())
    print("| language | format | response right | unreadable | likelihood right | n |")
    print("|---|---|---|---|---|---|")
    for code in DEFAULT_LANGUAGES:
        questions = [q for q in load_questions("built-in", [code]) if q.split == "train"][:limit]
        golds = {q.id: q.gold for q in questions}
        for name in FORMATS:
            config = SamplingConfig(prompt_format=name)
            rows = evaluate(model, questions, "base", config)
            responses = [row for row in rows if row.reading == "response"]
            unread = sum(row.answer is None for row in responses) / len(responses)
            print(
                f"| {code} | {name} | {share_right(rows, golds, 'response'):.3f} | {unread:.3f} "
                f"| {share_right(rows, golds, 'likelihood'):.3f} | {len(questions)} |",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
