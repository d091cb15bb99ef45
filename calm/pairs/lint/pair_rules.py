"""What can be wrong with a single preference pair.

Each rule looks at one pair and yields messages. They are made to be right where they speak: a
reader who meets false alarms stops reading.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from calm.languages.identify import (
    DENSE,
    LOOKED_AT,
    can_be_told,
    identified,
    is_of_the_table,
    names_language,
    prose_of,
)
from calm.languages.table import all_words, either, language
from calm.messages import LanguageName, Message, message
from calm.pairs.lint.endings import unfinished, without_end
from calm.pairs.lint.findings import FIXABLE, RULES, Finding, Linted, remedy_of
from calm.pairs.lint.sameness import PROSE, nearly_equal, pair_identity, settled
from calm.pairs.lint.side import (
    Side,
    after_prompt,
    doubled_labels,
    parse_side,
    says_nothing,
    stated,
)
from calm.pairs.lint.written_out import asks_about_markup, entities, escapes, speaks_of_escapes
from calm.records import PreferencePair, Question

SURE = 0.95
"""Probability from which a text is held to be in another language."""
LETTERS_TO_JUDGE = 40
DENSE_LETTERS_TO_JUDGE = 16
"""Letters from which a language is told; Chinese and Japanese say more with each."""
SHOWN = 3
"""Written-out characters that are shown."""
MARKDOWN = re.compile(
    r"\*\*(?! )[^*\n]+(?<! )\*\*|^#{1,6} |^```|^\|[ :-]*---|^(?:[*-] [^\n]*\n+[*-] )|\\boxed\{",
    re.MULTILINE,
)
CLOSING = "\"'”’»」』】）)]}*_`~"
BEFORE_LETTER = all_words(
    "sentences", "options", "letter_nouns", "lead_ins", "that", "clause_conjunctions"
)
LETTER_MEANT = re.compile(
    r"(?:^|[^\w\s]\s*|[\u3040-\u9fff]|\n"
    rf"|\b(?i:{either(BEFORE_LETTER)})"
    r"\s+)(?P<letter>[A-H])\.?$"
)
"""A letter that is a choice's: a clause begins with it, or a word for a choice comes before it.
"Vitamin C" is none."""

Seen = tuple[str, Message]
"""A rule's name and what was seen."""


def pair_findings(items: Iterable[Linted]) -> Iterator[Finding]:
    """Yield what is wrong with each pair, in the order of the pairs."""
    first_at: dict[int, Message] = {}
    for index, item in enumerate(items):
        pair = item.pair
        *asked, chosen, rejected = pair_identity(pair)
        key, swapped = hash((*asked, chosen, rejected)), hash((*asked, rejected, chosen))
        seen = list(seen_in(item))
        if key in first_at:
            seen.append(("duplicate-pair", message("lint.seen.duplicate", place=first_at[key])))
        elif swapped in first_at and swapped != key:
            seen.append(("swapped-pair", message("lint.seen.swapped", place=first_at[swapped])))
        first_at.setdefault(key, item.place)
        for rule, what in seen:
            yield Finding(
                rule=rule,
                severity=RULES[rule],
                pair=index,
                place=item.place,
                question_id=pair.question_id,
                language=pair.language,
                message=what,
                remedy=remedy_of(rule),
                fixable=rule in FIXABLE,
            )


