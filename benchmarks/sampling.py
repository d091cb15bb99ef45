"""Sampling: 32 questions in six languages, four samples each, ended at the end of the line.

`python -m benchmarks.sampling [--write]`. Peers get fewer questions, in all six languages; a row
shows our own rate on as few, where the worked examples weigh more.
"""

from functools import partial

from benchmarks.peers import PlainModel, llama_native, llama_server
from benchmarks.rounds import AS_USUAL, Clock, Contender, Measured, run
from benchmarks.workload import (
    NUM_SAMPLES,
    SIX,
    WARM_UP,
    draws,
    free_prompt,
    training_questions,
)
from calm.config import SHIPPED_MODEL, SamplingConfig
from calm.models.interface import Draw
from calm.models.loading import load_model
from calm.records import Faster


def ours(questions: int, precision: Faster) -> Measured:
    """Sample as stage `sample` does: a few questions in all languages go through together."""
    model = load_model(SHIPPED_MODEL, precision)
    model.generate([WARM_UP] * 4, [Draw(4, 0.7, seed=(n,)) for n in range(4)])
    per_batch = SamplingConfig().questions_per_batch * len(SIX)
    asked = training_questions(questions)
    texts: list[str] = []
    counts = []
    clock = Clock()
    for start in range(0, len(asked), per_batch):
        batch = asked[start : start + per_batch]
        prompts = [free_prompt(q) for q in batch]
        drawn = model.generate(
            [p for p in prompts for _ in range(NUM_SAMPLES)], draws(batch, NUM_SAMPLES)
        )
        texts += drawn
        counts.append(drawn)
    seconds = clock.seconds()
    encoded = [model.encode(free_prompt(q)) for q in asked]
    lengths = [
        [len(model.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in batch]
        for batch in counts
    ]
    work = {
        "shared_tokens": sum(map(len, {e.shared for e in encoded})),
        "question_tokens": sum(len(e.rest) for e in encoded),
        "languages": len({e.shared for e in encoded}),
        "shared_length": max(len(e.shared) for e in encoded),
        "new_tokens": sum(map(sum, lengths)),
        "steps": sum(map(max, lengths)),
        "batches": len(lengths),
    }
    return Measured(len(texts), seconds, work | {"texts": texts[:4]})


def hf_generate(questions: int, precision: Faster, rows: int) -> Measured:
    """Sample with `generate`, `rows` sequences at once, language by language."""
    model = PlainModel(precision)
    model.generate([WARM_UP.text], 4)
    texts = _by_language(questions)
    per_batch = rows // NUM_SAMPLES
    clock = Clock()
    drawn = [
        answer
        for start in range(0, len(texts), per_batch)
        for answer in model.generate(texts[start : start + per_batch], NUM_SAMPLES)
    ]
    return Measured(len(drawn), clock.seconds(), {"texts": drawn[:4]})


def llama_prebuilt(questions: int, precision: Faster) -> Measured:
    sample = llama_server()
    sample([WARM_UP.text], 2)
    texts = _by_language(questions)
    clock = Clock()
    drawn = sample(texts, NUM_SAMPLES)
    return Measured(len(drawn), clock.seconds(), {"texts": drawn[:4]})


def llama_built_here(questions: int, precision: Faster) -> Measured:
    sample = llama_native()
    sample([WARM_UP.text], 2)
    texts = _by_language(questions)
    clock = Clock()
    drawn = sample(texts, NUM_SAMPLES)
    return Measured(len(drawn), clock.seconds(), {"texts": drawn[:4]})


def _by_language(questions: int) -> list[str]:
    """Return the prompts language by language: of like length, and good for a prompt cache."""
    asked = training_questions(questions)
    return [free_prompt(q).text for code in SIX for q in asked if q.language == code]


FEW = 4

CONTENDERS = (
    Contender("ours", "ours", ours, 32),
    Contender("ours-few", "ours, as few questions as the peers", ours, FEW),
    *(
        Contender(
            f"generate-{rows}",
            f"HF `generate`, {rows} rows left-padded, same stop",
            partial(hf_generate, rows=rows),
            FEW,
            "better",
            AS_USUAL,
        )
        for rows in (8, 16, 32)
    ),
    Contender(
        "llama-prebuilt",
        "llama.cpp server, `xllamacpp`, 8 slots",
        llama_prebuilt,
        FEW,
        "own",
        AS_USUAL,
    ),
    Contender(
        "llama-native",
        "`llama-cpp-python` built for this processor",
        llama_built_here,
        FEW,
        "own",
        AS_USUAL,
    ),
)

if __name__ == "__main__":
    run("sampling", "sequences", CONTENDERS)
