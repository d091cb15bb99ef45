"""One side of a preference pair taken apart, as the lint sees it.

A side is an explanation under its label, a line with the answer, and what follows it:

    Explanation: A dog barks.       label, body
    Answer: B. dog                  answer label, answer
    Note: cats do not.              junk
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from calm.answers.choice import read_answer
from calm.languages.table import LANGUAGES, all_words, language
from calm.pairs.lint.sameness import INVISIBLE
from calm.records import Question

LATIN = "ABCDEFGH"
READ_AT_MOST = 20_000
"""Characters from the end in which choices and answers are looked for."""
KEPT = 64
"""Texts that are not read again: pairs of one question stand together and share a side."""
DECORATION = r"[ \t>*_#]{0,12}"
COLON = r"[ \t*_]{0,6}[:：][*_]{0,6}"


@dataclass(frozen=True)
class Side:
    """A side of a pair, with the places of its parts as characters of `text`."""

    text: str
    label: str
    """The word that heads the explanation, as it is written; empty where there is none."""
    body_at: tuple[int, int]
    """The explanation, without its label and without the answer line."""
    answer_label: str
    """The word that announces the answer on its line; empty where there is none."""
    answer: int | None
    """The choice that is stated; `None` where none is, or where the choices are not known."""
    answer_at: tuple[int, int] | None
    after_at: int
    """Where what follows the answer line begins; the end of the text where nothing does."""
    junk_at: int
    """Where labels, a note or a next question follow the answer; the end where none does."""

    @property
    def body(self) -> str:
        return self.text[slice(*self.body_at)]

    @property
    def after(self) -> str:
        """What follows the answer line and is no junk."""
        return self.text[self.after_at : max(self.after_at, self.junk_at)].strip()

    @property
    def junk(self) -> str:
        return self.text[self.junk_at :].strip()


@functools.lru_cache(maxsize=KEPT)
def parse_side(text: str, question: Question) -> Side:
    """Return the parts of a side that answers `question`, its letters in the question's order."""
    round_end = _next_question(text, question)
    answer, span = stated(text[:round_end], question)
    opening = _opening().match(text)
    begin = opening.end() if opening else 0
    label = opening["label"] if opening else ""
    if span is None:
        # Without a choice to look for, a line "Answer: 42" is still an answer line.
        lines = list(_answer_line().finditer(text, max(0, round_end - READ_AT_MOST), round_end))
        head, name = (lines[-1].start(), lines[-1]["label"]) if lines else (round_end, "")
        return Side(text, label, (begin, max(begin, head)), name, None, None, len(text), round_end)
    head, name = _announced(text, span[0])
    line_end = text.find("\n", span[1])
    after = min(round_end, len(text) if line_end < 0 else line_end)
    body = (begin, max(begin, head))
    junk = min(round_end, _junk(text, span[1], after, bool(text[slice(*body)].strip())))
    return Side(text, label, body, name, answer, span, after, junk)


@functools.lru_cache(maxsize=KEPT)
def stated(text: str, question: Question) -> tuple[int | None, tuple[int, int] | None]:
    """Return the choice that a text states in its last part, and where; choices in their order.

    The C of "C'est" and the D of "D'après" are no letters of choices.
    """
    start = max(0, len(text) - READ_AT_MOST)
    read, order = text[start:], range(len(question.choices))
    found = read_answer(read, question, order)
    misread = ELIDED.match(read, found.span[0]) if found.span else ELIDED.search(read)
    if misread:
        found = read_answer(ELIDED.sub("j", read), question, order)
    span = found.span
    return found.answer, (span[0] + start, span[1] + start) if span else None


@functools.lru_cache(maxsize=KEPT)
def asked(prompt: str, code: str) -> Question:
    """Return the question that a prompt asks, as far as it can be seen.

    Its choices are the last lettered lines ("A. ...", "B. ..."); none where there are none.
    """
    choices: list[str] = []
    found: tuple[str, ...] = ()
    text = prompt[-READ_AT_MOST:]
    rows = [language(code).letters, LATIN, "ＡＢＣＤＥＦＧＨ"]
    for line in _lettered(code).finditer(text):
        place = next(row.index(line["letter"]) for row in rows if line["letter"] in row)
        choice = CHAT_MARKUP.split(line["choice"])[0].strip()
        if place == 0:
            choices = [choice]
        else:
            choices = [*choices, choice] if place == len(choices) and choice else []
        if len(choices) > 1:
            found = tuple(choices)
    return Question("", code, "", found)


