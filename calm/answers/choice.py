"""Stage `extract`: read the answer out of a response, where it stands, and how it is stated.

An answer is read only where it is stated: an announcement ("Answer:", "the correct answer is",
`\\boxed{`) is followed by a choice or its letter, a verdict ("is correct") follows one, or a line
is nothing else. A letter and a text that contradict each other state nothing, nor do two answers
in one statement, nor an answer that is taken back at once. Of several statements the last counts: a
model may correct itself. Only what it says itself, to this question, is read (`said.py`). Anything
else is `None`, never a guess.

The time it takes grows with the text's length and no faster: announcements are found in one pass,
and what follows each is read within a window as long as the question's own choices require.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from calm.answers.patterns import (
    AFTER_PHRASE,
    BARE_VERBS,
    CLAUSE_END,
    COMMA,
    DECORATION,
    ENDING,
    FIRST_PERSON,
    LEAD,
    LEAD_WITHIN,
    SENTENCE_CUT,
    SPACES,
    THAT,
    announcement,
    frames,
    refusal,
    refusing_sentence,
    verdict_pattern,
    verdict_words,
)
from calm.answers.said import said
from calm.answers.statement import (
    ShownQuestion,
    Stated,
    end_of,
    moved,
    statement,
)
from calm.answers.unannounced import (
    alone_on_a_line,
    corrected,
    is_asked,
    languages_of,
    pointed_at,
    said_yes_or_no,
    ticked,
)
from calm.answers.undone import (
    called_wrong,
    conditional,
    denied_before,
    from_others,
    leads_on,
    negation,
    not_owned,
    undone_behind,
)
from calm.languages.simplified import simplified
from calm.languages.table import LANGUAGES
from calm.records import Question, Response

BEFORE_VERDICT = 200
"""How far back from a verdict its answer may begin, in characters."""
BEFORE_PHRASE = 160
"""How far back from an announcement its sentence is read, in characters."""


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


def get_ready(codes: Iterable[str]) -> None:
    """Read one answer in each language: the first one takes a while, as patterns are made of words.

    The next ones take a thousandth of it.
    """
    for code in codes:
        question = Question("ready", code, "?", ("1 a", "2 b"))
        for text in ("1 a", "2"):
            read_answer(text, question, (0, 1))


def read_answer(
    text: str, question: Question, order: Sequence[int], versions: Sequence[Question] = ()
) -> Stated:
    """Return what a response states, where, and how; the span is `None` where the answer is.

    `order` is how the choices were shown: it turns a letter into a choice. `versions` are the
    question in other languages: a choice that is given in one of them is read too.
    """
    part = said(text)
    if part is None:
        return Stated(None, None, "thought cut off")
    begin, text = part[0], text[: part[1]]
    if LANGUAGES[question.language].script == "Han":
        text, question = simplified(text), _simpler(question)
    if DECORATION.fullmatch(text, begin):
        return Stated(None, None, "empty")
    asked = ShownQuestion(question, order, versions)
    stated = (
        _last_stated(text, begin, asked)
        or alone_on_a_line(text, begin, asked)
        or ticked(text, begin, asked)
        or pointed_at(text, begin, asked)
        or said_yes_or_no(text, begin, asked)
    )
    if stated is None:
        refuses = refusing_sentence(question.language).search(text[begin:])
        return Stated(None, None, "refusal" if refuses else "unstated")
    return stated if stated.answer is not None else Stated(None, None, stated.how)


@functools.lru_cache(maxsize=1024)
def _simpler(question: Question) -> Question:
    return dataclasses.replace(question, choices=tuple(map(simplified, question.choices)))


def _last_stated(text: str, begin: int, asked: ShownQuestion) -> Stated | None:
    """Return the last statement that is announced or judged; the later one where both are."""
    folded = text[begin:].lower()
    codes = languages_of(folded, asked.question.language)
    announced = _last(
        announcement(codes).finditer(text, begin),
        lambda match: _announced(text, match, begin, codes, asked),
    )
    framed = [
        _last(
            before.finditer(text, begin),
            functools.partial(_framed, text, behind, begin, codes, asked),
        )
        for before, behind in frames(codes)
    ]
    judged = None
    if any(verdict in folded for verdict in verdict_words(codes)):
        judged = _last(
            verdict_pattern(codes).finditer(text, begin),
            lambda match: _judged(text, match, begin, asked),
        )
    found = [stated for stated in (announced, judged, *framed) if stated]
    return max(found, key=lambda stated: stated.span or (0, 0), default=None)


def _last(
    matches: Iterator[re.Match[str]], read: Callable[[re.Match[str]], Stated | None]
) -> Stated | None:
    return next(filter(None, map(read, reversed(list(matches)))), None)


def _announced(
    text: str, match: re.Match[str], begin: int, codes: tuple[str, ...], asked: ShownQuestion
) -> Stated | None:
    """Read what an announcement states, or the correction of it; `None` where it is undone."""
    in_sentence = match["phrase"] is not None or match["denied"] is not None
    at = end_of(AFTER_PHRASE if in_sentence else SPACES, text, match.end())
    verb = match["phrase"] in BARE_VERBS
    denial = negation(codes).match(text, at) if match["phrase"] and not verb else None
    place = denial.end() if denial else at
    window = text[place : place + asked.reach]
    stated = statement(window, asked, in_sentence)
    if match["mark"]:
        return moved(stated, place) if stated and not is_asked(window, stated) else None
    denied = denial is not None or match["denied"] is not None
    undone = denied or _undone(text, match, begin, window, stated, codes)
    if undone and not denied and stated is None:
        return None
    first = stated.span[0] if stated and stated.span else 0
    if (stated or denied) and (
        other := corrected(text, place + first, stated, undone, codes, asked)
    ):
        return other
    if undone:
        return None
    if stated is None:
        inner = end_of(DECORATION, window, 0)
        if not refusal(asked.question.language).match(window, inner):
            return None
        stated = Stated(None, (inner, inner), "refusal")
    return moved(stated, place)


def _undone(
    text: str,
    match: re.Match[str],
    begin: int,
    window: str,
    stated: Stated | None,
    codes: tuple[str, ...],
) -> bool:
    """Tell whether an announcement is denied, asked, supposed, or somebody else's."""
    sentence = SENTENCE_CUT.split(text[max(begin, match.start() - BEFORE_PHRASE) : match.start()])[
        -1
    ]
    clause = _clause(sentence, match[0], codes)
    after = window[stated.span[1] :] if stated and stated.span else window
    rest = SENTENCE_CUT.split(after, maxsplit=1)[0]
    announced = match[0]
    return (
        called_wrong(clause, announced, codes)
        or denied_before(clause, codes)
        or from_others(sentence)
        or not_owned(clause, rest, announced in BARE_VERBS, codes)
        or (stated is not None and undone_behind(codes).match(after) is not None)
        or (stated is not None and is_asked(window, stated))
        or conditional(announced, f"{sentence} {rest}", codes)
        or _of_a_person(announced, clause, stated)
    )


