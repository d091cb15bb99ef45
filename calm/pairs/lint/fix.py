"""What the lint can mend by itself: `--fix`.

A fix never changes which choice a side states: each is read before and after, and where the two
differ the side stays as it was.
"""

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.languages.rows import Language
from calm.languages.table import language
from calm.pairs.files import Rejected, raw_rows
from calm.pairs.forms import read_row, rewritten
from calm.pairs.lint.findings import Linted
from calm.pairs.lint.sameness import pair_identity, settled
from calm.pairs.lint.side import (
    COLON,
    Side,
    after_prompt,
    asked,
    parse_side,
    says_nothing,
    shown_letters,
    stated,
    without_doubled_labels,
)
from calm.pairs.lint.written_out import as_characters
from calm.records import PreferencePair
from calm.runs.folder import Run

BLANK_LINES = re.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*)+")


@dataclass(frozen=True)
class Change:
    """One thing that was done to a pair."""

    place: str
    what: str
    """In the same words for the same thing, so that changes can be counted."""


@dataclass(frozen=True)
class Fixed:
    """The pairs that are left, with their places, and what was done."""

    items: tuple[Linted, ...]
    changes: tuple[Change, ...]


def fixed(items: Iterable[Linted], max_pairs_per_language: int | None = None) -> Fixed:
    """Return the pairs mended as far as that is safe.

    Characters that are written out stand themselves; doubled labels, junk after the answer, the
    prompt before a side, empty and equal sides and repeated pairs go; both sides of a pair get the
    same label words, blank lines and form of the answer. With a number, each language
    keeps at most so many pairs: first pairs of a question before second ones.
    """
    changes: list[Change] = []
    kept: list[Linted] = []
    seen: set[tuple[str, str, str, str]] = set()
    for item in items:
        pair, done = fixed_pair(item)
        if says_nothing(pair.chosen) or says_nothing(pair.rejected):
            changes.append(Change(str(item.place), "dropped: an empty side"))
        elif settled(pair.chosen) == settled(pair.rejected):
            changes.append(Change(str(item.place), "dropped: equal sides"))
        elif (key := pair_identity(pair)) in seen:
            changes.append(Change(str(item.place), "dropped: there already"))
        else:
            seen.add(key)
            kept.append(dataclasses.replace(item, pair=pair))
            changes += [Change(str(item.place), what) for what in done]
    if max_pairs_per_language is not None:
        chosen = set(_spread(kept, max_pairs_per_language))
        changes += [
            Change(str(item.place), "dropped: its language has enough")
            for number, item in enumerate(kept)
            if number not in chosen
        ]
        kept = [item for number, item in enumerate(kept) if number in chosen]
    return Fixed(tuple(kept), tuple(changes))


def fixed_pair(item: Linted) -> tuple[PreferencePair, list[str]]:
    """Return the pair mended, and what was done to it."""
    item, done = _with_characters(item)
    item, begun = _without_prompt(item)
    done += begun
    pair = item.pair
    prompt = without_doubled_labels(pair.prompt)
    if prompt != pair.prompt:
        done.append("prompt: doubled label removed")
    cut = [_cut(text, item) for text in (pair.chosen, pair.rejected)]
    apart = [parse_side(text, item.question) for text in cut]
    formed = _in_one_form(apart, item, prompt) or cut
    sides = []
    for name, before, short, form in zip(
        ("chosen", "rejected"), (pair.chosen, pair.rejected), cut, formed, strict=True
    ):
        after = before
        for text, what in (
            (short, "doubled label or junk removed"),
            (form, "rendered in one form"),
        ):
            if text == after:
                continue
            if stated(text, item.question)[0] == parse_side(before, item.question).answer:
                done.append(f"{name}: {what}")
                after = text
            else:
                done.append(f"{name}: left as it was, the fix would change its answer")
                break
        sides.append(after)
    return dataclasses.replace(pair, prompt=prompt, chosen=sides[0], rejected=sides[1]), done


def _with_characters(item: Linted) -> tuple[Linted, list[str]]:
    """Return the pair with the characters themselves where entities and `\\n` are written."""
    pair = item.pair
    change = as_characters(pair.prompt, pair.chosen, pair.rejected)
    after = dataclasses.replace(
        pair,
        prompt=change(pair.prompt),
        chosen=change(pair.chosen),
        rejected=change(pair.rejected),
    )
    if after == pair:
        return item, []
    choices = tuple(map(change, item.question.choices))
    question = asked(after.prompt, pair.language)
    if choices:
        question = dataclasses.replace(item.question, choices=choices)
    changed = dataclasses.replace(item, pair=after, question=question)
    if choices and _answers(item) != _answers(changed):
        return item, ["characters left as they were, the fix would change an answer"]
    return changed, ["characters that were written out put in their places"]