def shown_letters(prompt: str, code: str) -> str:
    """Return the letters that a prompt numbers its choices with: the language's own, or Latin."""
    first = next(_lettered(code).finditer(prompt[-READ_AT_MOST:]), None)
    own = language(code).letters
    return own if first is None or first["letter"] in own else LATIN


def without_doubled_labels(text: str) -> str:
    """Return the text with only the last of labels that say the same one after the other."""
    return _same_word().sub(r"\g<mark>", _same_kind().sub(r"\g<mark>", text))


def doubled_labels(text: str) -> list[str]:
    """Return the labels that say the same one after the other, as they are written."""
    found = []
    for pattern in (_same_kind(), _same_word()):
        matches = list(pattern.finditer(text))
        for match in matches:
            found.append(match["doubled"] + text[match.end() :][:30].partition("\n")[0])
        text = pattern.sub(r"\g<mark>", text) if matches else text
    shown = [re.match(r"(?:.*[:：])?", " ".join(labels.split())) for labels in found]
    return list(dict.fromkeys(match[0] for match in shown if match))


def says_nothing(text: str) -> bool:
    """Tell whether a side is empty: white space, marks of a template, or a label alone."""
    bare = CHAT_MARKUP.sub("", NOTHING_IN_HTML.sub("", INVISIBLE.sub("", text))).strip()
    return not bare or (len(bare) <= LONGEST_LABEL and bool(_label_alone().fullmatch(bare)))


def after_prompt(text: str, prompt: str) -> str | None:
    """Return what a side says after it has repeated the prompt; `None` where it does not.

    White space may differ, and a label may head it. Of a long prompt its last paragraph may be
    what is repeated. A word or two that the side begins with too are no repetition.
    """
    last = prompt.strip().rpartition("\n\n")[2]
    label = _question_line().match(text)
    for begin in {0, label.end() if label else 0}:
        for repeated in (prompt, last):
            end = _end_of_words(text, begin, repeated.split())
            if end is not None and not (text[end - 1].isalnum() and text[end : end + 1].isalnum()):
                return text[end:].lstrip()
    return None


def _end_of_words(text: str, at: int, words: Sequence[str]) -> int | None:
    """Return where the words end that stand at a place; `None` where others do, or too few."""
    letters = "".join(words)
    if len(letters) < (REPEATED if letters.isascii() else DENSE_REPEATED):
        return None
    for word in words:
        spaces = SPACES.match(text, at)
        at = spaces.end() if spaces else at
        if not text.startswith(word, at):
            return None
        at += len(word)
    return at


def _announced(text: str, start: int) -> tuple[int, str]:
    """Return where the answer's line begins and the label on it, which may stand a line above."""
    line = text.rfind("\n", 0, start) + 1
    above = text[:line].rstrip()
    for begin in (line, above.rfind("\n") + 1):
        match = _answer_label().match(text, begin, start)
        if match and not re.search(r"\w", text[match.end() : start]):
            return begin, match["label"]
    return line, ""


def _next_question(text: str, question: Question) -> int:
    """Return where the side goes on to ask another question after it has answered its own."""
    for match in islice(_question_line().finditer(text, 1), 3):
        if stated(text[: match.start()], question)[0] is not None:
            return match.start()
    return len(text)


def _junk(text: str, answer_end: int, after: int, has_body: bool) -> int:
    places = [len(text)]
    if markup := CHAT_MARKUP.search(text, answer_end):
        places.append(markup.start())
    for match in _junk_line().finditer(text, after):
        if match["explains"] is None or has_body:
            places.append(match.start())
            break
    return min(places)


CHAT_MARKUP = re.compile(r"<\|[a-z_]{2,30}\|>|</?s>|\[/?INST\]|<(?:start|end)_of_turn>")
"""What a chat template writes between turns; in an answer it is a template that leaked."""