def _clause(sentence: str, announced: str, codes: tuple[str, ...]) -> str:
    """Return the last clause of a sentence; a comma before "that" begins none."""
    for comma in reversed(list(COMMA.finditer(sentence))):
        if not THAT.match(sentence, comma.end()) and not leads_on(
            sentence[: comma.start()], sentence[comma.end() :], announced, codes
        ):
            sentence = sentence[comma.end() :]
            break
    leads = list(LEAD_WITHIN.finditer(sentence))
    return sentence[leads[-1].end() :] if leads else sentence


def _of_a_person(announced: str, clause: str, stated: Stated | None) -> bool:
    """Tell whether a bare verb of choosing may say what people take, not what the model answers."""
    if stated is None or stated.how != "text" or announced.strip() not in BARE_VERBS:
        return False
    return not FIRST_PERSON.fullmatch(clause)


def _framed(
    text: str,
    behind: re.Pattern[str],
    begin: int,
    codes: tuple[str, ...],
    asked: ShownQuestion,
    match: re.Match[str],
) -> Stated | None:
    """Read the answer between the two halves of an announcement: "ich würde B wählen"."""
    window = text[match.end() : match.end() + asked.reach]
    stated = statement(window, asked, in_sentence=True)
    if stated is None or stated.span is None:
        return None
    if undone_behind(codes).match(window, stated.span[1]):
        return corrected(text, match.end() + stated.span[0], stated, True, codes, asked)
    if not behind.match(window, stated.span[1]):
        return None
    if _undone(text, match, begin, window, stated, codes):
        return corrected(text, match.end() + stated.span[0], stated, True, codes, asked)
    return moved(stated, match.end())


def _judged(text: str, match: re.Match[str], begin: int, asked: ShownQuestion) -> Stated | None:
    """Read the answer that a clause begins with and that its verdict ends."""
    back = max(begin, match.start() - BEFORE_VERDICT)
    window = text[back : match.start()]
    starts = [cut.end() for cut in CLAUSE_END.finditer(window)]
    for start in [0, *starts] if back == begin else starts:
        at = end_of(SPACES, window, start)
        while (after := end_of(LEAD, window, at)) > at:
            at = after
        stated = statement(window[at:], asked, in_sentence=True)
        if stated and stated.span and not _rest(window, at + stated.span[1]):
            return moved(stated, back + at)
    return None


def _rest(window: str, start: int) -> str:
    return window[end_of(ENDING, window, start) :]
