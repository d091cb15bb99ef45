"""Growth: what ours costs with more questions, languages, samples and longer prompts.

`python -m benchmarks.growth [--write]`; `benchmarks.speed_page` draws `docs/growth.svg`. The
questions are one run, looked at on the way, with the memory at that moment.
"""

import argparse
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.machine import KINDS, machine
from benchmarks.rounds import Clock, resident_gb, save
from benchmarks.workload import SIX, WARM_UP, draws, free_prompt, training_questions
from calm.config import DEFAULT_LANGUAGES, SHIPPED_MODEL
from calm.languages.table import LANGUAGES
from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw, Prompt
from calm.models.loading import load_model
from calm.questions.prompts import base_prompt, examples
from calm.records import Question

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "growth.svg"
ROWS_AT_ONCE = 192
LOOK_AT = (100, 300, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000)
REPEATS = 3

Point = dict[str, float]


def questions(model: CausalLM, most: int) -> list[Point]:
    """Answer questions one after another, one sample each, and look at time and memory."""
    asked = training_questions(10_000, DEFAULT_LANGUAGES)
    points, done = [], 0
    clock = Clock()
    for stop in (look for look in LOOK_AT if look <= most):
        while done < stop:
            end = min(done + ROWS_AT_ONCE, stop)
            rows = [asked[place % len(asked)] for place in range(done, end)]
            prompts = [base_prompt(q, range(len(q.choices))) for q in rows]
            model.generate(prompts, [Draw(32, 0.7, seed=(place,)) for place in range(done, end)])
            done = end
        seconds = round(clock.seconds(), 2)
        points.append({"x": stop, "seconds": seconds, "gb": round(resident_gb(), 3)})
        print(points[-1], flush=True)
    return points


def languages(model: CausalLM, number: int) -> list[Point]:
    """Ask the same questions in ever more languages.

    The built-in set has eight; behind the worked examples of the others stands the English text.
    """
    known = training_questions(number, DEFAULT_LANGUAGES)
    english = [q for q in known if q.language == "en"]
    others = [code for code in LANGUAGES if code not in DEFAULT_LANGUAGES and examples(code)]
    known += [replace(q, language=code) for q in english for code in others]
    every = [*DEFAULT_LANGUAGES, *others]
    return [
        _timed(model, count, partial(_ask, known=known, codes=every[:count], count=4))
        for count in (2, 4, 8, 12, 16)
        if count <= len(every)
    ]


def samples(model: CausalLM, number: int) -> list[Point]:
    """Draw ever more samples of the same questions in six languages."""
    known = training_questions(number)
    return [
        _timed(model, count, partial(_ask, known=known, codes=SIX, count=count))
        for count in (1, 4, 8, 16, 24, 32)
    ]


def prompt_length(model: CausalLM, rows: int) -> list[Point]:
    """Read ever longer prompts that have nothing in common, and write one token."""
    words = " ".join(q.text for q in training_questions(100, ("en",)))
    ids = model.tokenizer(words, add_special_tokens=False)["input_ids"]

    def read(fresh: CausalLM, length: int) -> None:
        texts = [fresh.tokenizer.decode(ids[row : row + length]) for row in range(rows)]
        fresh.generate([Prompt(text) for text in texts], [Draw(1)] * rows)

    return [
        _timed(model, length, partial(read, length=length))
        for length in (32, 128, 256, 384, 512, 768, 1024)
        if length + rows <= len(ids)
    ]


def _ask(model: CausalLM, known: Sequence[Question], codes: Sequence[str], count: int) -> None:
    asked = [q for q in known if q.language in codes]
    prompts = [free_prompt(q) for q in asked for _ in range(count)]
    model.generate(prompts, draws(asked, count))


def _timed(model: CausalLM, x: int, work: Callable[[CausalLM], None]) -> Point:
    """Return the median time of some work by a model that remembers no beginnings."""
    times = []
    for _ in range(REPEATS):
        fresh = CausalLM(model.name, model.model, model.tokenizer)
        clock = Clock()
        work(fresh)
        times.append(clock.seconds())
    point = {"x": x, "seconds": round(statistics.median(times), 3)}
    print(point, flush=True)
    return point