NOTHING_IN_HTML = re.compile(
    r"(?:<(p|div|span)>(?:\s|&nbsp;|<br ?/?>)*</\1>\s*(?:<br ?/?>\s*)*|&nbsp;|&#160;)+"
)
LONGEST_LABEL = 60
ELIDED = re.compile(r"(?<!\w)[A-H](?=['’]\w)")
"""A word that has lost its vowel, not a letter of a choice."""
SPACES = re.compile(r"\s*")
REPEATED, DENSE_REPEATED = 16, 8
"""Characters, without spaces, from which the beginning of a side repeats the prompt."""


def _words(words: Iterable[str]) -> str:
    return "|".join(sorted({re.escape(word) for word in words}, key=len, reverse=True))


@functools.cache
def _kinds() -> dict[str, str]:
    """The labels of all languages as alternatives, by what they announce."""
    rows = LANGUAGES.values()
    return {
        "question": _words(
            [*(row.question.lower() for row in rows), *all_words("turns", "next_questions")]
        ),
        "choices": _words(row.choices.lower() for row in rows),
        "answer": _words(row.answer.lower() for row in rows),
        "explanation": _words(word for row in rows for word in row.explanation_labels),
    }


@functools.cache
def _opening() -> re.Pattern[str]:
    word = _kinds()["explanation"]
    label = rf"[\s>*_#]{{0,40}}(?P<label>{word})(?:{COLON}|[*_]+[ \t]*(?=\n))\s*"
    return re.compile(label, re.IGNORECASE)


@functools.cache
def _label_alone() -> re.Pattern[str]:
    words = "|".join(_kinds().values())
    return re.compile(rf"(?:{DECORATION}(?:{words}){COLON}\s*)+", re.IGNORECASE)


@functools.cache
def _answer_label() -> re.Pattern[str]:
    words = _words(
        [w for row in LANGUAGES.values() for w in (row.answer.lower(), *row.answer_labels)]
    )
    return re.compile(rf"{DECORATION}(?P<label>{words}){COLON}", re.IGNORECASE)


@functools.cache
def _answer_line() -> re.Pattern[str]:
    word = _kinds()["answer"]
    return re.compile(
        rf"^{DECORATION}(?P<label>{word}){COLON}[ \t]*\S", re.IGNORECASE | re.MULTILINE
    )


@functools.cache
def _question_line() -> re.Pattern[str]:
    word = _kinds()["question"]
    return re.compile(rf"^{DECORATION}(?:{word}){COLON}", re.IGNORECASE | re.MULTILINE)


@functools.cache
def _junk_line() -> re.Pattern[str]:
    """Match a line after the answer that is a label alone, or begins a note or another round."""
    kinds = _kinds()
    return re.compile(
        rf"^[ \t>*_#(（\[]{{0,12}}(?:(?:{'|'.join(kinds.values())}){COLON}\s*$"
        rf"|(?:{kinds['question']}|{kinds['choices']}|{_words(all_words('turns', 'notes'))}){COLON}"
        rf"|(?P<explains>{kinds['explanation']}){COLON})",
        re.IGNORECASE | re.MULTILINE,
    )


@functools.cache
def _same_kind() -> re.Pattern[str]:
    kinds = "|".join(
        rf"(?:(?:{word}){COLON}\s*)+(?=[*_#]{{0,6}}(?P<{name}>{word}){COLON})"
        for name, word in _kinds().items()
    )
    return re.compile(rf"^(?P<mark>{DECORATION})(?P<doubled>{kinds})", re.IGNORECASE | re.MULTILINE)


@functools.cache
def _same_word() -> re.Pattern[str]:
    word = r"(?P<word>[^\W\d][\w ]{0,24}?)"
    return re.compile(
        rf"^(?P<mark>{DECORATION})(?P<doubled>{word}{COLON}\s*)(?=[*_#]{{0,6}}(?P=word){COLON})",
        re.IGNORECASE | re.MULTILINE,
    )


@functools.cache
def _lettered(code: str) -> re.Pattern[str]:
    letter = rf"(?P<letter>[{re.escape(language(code).letters)}A-HＡ-Ｈ])[.)）:：、．]"
    return re.compile(
        rf"^[ \t*(（]{{0,12}}{letter}\*{{0,2}}[ \t]*(?P<choice>\S[^\n]*)$", re.MULTILINE
    )
