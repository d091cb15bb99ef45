"""An explained answer in one common form: what is chosen and what is rejected look the same.

    Explanation: why, without markdown, blank lines or labels of its own
    Answer: B. the choice

in the words of the language table, whatever form the response had. Only what is said tells two
answers apart; in the pairs of the paper's authors the German label alone did.
"""

import functools
import re
from collections.abc import Iterable, Sequence

from calm.answers.patterns import APOSTROPHE, OPTION, OPTION_GLUED
from calm.answers.said import said
from calm.languages.table import LANGUAGES, all_words, either, language
from calm.records import Question

MARKS = r"*_`#>\"'“”„«»‹›「」『』()（）\[\]【】{}<\u200b\u200e\u200f\-–—•"
ON_LINE = rf"[ \t{MARKS}]*+"
"""What may stand around a label: markdown, quotes, brackets, a dash."""
ANYWHERE = rf"[\s{MARKS}]*+"
COLON = r"[:：﹕꞉]"
ARTICLES = all_words("sentences", "articles")
BEFORE_CHOICE = (
    rf"(?:(?:{either(word for word in ARTICLES if word[-1].isalpha())}|{OPTION})(?:\s+|\Z)|"
    rf"{either(word for word in ARTICLES if word.endswith(APOSTROPHE))}|{OPTION_GLUED})*"
)
"""What may stand between a label and its answer: an article, the word "option"."""
SHORT_LINE = 60
"""Characters: what follows a label on its line, if longer, is an explanation and no answer."""
SHORT_CLAUSE = 20
"""Characters: a shorter clause says nothing of its own, such as "Therefore"."""
TAIL = 200
"""Characters at the end of a text in which its announcement of the answer is looked for."""
MARKDOWN = re.compile(
    r"^(?:#{1,6}|>|[-*•–])[ \t]+|^[-*_]{3,}$|\*\*|__|`+"
    r"|(?<!\d)\*(?=\S)|(?<=[^\s\d])\*|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)",
    re.MULTILINE,
)
OPENING = " \t*_#`>([{<（【「『«„“‹-–—"
SENTENCE_END = re.compile(r"[.!?…؟۔।][\"'”’»)\]]*(?=\s|$)|[。！？][”’」』）]*|\n")
CLAUSE_END = re.compile(r"[,;:،؛](?=\s|$)|[，；：、]|\s[–—-](?=\s)")


def explanation(text: str, answer_span: tuple[int, int], code: str) -> str:
    """Return the explanation that a response gives before its answer, or labelled behind it.

    Labels, markdown, blank lines, answer lines and the half sentence that announces the answer
    are taken off. Empty where the response does not explain.
    """
    start, end = answer_span
    begins, ends = said(text) or (0, len(text))
    before = _plain(text[min(begins, start) : start])
    explained = _without_labels(_before_announcement(before, code), code)
    behind = _plain(text[end:ends].split("\n", 1)[-1])
    return explained or (_without_labels(behind, code) if _explains(code).match(behind) else "")


def explained(
    question: Question, explanation: str, choice: int, order: Sequence[int], letters: str
) -> str:
    """Return an explanation and a choice in the common form; without an explanation, the choice.

    The letter is the one of `letters` that the choice has when choices are shown in `order`.
    """
    row = language(question.language)
    stated = f"{letters[order.index(choice)]}. {question.choices[choice]}"
    lines = [f"{row.explanation}{row.colon}{explanation}"] if explanation else []
    return "\n".join([*lines, f"{row.answer}{row.colon}{stated}"])


def _plain(text: str) -> str:
    """Return the text without markdown and blank lines."""
    return MARKDOWN.sub("", "\n".join(filter(None, map(str.strip, text.splitlines()))))


def _without_labels(text: str, code: str) -> str:
    lines = _answer_line(code).sub("", text).splitlines()
    kept = (line[_heading_ends(line, code) :].strip() for line in lines)
    return "\n".join(line for line in kept if re.search(r"\w", line))


