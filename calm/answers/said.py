"""What part of a response is the model's own answer to this question.

It begins after the model's thoughts and ends where its turn ends or the next question begins: a
model that nobody stops goes on with questions of its own making. Whatever reads answers reads
this part and nothing else.
"""

import functools
import re
from collections.abc import Iterable

from calm.languages.table import LANGUAGES, all_words, either

NAME = r"(?:\w{1,20}:)?"
THOUGHTS = (
    r"(?:think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad|rationale|"
    r"(?:inner|internal)_?monologue)"
)
"""What a tag around thoughts is called, whatever stands before its colon."""
THOUGHT_BEGINS = (
    rf"<{NAME}{THOUGHTS}(?:\s[^<>\n]{{0,80}})?>|\[THINK\]|◁think▷|"
    r"<\|(?:begin_of_thought|start_thinking)\|>|"
    r"<\|channel\|?>\s*(?:analysis|commentary|thought)[^<\n]{0,60}(?:<\|message\|>)?|"
    r"(?-i:\Aanalysis(?=[A-Z]))"
)
THOUGHT_ENDS = (
    rf"</{NAME}{THOUGHTS}>|\[/THINK\]|◁/think▷|<\|end_(?:of_thought|thinking)\|>|<channel\|>|"
    r"<\|channel\|>\s*final[^<\n]{0,20}(?:<\|constrain\|>\w*\s*)?<\|message\|>|"
    r"(?-i:assistantfinal(?=\W|[A-Z]))"
)
NO_TURN = r"<\|end\|>\s*<\|start\|>assistant(?=<\|channel)|(?<=[^\n])<s>[^<>\n]{1,100}</s>"
"""What looks like the end of a turn and is none: the end of a channel, a word struck out."""
TURN = r"(?:<\|im_start\|>|<\|start\|>|<start_of_turn>|<\|turn>|<\|start_header_id\|>)\s*"
HEADER = r"(?:<\|end_header_id\|>)?\s*"
ASKS = rf"{TURN}(?:user|human|system){HEADER}|<[|｜](?:user|human|system)[|｜]>|\[INST\]|<<SYS>>"
ANSWERS = (
    rf"{TURN}(?:assistant|model){HEADER}|<[|｜](?:assistant|model|bot)[|｜]>|\[/INST\]|"
    r"<\|begin_of_solution\|>"
)
BEGINS = r"<\|begin_of_text\|>|<[|｜]begin▁of▁sentence[|｜]>|<bos>|<s>(?=\s|\[|\Z)"
"""Marks at the beginning of any text, which say nothing of who speaks."""
ENDS = (
    r"<[|｜](?!\w*(?:answer|box|channel|message|constrain|start_(?:response|text)|begin_of_solution))"
    r"[^<>|｜\n]{1,40}[|｜]>|<end_of_turn>|<turn\|>|</s>|<eos>|\[EOS\]|<end_of_text>"
)
ASKER = either(all_words("turns", "askers"))
ANSWERER = either(all_words("turns", "answerers"))
"""Who speaks, at the head of a turn that is written out."""
INSTRUCTION = either(all_words("turns", "instructions"))
RESPONSE = r"(?:response|assistant|output)\b[ \t]*[:：]?"
"""What heads a prompt, and a response, under three hashes."""
COLON = r"[:：﹕꞉]"
HEAD = r"^[ \t*_#>\-–—\"“「『(（\[【]*"
"""What stands between the beginning of a line and a label."""
NUMBER = (
    rf"[ \t]*(?:(?:{either(all_words('turns', 'numbers'))}|n\.?[°º]|#|№)[.:]?[ \t]*)?"
    r"[#(（]?\d{1,4}[)）]?(?:[ \t]*(?:/|of)[ \t]*\d{1,4})?"
)
EXERCISES = either(all_words("turns", "exercises"))
"""What heads a question where a number follows; without one it may head anything."""
NUMBERED = r"\d{1,3}[.)．、][ \t]*[^\n]{5,300}[?？؟][ \t]*\n\s*[(（]?[AАأア][.)）:．、]"
"""A question that has a number and is followed by its choices."""
NOTHING = re.compile(r"[\s\u200b-\u200f\u2060\ufeff*_#>\-–—=\"“「『(（\[【]*")
PREAMBLE = re.compile(r"\s*[^\n]{0,100}[:：][*_ \t]*\s*")
"""One line that introduces the question which it repeats."""


