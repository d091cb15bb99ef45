"""What a place in a response states: a letter, a choice, or both, and whether they agree.

`extract` says where answers are announced; here is what stands there. A letter and a text that
contradict each other state nothing, nor do two answers, nor one that is taken back at once.
"""

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from calm.answers.letters import (
    LOOKALIKES,
    any_letter,
    glued_letters,
    letter_pattern,
    place_of,
    word_goes_on,
)
from calm.answers.patterns import (
    AFTER_LETTER,
    AND_WHAT,
    ARITHMETIC,
    BEFORE_DENIAL,
    BEGINS_SENTENCE,
    BRACKETED,
    DECORATION,
    DENIAL_ENDS,
    ENDING,
    EXPLAINS,
    IN_BRACKETS,
    JOINER,
    KEY_FOLLOWS,
    LABELLED,
    LETTER_NEXT,
    NAME_ENDS,
    NAMES_NEXT,
    NO_WHAT,
    NO_WORDS,
    PREFACE,
    RUNS_ON,
    SENTENCE_ENDED,
    SENTENCE_GOES_ON,
    SPACES,
    STATEMENT_ENDS,
    SUM,
    choice_patterns,
    denial_pattern,
    link,
    refusal,
    unspaced,
)
from calm.answers.respelt import spelt_at
from calm.answers.undone import correction
from calm.languages.table import language
from calm.records import HowRead, Question

AROUND_CHOICES = 240
"""How much is read around an announced answer beside the choices' own length, in characters."""
WORDS_TO_SPARE = 3
"""How many words, or characters of Chinese and Japanese, a line that is a name and no sentence may
have more than the longest choice."""
SIMILAR = 0.75
"""How alike a text and a choice are that count as spellings of the same; `difflib`'s ratio."""


@dataclass(frozen=True)
class Stated:
    """What a response states: the choice, where it stands, and how, or why it states none."""

    answer: int | None
    span: tuple[int, int] | None
    how: HowRead


@dataclass(frozen=True)
class ShownQuestion:
    """The question as the model saw it, and its versions in other languages."""

    question: Question
    order: Sequence[int]
    versions: Sequence[Question]

    @property
    def reach(self) -> int:
        """How far a statement may reach, in characters."""
        return 2 * max(map(len, self.question.choices), default=0) + AROUND_CHOICES


@dataclass(frozen=True)
class Named:
    """A choice's text found in a response; several choices where they have the same text."""

    choices: frozenset[int]
    span: tuple[int, int]


def statement(window: str, asked: ShownQuestion, in_sentence: bool) -> Stated | None:
    """Read the letter, the choice, or the letter and the choice that `window` begins with.

    `in_sentence` tells that the place is in the middle of a sentence: a capital there is a letter
    of a choice even if words follow. At the beginning of one it may be a word ("A person who").
    """
    begin = end_of(DECORATION, window, 0)
    sum_ends = SUM.match(window, begin)
    return (
        _result(window, sum_ends.end(), asked)
        if sum_ends
        else _letter_or_text(window, begin, asked, in_sentence)
    )


def _letter_or_text(
    window: str, begin: int, asked: ShownQuestion, in_sentence: bool
) -> Stated | None:
    code = asked.question.language
    inner = end_of(PREFACE, window, begin)
    named = next(filter(None, (named_at(window, at, asked) for at in (0, begin, inner))), None)
    places = (inner, begin) if _is_option(window, begin) else (begin, inner)
    letter = next(filter(None, (letter_pattern(code).match(window, at) for at in places)), None)
    place = place_of(letter[0], language(code)) if letter else None
    stated = by_text(window, named, asked) if named else None
    if letter and place is not None and place < len(asked.order):
        if named is None or named.span[1] <= letter.end():
            stated = _lettered(window, letter, asked.order[place], asked, in_sentence)
        if named and stated and stated.span == named.span and stated.answer not in named.choices:
            return Stated(None, named.span, "contradiction")
    elif named is None and (glued := glued_letters(code).match(window, begin)):
        return Stated(None, glued.span(), "several")
    if stated is None or stated.span is None:
        return stated
    why_not = _why_not(window, stated, named, asked)
    return Stated(None, stated.span, why_not) if why_not else stated


def _why_not(
    window: str, stated: Stated, named: Named | None, asked: ShownQuestion
) -> Literal["refusal", "several", "contradiction"] | None:
    """Return why what is stated counts for nothing, by what follows it; `None` where it counts."""
    if named and stated.span == named.span and _refuses(window, named, asked):
        return "refusal"
    if _goes_on(window, stated, asked):
        return "several"
    if stated.answer is not None and _taken_back(window, stated, asked):
        return "contradiction"
    return None


def _result(window: str, at: int, asked: ShownQuestion) -> Stated | None:
    """Read what a sum comes to, behind its last sign of equality."""
    named = named_at(window, end_of(SPACES, window, at), asked)
    if named is None or ARITHMETIC.match(window, named.span[1]):
        return None
    return by_text(window, named, asked)