def _without_prompt(item: Linted) -> tuple[Linted, list[str]]:
    """Return the pair without the prompt that a side begins with."""
    pair, done, sides = item.pair, [], []
    for name, text in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        rest = after_prompt(text, pair.prompt)
        if rest and stated(rest, item.question)[0] != stated(text, item.question)[0]:
            done.append(f"{name}: left as it was, the fix would change its answer")
            rest = None
        elif rest:
            done.append(f"{name}: the repeated prompt removed")
        sides.append(rest or text)
    pair = dataclasses.replace(pair, chosen=sides[0], rejected=sides[1])
    return dataclasses.replace(item, pair=pair), done


def _answers(item: Linted) -> list[int | None]:
    return [stated(text, item.question)[0] for text in (item.pair.chosen, item.pair.rejected)]


def _cut(text: str, item: Linted) -> str:
    """Return a side without what follows its answer line as junk, and without doubled labels."""
    side = parse_side(text, item.question)
    short = text[: side.junk_at].rstrip() if side.junk else text
    return without_doubled_labels(short)


def _label(prompt: str, row: Language) -> str:
    """Return the word for an explanation that the prompt asks for, or else the table's."""
    words = "|".join(re.escape(word) for word in row.explanation_labels)
    match = re.search(rf"^[ \t>*_#]*({words}){COLON}", prompt, re.IGNORECASE | re.MULTILINE)
    return match[1] if match else row.explanation


def _in_one_form(sides: Sequence[Side], item: Linted, prompt: str) -> list[str] | None:
    """Return both sides in the same form; `None` where they are, or cannot be brought to it."""
    if any(s.answer is None or s.answer_at is None or not s.answer_label for s in sides):
        return None
    if len({_form(side) for side in sides}) == 1:
        return None
    row = language(item.pair.language)
    label = _label(prompt, row) if any(side.label for side in sides) else ""
    letters = shown_letters(prompt, row.code)
    return [_rendered(side, label, letters, item, row) for side in sides]


def _form(side: Side) -> tuple[object, ...]:
    """Return everything about a side's form that a rendering settles."""
    begin, head = side.body_at
    start, end = side.answer_at or (head, head)
    body = side.text[begin:head]
    gap = body[len(body.rstrip()) :]
    stated_form = min(end - start, 2)
    has_blank_lines = BLANK_LINES.search(body.strip()) is not None
    return side.text[:begin], gap, side.text[head:start], stated_form, has_blank_lines


def _rendered(side: Side, label: str, letters: str, item: Linted, row: Language) -> str:
    body = BLANK_LINES.sub("\n", side.body.strip())
    explanation = f"{label}{row.colon}{body}\n" if label and body else f"{body}\n" if body else ""
    answer, (_, end) = side.answer or 0, side.answer_at or (0, 0)
    choice = f"{letters[answer]}. {item.question.choices[answer]}"
    rest = side.text[end : side.after_at].lstrip("*_`").rstrip()
    after = "\n" + BLANK_LINES.sub("\n", side.after) if side.after else ""
    return f"{explanation}{row.answer}{row.colon}{choice}{rest}{after}"


def _spread(items: Sequence[Linted], most: int) -> Iterator[int]:
    """Yield the places of the pairs that stay: of each language, first pairs of questions first."""
    of_question: Counter[tuple[str, str]] = Counter()
    ranked = []
    for number, item in enumerate(items):
        key = (item.pair.language, item.pair.question_id)
        ranked.append((of_question[key], number, item.pair.language))
        of_question[key] += 1
    taken: Counter[str] = Counter()
    for _, number, code in sorted(ranked):
        if taken[code] < most:
            taken[code] += 1
            yield number


def write_fixed_file(path: Path, items: Iterable[Linted], output: Path) -> None:
    """Write the rows of a file that are left, each in its own form, as JSON Lines.

    Raises CalmError where the output would replace the file that is read.
    """
    if output.exists() and output.samefile(path):
        raise CalmError("lint.output-is-input", path=output)
    by_row = {item.row: item.pair for item in items}
    work = output.with_name(f".{output.name}.new")
    with work.open("w", encoding="utf-8") as stream:
        for number, raw in raw_rows(path):
            if number in by_row and not isinstance(raw, Rejected):
                pair = by_row[number]
                row = rewritten(raw, pair.chosen, pair.rejected, _prompt_change(raw, pair))
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    work.replace(output)


def _prompt_change(raw: Mapping[str, Any], pair: PreferencePair) -> Callable[[str], str]:
    """Return what was done to the prompt of a row, for each text of it."""
    texts = read_row(raw)
    change = as_characters(texts.prompt, texts.chosen, texts.rejected)
    if change(pair.prompt) != pair.prompt:
        return without_doubled_labels
    return lambda text: without_doubled_labels(change(text))


def write_fixed_run(run: Run, items: Iterable[Linted]) -> Path:
    """Put the mended pairs in the run's place and return where the old ones are kept."""
    old = run.path("pairs")
    number = 1
    while (kept := run.folder / f"pairs.before-fix-{number}.jsonl").exists():
        number += 1
    kept.write_bytes(old.read_bytes())
    run.write("pairs", (item.pair for item in items))
    return kept
