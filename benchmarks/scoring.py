"""Scoring: the choices of 200 questions in eight languages, by their likelihood.

`python -m benchmarks.scoring [--write]`.
"""

from benchmarks.peers import PlainModel
from benchmarks.rounds import AS_USUAL, Clock, Contender, Measured, run
from benchmarks.workload import WARM_UP, choice_texts, free_prompt, training_questions
from calm.config import DEFAULT_LANGUAGES, SHIPPED_MODEL
from calm.models.loading import load_model
from calm.records import Faster, Question


def asked(questions: int) -> list[Question]:
    """Return so many questions, their languages counted."""
    needed = -(-questions // len(DEFAULT_LANGUAGES))
    return training_questions(needed, DEFAULT_LANGUAGES)[:questions]


def ours(questions: int, precision: Faster) -> Measured:
    model = load_model(SHIPPED_MODEL, precision)
    model.score([WARM_UP], [[" blue", " green today"]])
    rows = asked(questions)
    clock = Clock()
    values = model.score([free_prompt(q) for q in rows], [choice_texts(q) for q in rows])
    seconds = clock.seconds()
    encoded = [model.encode(free_prompt(q)) for q in rows]
    sizes = [
        len(model.tokenizer(text, add_special_tokens=False)["input_ids"])
        for q in rows
        for text in choice_texts(q)
    ]
    work = {
        "shared_tokens": sum(map(len, {e.shared for e in encoded})),
        "languages": len({e.shared for e in encoded}),
        "shared_length": max(len(e.shared) for e in encoded),
        "question_tokens": sum(len(e.rest) for e in encoded),
        "choice_tokens": sum(sizes) - len(sizes),
        "batches": -(-len(rows) // 16),
    }
    best = [row.index(max(row)) for row in values]
    return Measured(len(values), seconds, work | {"right": _right(rows, best)})


def one_row_a_choice(questions: int, precision: Faster) -> Measured:
    """Run prompt and choice through the model choice by choice, the head at the choice only."""
    import torch

    plain = PlainModel(precision)
    encode = plain.tokenizer

    def score(text: str, choice: str) -> float:
        end = encode(choice, add_special_tokens=False)["input_ids"]
        ids = torch.tensor([encode(text)["input_ids"] + end])
        logits = plain.model(input_ids=ids, logits_to_keep=len(end) + 1).logits[0, :-1]
        log_probs = logits.float().log_softmax(-1)
        return float(log_probs.gather(1, torch.tensor(end)[:, None]).mean())

    rows = asked(questions)
    with torch.inference_mode():
        score(WARM_UP.text, " blue")
        clock = Clock()
        values = [[score(free_prompt(q).text, text) for text in choice_texts(q)] for q in rows]
        seconds = clock.seconds()
    best = [row.index(max(row)) for row in values]
    return Measured(len(values), seconds, {"right": _right(rows, best)})


def _right(rows: list[Question], best: list[int]) -> int:
    return sum(q.gold == choice for q, choice in zip(rows, best, strict=True))


FEW = 40

CONTENDERS = (
    Contender("ours", "ours", ours, 200),
    Contender("ours-few", "ours, as few questions as the peer", ours, FEW),
    Contender(
        "plain",
        "one row a choice, head at needed positions only",
        one_row_a_choice,
        FEW,
        "better",
        AS_USUAL,
        trial=8,
    ),
)

if __name__ == "__main__":
    run("scoring", "questions", CONTENDERS)