def _refuses(window: str, named: Named, asked: ShownQuestion) -> bool:
    """Tell whether a choice such as "No" is the beginning of a refusal: "No idea"."""
    refused = refusal(asked.question.language).match(window, named.span[0])
    if refused and refused.end() > named.span[1]:
        return True
    text = window[slice(*named.span)].casefold()
    return text in NO_WORDS and NO_WHAT.match(window, named.span[1]) is not None


def _is_option(window: str, start: int) -> bool:
    """Tell whether the word "option" stands there, so that an "A" before it is an article."""
    preface = PREFACE.match(window, start)
    return bool(preface and preface["option"])


def by_text(window: str, named: Named, asked: ShownQuestion) -> Stated:
    """Read a choice's text; a letter in brackets behind it must agree: "bank (A)"."""
    only = len(named.choices) == 1
    if lettered := BRACKETED.match(window, named.span[1]):
        place = place_of(lettered[1], language(asked.question.language))
        if place is not None and place < len(asked.order):
            shown, span = asked.order[place], (named.span[0], lettered.end(1))
            if shown in named.choices:
                return Stated(shown, span, "letter and text")
            return Stated(None, span, "contradiction")
    answer = next(iter(named.choices)) if only else None
    return Stated(answer, named.span, "text" if only else "several")


def _lettered(
    window: str, letter: re.Match[str], answer: int, asked: ShownQuestion, in_sentence: bool
) -> Stated | None:
    """Read a letter with the text behind it, if there is one: the two must agree."""
    after = end_of(AFTER_LETTER, window, letter.end())
    stated = Stated(answer, letter.span(), "letter")
    if named := named_at(window, after, asked):
        return _with_text(window, letter, named, stated, asked)
    if RUNS_ON.match(window, letter.end()) and (not in_sentence or letter[0].islower()):
        return stated if _goes_on(window, stated, asked) else None
    labelled = LABELLED.match(window, letter.end())
    if labelled and _names_another(window, after, answer, asked, in_sentence):
        return Stated(None, (letter.start(), after), "contradiction")
    return stated


def _with_text(
    window: str, letter: re.Match[str], named: Named, stated: Stated, asked: ShownQuestion
) -> Stated:
    """Read a letter with the choice that stands behind it, which may begin another sentence."""
    span = (letter.start(), named.span[1])
    drawn = LOOKALIKES.get(letter[0].upper(), len(asked.order))
    if stated.answer in named.choices:
        return Stated(stated.answer, span, "letter and text")
    if _sentence_begins(window, letter.end(), asked):
        return stated
    if drawn < len(asked.order) and asked.order[drawn] in named.choices:
        return Stated(asked.order[drawn], span, "letter and text")
    return Stated(None, span, "contradiction")


def _sentence_begins(window: str, end: int, asked: ShownQuestion) -> bool:
    """Tell whether a letter's statement ends there and a sentence about choices follows.

    "B. Iron is solid." and "B (iron is solid)", but not "B. iron" and "B) iron rusts".
    """
    at = end_of(AFTER_LETTER, window, end)
    between = STATEMENT_ENDS.search(window, end, at)
    named = named_at(window, at, asked)
    if between is None or named is None or (window[at].islower() and between[0] == "."):
        return False
    end = named.span[1]
    while (joiner := JOINER.match(window, end)) and joiner.end() > end:
        following = named_at(window, joiner.end(), asked) or _begun(window, joiner.end(), asked)
        if following is None:
            break
        end = following.span[1]
    goes_on = SENTENCE_GOES_ON.match(window, end) or AND_WHAT.match(window, end)
    return goes_on is not None


def _begun(window: str, at: int, asked: ShownQuestion) -> Named | None:
    """Return a choice that a word of a language without spaces begins with."""
    if not unspaced(window[at : at + 1]):
        return None
    ends = [at + len(c) for c in asked.question.choices if window.startswith(c, at)]
    return Named(frozenset(), (at, max(ends))) if ends else None


def _names_another(
    window: str, after: int, answer: int, asked: ShownQuestion, in_sentence: bool
) -> bool:
    """Tell whether what stands behind a letter, on its line, names something else than its choice.

    It does if it is as short as a choice and unlike this one, or says that there is no answer. A
    longer text, a reason, or one in another script is no name of a choice and contradicts nothing.
    """
    code, own = asked.question.language, asked.question.choices[answer]
    if "\n" in window[:after].lstrip():
        return False
    line = window[after:].partition("\n")[0]
    if refusal(code).match(line):
        return True
    name = NAME_ENDS.split(line, maxsplit=1)[0].strip()
    is_none = (
        not name
        or EXPLAINS.match(line)
        or BEGINS_SENTENCE.match(line)
        or correction((code, "en"), False).match(line)
        or link(code).fullmatch(name)
        or _plain(own) in _plain(line)
        or _too_long(name, line, asked, in_sentence)
        or _scripts(name).isdisjoint(_scripts(own))
    )
    return not is_none and not _alike(name, own)


