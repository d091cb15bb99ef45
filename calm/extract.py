"""Stage `extract`: read the answer out of a response, where it stands, and how it is stated.

An answer is read only where it is stated: an announcement ("Answer:", "the correct answer is",
`\\boxed{`) is followed by a choice or its letter, a verdict ("is correct") follows one, or a line
is nothing else. A letter and a text that contradict each other state nothing, nor do two answers
in one statement, nor an answer that is taken back at once. Of several statements the last counts: a
model may correct itself. What it thinks before `</think>` is not what it says. Anything else is
`None`, never a guess.

The time it takes grows with the text's length and no faster: announcements are found in one pass,
and what follows each is read within a window as long as the question's own choices require.
"""

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from calm.answer_patterns import (
    AFTER_LETTER,
    AFTER_PHRASE,
    BEFORE_DENIAL,
    BRACKETED,
    CLAUSE_END,
    DECORATION,
    DENIAL_ENDS,
    END_OF_THOUGHT,
    ENDING,
    EXPLAINS,
    GIVES_REASON,
    IN_BRACKETS,
    JOINER,
    LABELLED,
    LEAD,
    LETTER_NEXT,
    LINES,
    NAME_ENDS,
    NAMES_NEXT,
    PREFACE,
    RUNS_ON,
    SPACES,
    THOUGHT,
    WORD_GOES_ON,
    announcement,
    any_letter,
    choice_patterns,
    denial_pattern,
    explanation_label,
    glued_letters,
    letter_pattern,
    link,
    place_of,
    refusal,
    refusing_sentence,
    stems,
    unspaced,
    verdict_pattern,
    verdict_words,
)
from calm.languages import LANGUAGES, language
from calm.records import HowRead, Question, Response
from calm.thoughts import open_thought

BEFORE_VERDICT = 200
"""How far back from a verdict its answer may begin, in characters."""
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
class Asked:
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


def extract(
    responses: Iterable[Response], groups: Mapping[str, Mapping[str, Question]]
) -> Iterator[Response]:
    """Yield the responses with their answers read."""
    for response in responses:
        versions = groups[response.question_id]
        stated = read_answer(
            response.text,
            versions[response.language],
            response.choice_order,
            [other for code, other in versions.items() if code != response.language],
        )
        yield dataclasses.replace(
            response, answer=stated.answer, answer_span=stated.span, how=stated.how
        )


def read_answer(
    text: str, question: Question, order: Sequence[int], versions: Sequence[Question] = ()
) -> Stated:
    """Return what a response states, where, and how; the span is `None` where the answer is.

    `order` is how the choices were shown: it turns a letter into a choice. `versions` are the
    question in other languages: a choice that is given in one of them is read too.
    """
    begin = _said_from(text)
    if begin is None or open_thought(text):
        return Stated(None, None, "thought cut off")
    if DECORATION.fullmatch(text, begin):
        return Stated(None, None, "empty")
    asked = Asked(question, order, versions)
    stated = _last_stated(text, begin, asked) or _alone_on_a_line(text, begin, asked)
    if stated is None:
        refuses = refusing_sentence(question.language).search(text[begin:])
        return Stated(None, None, "refusal" if refuses else "unstated")
    return stated if stated.answer is not None else Stated(None, None, stated.how)


def _said_from(text: str) -> int | None:
    """Return where the answer begins, after the model's thinking; `None` where it never does."""
    ends = [match.end() for match in END_OF_THOUGHT.finditer(text)]
    begin = ends[-1] if ends else 0
    return None if THOUGHT.search(text, begin) else begin


def _last_stated(text: str, begin: int, asked: Asked) -> Stated | None:
    """Return the last statement that is announced or judged; the later one where both are."""
    code = asked.question.language
    folded = text[begin:].lower()
    codes = tuple(
        row.code
        for row in LANGUAGES.values()
        if row.code in (code, "en") or any(label in folded for label in stems(row.code))
    )
    announced = _last(
        announcement(codes).finditer(text, begin),
        lambda match: _announced(text, match, asked),
    )
    judged = None
    if any(verdict in folded for verdict in verdict_words(codes)):
        judged = _last(
            verdict_pattern(codes).finditer(text, begin),
            lambda match: _judged(text, match, begin, asked),
        )
    found = [stated for stated in (announced, judged) if stated]
    return max(found, key=lambda stated: stated.span or (0, 0), default=None)