def _before_announcement(said: str, code: str) -> str:
    """Take the words off the end that announce the answer, and the clause they leave hanging."""
    whole = len(said)
    while match := _announcement(code).search(said, max(0, len(said) - TAIL)):
        said = said[: match.start()].rstrip(OPENING)
    if len(said) < whole and said and not _ends_a_sentence(said):
        said = _without_hanging_clause(said)
    said = said.rstrip(OPENING + "\n")
    if said.endswith((":", "：")):
        said = _without_hanging_clause(said.rstrip(":： "))
    return said[:-1].rstrip() if said.endswith('"') and said.count('"') % 2 else said


def _ends_a_sentence(said: str) -> bool:
    tail = said[-8:]
    return any(match.end() == len(tail) for match in SENTENCE_END.finditer(tail))


def _without_hanging_clause(said: str) -> str:
    """Cut "It gives milk. Therefore" to "It gives milk.", "It gives milk, so" to "It gives milk".

    A clause that stands alone, without any mark, stays: it may be all of the explanation.
    """
    begin = max((match.end() for match in SENTENCE_END.finditer(said)), default=0)
    hanging = said[begin:]
    end = max((match.start() for match in CLAUSE_END.finditer(hanging)), default=0)
    if begin and end < SHORT_CLAUSE:
        return said[:begin].rstrip()
    return said[: begin + end] if end else said


def _heading_ends(line: str, code: str) -> int:
    match = _heading(code).match(line)
    return match.end() if match else 0


@functools.cache
def _announcement(code: str) -> re.Pattern[str]:
    """Match what announces an answer at the end of a text."""
    return re.compile(
        rf"(?:(?<![^\W_])|(?<=[\u3040-\u9fff]))(?:{_answer_words(code)})"
        rf"{ANYWHERE}{COLON}?{ANYWHERE}{BEFORE_CHOICE}{ANYWHERE}\Z",
        re.IGNORECASE,
    )


@functools.cache
def _answer_line(code: str) -> re.Pattern[str]:
    """Match a line that states an answer, its choice perhaps on the next line."""
    below = rf"\n(?=\W?[A-Hア-ク{re.escape(language(code).letters)}][.)．）>\n])"
    return re.compile(
        rf"^{ON_LINE}(?:{_answer_words(code)}){ON_LINE}{COLON}(?:{below})?[^\n]{{0,{SHORT_LINE}}}$",
        re.IGNORECASE | re.MULTILINE,
    )


@functools.cache
def _heading(code: str) -> re.Pattern[str]:
    """Match the labels at the beginning of a line: an explanation's, or an answer's."""
    words = (
        rf"(?:{_explaining_words(code)}|{_answer_words(code)})(?:\s?[(（][^()（）]{{0,30}}[)）])?"
    )
    return re.compile(rf"(?:{ON_LINE}{words}{ON_LINE}(?:{COLON}{ON_LINE}|\Z))+", re.IGNORECASE)


@functools.cache
def _explains(code: str) -> re.Pattern[str]:
    """Match the label of an explanation."""
    return re.compile(rf"{ANYWHERE}(?:{_explaining_words(code)}){ON_LINE}{COLON}", re.IGNORECASE)


@functools.cache
def _explaining_words(code: str) -> str:
    rows = (LANGUAGES[code], LANGUAGES["en"])
    return _longest_first({label for row in rows for label in row.explanation_labels})


@functools.cache
def _answer_words(code: str) -> str:
    rows = (LANGUAGES[code], LANGUAGES["en"])
    return _longest_first({label for row in rows for label in (row.answer, *row.answer_labels)})


def _longest_first(labels: Iterable[str]) -> str:
    ordered = sorted({label.lower() for label in labels}, key=lambda label: (-len(label), label))
    return "|".join(
        re.escape(label).replace(r"\ ", r"\s+").replace("'", "['’]") for label in ordered
    )