COLOURS = {"amx": "#1f9d67", "avx512_bf16": "#2f6fdd", "no_bf16": "#d9742b"}
WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 300, 220, 52, 40, 30


def draw(of_kinds: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw what was measured of each kind of processor; nothing where nothing was."""
    axes = {kind: found["growth"]["axes"] for kind, found in of_kinds.items() if "growth" in found}
    if axes:
        PICTURE.write_text(picture(axes), encoding="utf-8")


def picture(axes: Mapping[str, Mapping[str, Sequence[Point]]]) -> str:
    """Return five small plots, the time or memory against what grows, a line a kind."""
    plots = [
        ("questions", "seconds", "questions, one sample each"),
        ("questions", "gb", "questions: memory"),
        ("languages", "seconds", "languages"),
        ("samples", "seconds", "samples"),
        ("prompt length", "seconds", "tokens of the prompt"),
    ]
    panels = "".join(
        f'<g transform="translate({(n % 3) * WIDTH} {(n // 3) * HEIGHT})">'
        + _panel({kind: of[axis] for kind, of in axes.items()}, value, title)
        + "</g>"
        for n, (axis, value, title) in enumerate(plots)
    )
    legend = "".join(
        f'<g transform="translate({2 * WIDTH + LEFT} {HEIGHT + 60 + 22 * n})">'
        f'<circle r="4" fill="{COLOURS[kind]}"/><text x="10" y="4">{KINDS[kind]}</text></g>'
        for n, kind in enumerate(axes)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {3 * WIDTH} {2 * HEIGHT}" '
        'font-family="sans-serif" font-size="11" fill="#7a7f87" role="img" '
        'aria-label="Time and memory against questions, languages, samples and prompt length">'
        f"{panels}{legend}</svg>\n"
    )


def _panel(of_kinds: Mapping[str, Sequence[Point]], value: str, title: str) -> str:
    """Draw one plot; both axes begin at zero, so that what is linear is a straight line."""
    right, bottom = WIDTH - 16, HEIGHT - BELOW
    every = [p for points in of_kinds.values() for p in points]
    most_x, most_y = max(p["x"] for p in every), max(p[value] for p in every) * 1.1
    lines = ""
    for kind, points in of_kinds.items():
        places = [
            (
                LEFT + (right - LEFT) * p["x"] / most_x,
                bottom - (bottom - ABOVE) * p[value] / most_y,
            )
            for p in points
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        lines += (
            f'<polyline points="{line}" fill="none" stroke="{COLOURS[kind]}" stroke-width="2"/>'
        )
        lines += "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[kind]}"/>' for x, y in places
        )
    unit = {"seconds": "s", "gb": "GB"}[value]
    marks = "".join(
        f'<text x="{LEFT - 6}" y="{bottom - (bottom - ABOVE) * share + 4:.1f}" text-anchor="end">'
        f"{most_y * share:.3g} {unit}</text>"
        for share in (0, 0.5, 1)
    ) + "".join(
        f'<text x="{LEFT + (right - LEFT) * share:.1f}" y="{bottom + 16}" text-anchor="middle">'
        f"{most_x * share:,.0f}</text>"
        for share in (0, 0.5, 1)
    )
    return (
        f'<text x="{LEFT}" y="18" font-size="13">{title}</text>'
        f'<path d="M{LEFT} {ABOVE}V{bottom}H{right}" fill="none" stroke="#7a7f87"/>{marks}'
        f"{lines}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=10_000, help="questions at most")
    options.add_argument("--number", type=int, default=8, help="questions of the other axes")
    options.add_argument("--write", action="store_true")
    given = options.parse_args()
    load = os.getloadavg()[0]
    model = load_model(SHIPPED_MODEL)
    model.generate([WARM_UP] * 4, [Draw(4)] * 4)
    axes = {
        "questions": questions(model, given.most),
        "languages": languages(model, given.number),
        "samples": samples(model, given.number),
        "prompt length": prompt_length(model, given.number),
    }
    result = {"machine": machine(), "load": round(load, 2), "number": given.number, "axes": axes}
    if given.write:
        save("growth", result)


if __name__ == "__main__":
    main()