def said(text: str) -> tuple[int, int] | None:
    """Return where the answer begins and ends; `None` where the model only thinks.

    A question at the very beginning ends nothing: it is repeated before it is answered. A thought
    that follows the answer ends it.
    """
    marks = list(_marks().finditer(text))
    begin, spoken = 0, (0, 0)
    thinks, repeats = _thinks_first(marks), False
    for mark in marks:
        kind, at = mark.lastgroup, mark.start()
        silent = NOTHING.fullmatch(text, begin, at) is not None
        if kind == "thought_ends":
            begin, thinks = mark.end(), False
        elif thinks or kind is None:
            continue
        elif kind == "thought_begins":
            spoken, thinks = (spoken if silent else (begin, at)), True
        elif kind == "answers" and (silent or repeats):
            begin, repeats = mark.end(), False
        elif kind == "begins" and silent:
            begin = mark.end()
        elif kind == "asks" and silent and spoken == (0, 0):
            repeats = True
        elif kind == "question" and (silent or _introduced(text, at)):
            continue
        elif not repeats:
            return spoken if silent and spoken != (0, 0) else (begin, at)
    if thinks:
        return None
    silent = NOTHING.fullmatch(text, begin) is not None
    return spoken if silent and spoken != (0, 0) else (begin, len(text))


def _thinks_first(marks: Iterable[re.Match[str]]) -> bool:
    """Tell whether a text begins within a thought: it is ended, and nothing before began it."""
    kinds = (mark.lastgroup for mark in marks)
    first = next((kind for kind in kinds if kind not in (None, "question", "begins")), None)
    return first == "thought_ends"


def _introduced(text: str, at: int) -> bool:
    """Tell whether a single line that ends with a colon is all that stands before a question."""
    return PREAMBLE.fullmatch(text, 0, at) is not None


@functools.cache
def _marks() -> re.Pattern[str]:
    rows = LANGUAGES.values()
    words = {word for row in rows for word in (row.question.lower(), *row.question_labels)}
    labels = "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
    mark_ends = r"[ \t*_\])）】]*"
    number_ends = rf"{mark_ends}(?:{COLON}|[.)．、]|$)"
    kinds = {
        "thought_begins": THOUGHT_BEGINS,
        "thought_ends": THOUGHT_ENDS,
        "asks": rf"{ASKS}|{HEAD}(?:{ASKER}){mark_ends}{COLON}|^###+ *(?:{INSTRUCTION})\b",
        "answers": rf"{ANSWERS}|{HEAD}(?:{ANSWERER}){mark_ends}{COLON}|^###+ *{RESPONSE}",
        "begins": BEGINS,
        "ends": ENDS,
        "question": rf"{HEAD}(?:(?:{labels})(?:{mark_ends}{COLON}|{NUMBER}{number_ends})|"
        rf"(?:{EXERCISES}){NUMBER}{number_ends}|"
        rf"第[ \t]*(?:\d{{1,3}}|[一二三四五六七八九十]{{1,3}})[ \t]*[题題問问道]{number_ends}|"
        rf"[问問Qس]\d{{0,3}}{mark_ends}{COLON}|Q\d{{1,3}}[.)]|[问問]\d{{1,3}}|{NUMBERED})",
    }
    named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in kinds.items())
    return re.compile(f"{NO_TURN}|{named}", re.IGNORECASE | re.MULTILINE)