def _last(
    matches: Iterator[re.Match[str]], read: Callable[[re.Match[str]], Stated | None]
) -> Stated | None:
    return next(filter(None, map(read, reversed(list(matches)))), None)


def _announced(text: str, match: re.Match[str], asked: Asked) -> Stated | None:
    at = _end(AFTER_PHRASE if match["phrase"] else SPACES, text, match.end())
    window = text[at : at + asked.reach]
    stated = _statement(window, asked, match["phrase"] is not None)
    if stated is None:
        inner = _end(DECORATION, window, 0)
        if not refusal(asked.question.language).match(window, inner):
            return None
        stated = Stated(None, (inner, inner), "refusal")
    return _moved(stated, at)


def _judged(text: str, match: re.Match[str], begin: int, asked: Asked) -> Stated | None:
    """Read the answer that a clause begins with and that its verdict ends."""
    back = max(begin, match.start() - BEFORE_VERDICT)
    window = text[back : match.start()]
    starts = [cut.end() for cut in CLAUSE_END.finditer(window)]
    for start in [0, *starts] if back == begin else starts:
        at = _end(SPACES, window, start)
        while (after := _end(LEAD, window, at)) > at:
            at = after
        stated = _statement(window[at:], asked, in_sentence=True)
        if stated and stated.span and not _rest(window, at + stated.span[1]):
            return _moved(stated, back + at)
    return None


def _rest(window: str, start: int) -> str:
    return window[_end(ENDING, window, start) :]


def _alone_on_a_line(text: str, begin: int, asked: Asked) -> Stated | None:
    """Read the lines that are nothing but a choice, its letter, or both; they must agree."""
    found = []
    for line in LINES.finditer(text, begin):
        if line.end() - line.start() > asked.reach:
            continue
        label = explanation_label(asked.question.language).match(line[0])
        at = label.end() if label else 0
        at = _end(SPACES, line[0], at)
        stated = _statement(line[0][at:], asked, in_sentence=False)
        if stated is None or stated.span is None:
            continue
        if label and stated.how not in ("letter and text", "several"):
            continue
        end = _end(ENDING, line[0], at + stated.span[1])
        reasoned = stated.how == "letter and text" and GIVES_REASON.match(line[0], end)
        if end == len(line[0]) or reasoned or stated.how == "several":
            found.append(_moved(stated, line.start() + at))
    if not found:
        return None
    answers = {stated.answer for stated in found}
    return found[-1] if len(answers) == 1 else Stated(None, found[-1].span, "several")


def _statement(window: str, asked: Asked, in_sentence: bool) -> Stated | None:
    """Read the letter, the choice, or the letter and the choice that `window` begins with.

    `in_sentence` tells that the place is in the middle of a sentence: a capital there is a letter
    of a choice even if words follow. At the beginning of one it may be a word ("A person who").
    """
    code = asked.question.language
    begin = _end(DECORATION, window, 0)
    inner = _end(PREFACE, window, begin)
    named = next(filter(None, (_named(window, at, asked) for at in (0, begin, inner))), None)
    places = (inner, begin) if _is_option(window, begin) else (begin, inner)
    letter = next(filter(None, (letter_pattern(code).match(window, at) for at in places)), None)
    place = place_of(letter[0], language(code)) if letter else None
    stated = _by_text(window, named, asked) if named else None
    if letter and place is not None and place < len(asked.order):
        if named is None or named.span[1] <= letter.end():
            stated = _lettered(window, letter, asked.order[place], asked, in_sentence)
        if named and stated and stated.span == named.span and stated.answer not in named.choices:
            return Stated(None, named.span, "contradiction")
    elif named is None and (glued := glued_letters(code).match(window, begin)):
        return Stated(None, glued.span(), "several")
    if stated is None or stated.span is None:
        return stated
    if _goes_on(window, stated, asked):
        return Stated(None, stated.span, "several")
    if stated.answer is not None and _taken_back(window, stated, asked):
        return Stated(None, stated.span, "contradiction")
    return stated


def _is_option(window: str, start: int) -> bool:
    """Tell whether the word "option" stands there, so that an "A" before it is an article."""
    preface = PREFACE.match(window, start)
    return bool(preface and preface["option"])


