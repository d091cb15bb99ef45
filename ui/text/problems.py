"""What `calm` says, in the reader's language.

`calm` knows nothing of pages: it words its problems, and how a run is doing, in English. Here such
a sentence is found again among those of `ui/text/catalogues`, one file a language: the English
sentence with numbered places for what is filled in, and its translation. What is filled in may be
such a sentence itself. What is not found stays as it is. A list of problems is told line by line.
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path

from gradio.utils import get_upload_folder

from calm.languages.table import language
from calm.paths import calm_home
from ui.text.words import ENGLISH, filled_in, reader_language

PROBLEMS = Path(__file__).with_name("catalogues")
PLACE = re.compile(r"\{\d+\}")
CODE = re.compile(r"`[^`]*`|--[a-z-]+(?: [A-Za-z]+)?")
"""A command or an option, which reads from left to right wherever it stands."""
LONGEST = 2000
"""Characters: a longer text is not one of ours."""


def told(problem: object) -> str:
    """Return a problem, or another sentence of `calm`, in the reader's language.

    A file or folder of the app's own is named without where it lies on the server.
    """
    text = str(problem)
    for folder in (calm_home(), Path(get_upload_folder())):
        text = re.sub(rf"{re.escape(str(folder))}/(?:[^/\s]+/)*", "", text)
    first, *listed = text.split("\n")
    parts = [first, *listed] if first.endswith(":") else [text]
    return "\n".join(_told(part, reader_language()) for part in parts)


@functools.cache
def problems_of(code: str) -> Mapping[str, str]:
    """Return the sentences of one language by their English; none for English itself."""
    if code == ENGLISH:
        return {}
    texts: dict[str, str] = json.loads((PROBLEMS / f"{code}.json").read_text(encoding="utf-8"))
    return texts


def _told(text: str, code: str) -> str:
    if len(text) > LONGEST:
        return text
    for pattern, translation in _patterns(code):
        found = pattern.fullmatch(text)
        if found:
            parts = (_told(part, code) if " " in part else part for part in found.groups())
            said = filled_in(code, translation, *parts)
            return CODE.sub(_apart, said) if language(code).direction == "rtl" else said
    return text


def _apart(code: re.Match[str]) -> str:
    return f"\N{LEFT-TO-RIGHT ISOLATE}{code[0]}\N{POP DIRECTIONAL ISOLATE}"


@functools.cache
def _patterns(code: str) -> list[tuple[re.Pattern[str], str]]:
    """Return a pattern a sentence, those with the most words of their own first."""
    sentences = problems_of(code)
    ordered = sorted(sentences, key=lambda text: len(PLACE.sub("", text)), reverse=True)
    return [(_pattern(text), sentences[text]) for text in ordered]


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, PLACE.split(sentence))), re.DOTALL)