def seen_in(item: Linted) -> Iterator[Seen]:
    """Yield what is wrong with one pair taken by itself."""
    pair, question = item.pair, item.question
    if empty := [name for name, text in _sides(pair) if says_nothing(text)]:
        one = message("lint.seen.empty", side=_named(empty[0]))
        yield "empty-side", one if len(empty) == 1 else message("lint.seen.both-empty")
        return
    if settled(pair.chosen) == settled(pair.rejected):
        yield "equal-sides", message("lint.seen.equal", text=_quoted(pair.chosen))
        return
    yield from _written_out(pair)
    for name, text in _sides(pair):
        if after_prompt(text, pair.prompt) is not None:
            yield (
                "prompt-in-sides",
                message("lint.seen.prompt-first", side=_named(name), text=_quoted(text)),
            )
    chosen, rejected = parse_side(pair.chosen, question), parse_side(pair.rejected, question)
    named = (("chosen", chosen), ("rejected", rejected))
    yield from _sameness(pair.language, chosen, rejected, question)
    yield from _doubled(pair.prompt, named)
    yield from _languages(pair.language, pair.prompt, named)
    yield from _one_sided(chosen, rejected, question)
    for name, side in named:
        yield from _arguing(name, side, question)
        if side.junk:
            yield (
                "label-junk",
                message("lint.seen.junk", side=_named(name), text=_quoted(side.junk)),
            )
        if cut := _cut_off(side, question):
            end = _quoted(cut, from_end=True)
            yield "cut-off", message("lint.seen.cut-off", side=_named(name), text=end)


def _named(side: str) -> Message:
    """Return what a side, or the prompt, is called."""
    return message(f"lint.side.{side}")


def _sides(pair: PreferencePair) -> Sequence[tuple[str, str]]:
    return ("chosen", pair.chosen), ("rejected", pair.rejected)


def _written_out(pair: PreferencePair) -> Iterator[Seen]:
    """Yield which characters are written out that should stand themselves."""
    texts = [("prompt", pair.prompt), *_sides(pair)]
    for rule, meant, written in (
        ("html-entities", asks_about_markup(pair.prompt), entities),
        ("written-out-breaks", any(speaks_of_escapes(text) for _, text in texts), escapes),
    ):
        for name, text in texts:
            if not meant and (seen := written(text)):
                signs = dict.fromkeys(seen[:SHOWN])
                where = _quoted(text)
                yield (
                    rule,
                    message("lint.seen.written-out", side=_named(name), signs=signs, text=where),
                )


def _sameness(code: str, chosen: Side, rejected: Side, question: Question) -> Iterator[Seen]:
    states_one = chosen.answer is not None and chosen.answer == rejected.answer
    if states_one:
        yield (
            "same-answer",
            message("lint.seen.same-answer", choice=_choice(question, chosen.answer)),
        )
    if chosen.answer is None or rejected.answer is None or states_one:
        if nearly_equal(chosen.text, rejected.text, code):
            mine, other = _quoted(chosen.text), _quoted(rejected.text)
            yield "near-equal-sides", message("lint.seen.near-equal", chosen=mine, rejected=other)
    elif min(len(chosen.body), len(rejected.body)) >= PROSE and nearly_equal(
        chosen.body, rejected.body, code
    ):
        yield (
            "near-equal-sides",
            message("lint.seen.one-explanation", text=_quoted(chosen.body.strip())),
        )


def _doubled(prompt: str, named: Sequence[tuple[str, Side]]) -> Iterator[Seen]:
    texts = [("prompt", prompt), *((name, side.text[: side.junk_at]) for name, side in named)]
    for name, text in texts:
        if doubled := doubled_labels(text):
            labels = map(_quoted, doubled)
            yield (
                "doubled-label",
                message("lint.seen.doubled-label", side=_named(name), labels=labels),
            )


def _languages(code: str, prompt: str, named: Sequence[tuple[str, Side]]) -> Iterator[Seen]:
    """Yield which texts are in another language, but for those that the prompt asks for.

    A prompt is in another language only if it begins and ends in it: what heads it may be a
    system's words, or a text to work on.
    """
    last = prompt.strip().rpartition("\n\n")[2]
    begin, end = other_language(prompt, code), other_language(last, code)
    others = [("prompt", prompt, begin)] if begin[0] == end[0] else []
    others += [(name, side.body, other_language(side.body, code)) for name, side in named]
    for name, text, (told, probability) in others:
        if told and (name == "prompt" or not names_language(prompt, told)):
            yield (
                "wrong-language",
                message(
                    "lint.seen.wrong-language",
                    side=_named(name),
                    language=LanguageName(told),
                    sure=probability,
                    expected=LanguageName(code),
                    text=_quoted(text.strip()),
                ),
            )