def _by_text(window: str, named: Named, asked: Asked) -> Stated:
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
    window: str, letter: re.Match[str], answer: int, asked: Asked, in_sentence: bool
) -> Stated | None:
    """Read a letter with the text behind it, if there is one: the two must agree."""
    after = _end(AFTER_LETTER, window, letter.end())
    named = _named(window, after, asked)
    if named:
        span = (letter.start(), named.span[1])
        if answer in named.choices:
            return Stated(answer, span, "letter and text")
        return Stated(None, span, "contradiction")
    stated = Stated(answer, letter.span(), "letter")
    if RUNS_ON.match(window, letter.end()) and (not in_sentence or letter[0].islower()):
        return stated if _goes_on(window, stated, asked) else None
    if LABELLED.match(window, letter.end()) and _names_another(window, after, answer, asked):
        return Stated(None, (letter.start(), after), "contradiction")
    return stated


def _names_another(window: str, after: int, answer: int, asked: Asked) -> bool:
    """Tell whether what stands behind a letter, on its line, names something else than its choice.

    It does if it is as short as a choice and unlike this one, or says that there is no answer. A
    longer text, a reason, or one in another script is no name of a choice and contradicts nothing.
    """
    code, choices = asked.question.language, asked.question.choices
    if "\n" in window[:after].lstrip():
        return False
    line = window[after:].partition("\n")[0]
    if refusal(code).match(line):
        return True
    name = NAME_ENDS.split(line, maxsplit=1)[0].strip()
    own = choices[answer]
    if (
        not name
        or EXPLAINS.match(line)
        or link(code).fullmatch(name)
        or _plain(own) in _plain(line)
    ):
        return False
    lengths = [len(c) if unspaced(name) else len(c.split()) for c in (name, *choices)]
    spare = WORDS_TO_SPARE if len(name) == len(line.strip()) else 0
    if lengths[0] > max(lengths[1:]) + spare:
        return False
    if _scripts(name).isdisjoint(_scripts(own)):
        return False
    return not _alike(name, own)


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


def _goes_on(window: str, stated: Stated, asked: Asked) -> bool:
    """Tell whether another answer follows in the same statement, as in "A or C"."""
    assert stated.span is not None
    end = stated.span[1]
    joiner = JOINER.match(window, end)
    place = joiner.end() if joiner else end
    code = asked.question.language
    if stated.how == "letter" and place == end:
        place = _end(LETTER_NEXT, window, end)
    if place == end:
        return False
    named = _named(window, place, asked) or _named(window, _end(PREFACE, window, place), asked)
    if named and stated.answer not in named.choices:
        return True
    letter = letter_pattern(code).match(window, place)
    if letter is None or place_of(letter[0], language(code)) is None:
        return False
    if stated.how == "letter" and window[end:place].strip() not in (".", ":", ")"):
        return True
    if stated.how == "letter":
        return bool(ENDING.fullmatch(window, letter.end()))
    return bool(NAMES_NEXT.match(window, letter.end()))


def _taken_back(window: str, stated: Stated, asked: Asked) -> bool:
    """Tell whether a denial follows at once, or in the brackets that follow at once.

    Brackets that name another choice deny that one.
    """
    assert stated.span is not None
    code, end = asked.question.language, stated.span[1]
    denial = denial_pattern(code)
    if denial.match(window, _end(BEFORE_DENIAL, window, end)):
        return True
    brackets = IN_BRACKETS.match(window, end)
    if not brackets or any_letter(code).search(brackets[0], 1):
        return False
    others = [c for i, c in enumerate(asked.question.choices) if i != stated.answer]
    if any(_plain(other) in _plain(brackets[0]) for other in others):
        return False
    return any(DENIAL_ENDS.match(brackets[0], m.end()) for m in denial.finditer(brackets[0]))


def _named(text: str, start: int, asked: Asked) -> Named | None:
    """Return the longest choice that stands at `start`: in the own language, else in another."""
    for version in (asked.question, *asked.versions):
        ends = {}
        for index, pattern in enumerate(choice_patterns(version.choices, version.language)):
            match = pattern.match(text, start)
            if match and not WORD_GOES_ON.match(text, match.end()):
                ends[index] = match.end()
        if ends:
            longest = max(ends.values())
            same = frozenset(index for index, end in ends.items() if end == longest)
            return Named(same, (start, longest))
    return None


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _moved(stated: Stated, by: int) -> Stated:
    if stated.span is None:
        return stated
    return dataclasses.replace(stated, span=(stated.span[0] + by, stated.span[1] + by))