def _too_long(name: str, line: str, asked: ShownQuestion, in_sentence: bool) -> bool:
    """Tell whether a text is longer than any choice; one that is all of its line may be more."""
    choices = asked.question.choices
    lengths = [len(c) if unspaced(name) else len(c.split()) for c in (name, *choices)]
    ended = in_sentence and SENTENCE_ENDED.fullmatch(line, len(name)) is not None
    spare = WORDS_TO_SPARE if len(name) == len(line.strip()) else -1 if ended else 0
    return lengths[0] > max(lengths[1:]) + spare


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _alike(name: str, choice: str) -> bool:
    """Tell whether two names are spellings of one: nearly the same, or one inside the other."""
    one, two = _plain(name), _plain(choice)
    if one in two or two in one:
        return True
    ratio = difflib.SequenceMatcher(None, one, two, autojunk=False).ratio()
    return one[:1] == two[:1] and ratio >= SIMILAR


def _scripts(text: str) -> set[str]:
    """Return the scripts of a text's letters, by the first word of each letter's Unicode name."""
    names = {unicodedata.name(c, "?").split()[0] for c in text if c.isalpha()}
    return {"CJK" if name in ("HIRAGANA", "KATAKANA") else name for name in names}


def _goes_on(window: str, stated: Stated, asked: ShownQuestion) -> bool:
    """Tell whether another answer follows in the same statement, as in "A or C"."""
    assert stated.span is not None
    end, lettered = stated.span[1], stated.how == "letter"
    joiner = JOINER.match(window, end)
    place = joiner.end() if joiner else end
    if lettered and place == end:
        place = end_of(LETTER_NEXT, window, end)
    if place == end or (lettered and _sentence_begins(window, end, asked)):
        return False
    named = named_at(window, place, asked) or named_at(
        window, end_of(PREFACE, window, place), asked
    )
    if named and stated.answer not in named.choices:
        return True
    between = window[end:place].strip()
    return _another_letter(window, place, between, lettered, asked)


def _another_letter(
    window: str, place: int, between: str, lettered: bool, asked: ShownQuestion
) -> bool:
    """Tell whether a letter at `place` is another answer and not the beginning of a sentence."""
    code = asked.question.language
    letter = letter_pattern(code).match(window, place)
    if letter is None or place_of(letter[0], language(code)) is None:
        return False
    if denial_pattern(code).match(window, end_of(BEFORE_DENIAL, window, letter.end())):
        return False
    if between in (";", "；") or (lettered and between in (".", ":", ")")):
        return ENDING.fullmatch(window, letter.end()) is not None
    return lettered or NAMES_NEXT.match(window, letter.end()) is not None


def _taken_back(window: str, stated: Stated, asked: ShownQuestion) -> bool:
    """Tell whether a denial follows at once, or in the brackets that follow at once.

    Brackets that name another choice deny that one.
    """
    assert stated.span is not None
    code, end = asked.question.language, stated.span[1]
    denial = denial_pattern(code)
    denied = denial.match(window, end_of(BEFORE_DENIAL, window, end))
    if denied and not KEY_FOLLOWS.match(window, denied.end()):
        return True
    brackets = IN_BRACKETS.match(window, end)
    if not brackets or any_letter(code).search(brackets[0], 1):
        return False
    others = [c for i, c in enumerate(asked.question.choices) if i != stated.answer]
    if any(_plain(other) in _plain(brackets[0]) for other in others):
        return False
    return any(DENIAL_ENDS.match(brackets[0], m.end()) for m in denial.finditer(brackets[0]))


def named_at(text: str, start: int, asked: ShownQuestion) -> Named | None:
    """Return the longest choice that stands at `start`: in the own language, else in another.

    As it is written, else in another spelling.
    """
    for version in (asked.question, *asked.versions):
        ends = {}
        for index, pattern in enumerate(choice_patterns(version.choices, version.language)):
            if match := pattern.match(text, start):
                ends[index] = match.end()
        if named := _longest(text, start, ends, version.language):
            return named
    own = asked.question
    article = language(own.language).sentences.joined_article
    spelt = spelt_at(text, start, own.choices, article)
    return _longest(text, start, spelt, own.language)


def _longest(text: str, start: int, ends: Mapping[int, int], code: str) -> Named | None:
    goes_on = word_goes_on(code)
    whole = {index: end for index, end in ends.items() if not goes_on.match(text, end)}
    if not whole:
        return None
    longest = max(whole.values())
    same = frozenset(index for index, end in whole.items() if end == longest)
    return Named(same, (start, longest))


def end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def moved(stated: Stated, by: int) -> Stated:
    if stated.span is None:
        return stated
    return dataclasses.replace(stated, span=(stated.span[0] + by, stated.span[1] + by))