@functools.lru_cache(maxsize=4096)
def other_language(text: str, code: str) -> tuple[str, float]:
    """Return the language a text is in and how sure that is, where it surely is not `code`.

    Returns `("", 0)` where it is `code`, cannot be told, or is too short to be judged.
    """
    prose = prose_of(text)[:LOOKED_AT]
    letters = sum(map(str.isalpha, prose))
    if letters < DENSE_LETTERS_TO_JUDGE or not can_be_told(code):
        return "", 0.0
    told, probability = identified(prose)
    dense = language(told).script in DENSE
    if letters < (DENSE_LETTERS_TO_JUDGE if dense else LETTERS_TO_JUDGE):
        return "", 0.0
    sure = told != code and probability >= SURE and is_of_the_table(prose)
    return (told, probability) if sure else ("", 0.0)


def _one_sided(chosen: Side, rejected: Side, question: Question) -> Iterator[Seen]:
    for what, has in (
        ("markdown", lambda side: bool(MARKDOWN.search(side.text))),
        ("answer", _answers),
    ):
        if has(chosen) != has(rejected):
            side = _named("chosen" if has(chosen) else "rejected")
            yield f"{what}-on-one-side", message(f"lint.only.{what}", side=side)
    if question.choices and not _answers(chosen) and not _answers(rejected):
        yield "no-answer", message("lint.seen.no-answer")


def _answers(side: Side) -> bool:
    return side.answer is not None or bool(side.answer_label)


def _arguing(name: str, side: Side, question: Question) -> Iterator[Seen]:
    """Yield where the explanation announces, or calls right, another choice than the answer."""
    if side.answer is None:
        return
    announced, _ = stated(side.body, question)
    argued = {announced} - {None} or called_right(side.body, question)
    if len(argued) == 1 and side.answer not in argued:
        (other,) = argued
        yield (
            "argues-for-another",
            message(
                "lint.seen.argues-for-another",
                side=_named(name),
                other=_choice(question, other),
                answer=_choice(question, side.answer),
            ),
        )


def called_right(text: str, question: Question) -> set[int | None]:
    """Return the choices of which the text says, right after naming them, that they are right."""
    right: set[int | None] = set()
    for match in _right(question.language).finditer(text):
        before = text[max(0, match.start() - 200) : match.start()].rstrip(CLOSING + " \n")
        names = [i for i, choice in enumerate(question.choices) if _ends_with(before, choice)]
        if letter := LETTER_MEANT.search(before):
            names = ["ABCDEFGH".index(letter["letter"])]
        right.update(name for name in names[:1] if name < len(question.choices))
    return right


def _ends_with(text: str, choice: str) -> bool:
    text, choice = text.casefold(), choice.casefold()
    if not text.endswith(choice) or (len(choice) < 2 and choice < "\u3000"):
        return False
    before = text[: -len(choice)][-1:]
    return not before.isalnum() or (len(choice) > 1 and before > "\u3000")


@functools.cache
def _right(code: str) -> re.Pattern[str]:
    """Match what says of a choice that it is right, right after naming it."""
    return re.compile(language(code).sentences.right or "(?!)", re.IGNORECASE)


def _cut_off(side: Side, question: Question) -> str:
    """Return the last line of a side that breaks off, or nothing.

    Where choices are asked about, a sentence without an end is held to do so too.
    """
    if side.junk or (_answers(side) and not side.after):
        return ""
    code = question.language
    return unfinished(side.text, code) or (without_end(side.text, code) if question.choices else "")


def _choice(question: Question, choice: int | None) -> str:
    assert choice is not None
    return f"{'ABCDEFGH'[choice]}. {question.choices[choice]:.60}"


def _quoted(text: str, from_end: bool = False) -> str:
    text = " ".join(text[-200:].split() if from_end else text[:200].split())
    if len(text) <= 60:
        return f"“{text}”"
    return f"“…{text[-59:]}”" if from_end else f"“{text[:59]}…”"
