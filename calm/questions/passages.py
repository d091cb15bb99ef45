"""Passages for a question, looked up in a folder of texts: a model that reads before it answers.

A question is looked up by its words in each of its languages (BM25: Robertson and Zaragoza, 2009,
by the library bm25s), among the texts of that language. Where these have nothing, its English
version is looked up among the English texts; what that finds is put into the question's language
where texts may be translated online, and else stands as it is.
"""

import functools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calm.languages.table import LANGUAGES, language
from calm.messages import ENGLISH
from calm.questions.texts import UNSEEN, Piece, pieces_of, state_of
from calm.reading import Passage, WithPassages
from calm.records import Question, TextSource

Translate = Callable[[str, str, str], tuple[str, TextSource] | None]
"""Puts a text from one language into another; `None` where it cannot."""
MOST_CHARACTERS, MOST_PASSAGES = 8000, 5
"""Of a passage, which may be longer once it is translated, and of a question in one language."""
Groups = dict[str, dict[str, Question]]


@dataclass(frozen=True)
class TextFolder:
    """Where passages are looked up, and how much of them stands before a question."""

    path: Path
    passages: int = 1
    passage_length: int = 400
    """In characters, at most."""

    def library(self) -> "Library":
        """Return its passages, read anew where a file has changed; raises CalmError as these do."""
        return _library(self.path, self.passage_length, state_of(self.path))


class Library:
    """Passages, to be found by the words of a question in their language."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._of: dict[str, list[Piece]] = {}
        for piece in pieces:
            self._of.setdefault(piece.language, []).append(piece)
        self._indices: dict[str, Any] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are texts in."""
        return tuple(self._of)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def search(self, text: str, code: str, most: int) -> list[tuple[Piece, float]]:
        """Return at most so many passages of a language with words of a text, the best first."""
        pieces, asked = self._of.get(code, []), terms_of(text, code)
        if not pieces or not asked:
            return []
        scores = self._index(code).get_scores(asked)
        best = sorted(range(len(pieces)), key=lambda n: -float(scores[n]))[:most]
        return [(pieces[n], round(float(scores[n]), 4)) for n in best if scores[n] > 0]

    def _index(self, code: str) -> Any:
        if code not in self._indices:
            import bm25s

            index = bm25s.BM25()
            index.index([terms_of(p.text, code) for p in self._of[code]], show_progress=False)
            self._indices[code] = index
        return self._indices[code]


@functools.lru_cache(maxsize=2)
def _library(folder: Path, most: int, state: tuple[tuple[str, int, int], ...]) -> Library:
    return Library(pieces_of(folder, most))


def terms_of(text: str, code: str) -> list[str]:
    """Return the words of a text; of a language without spaces, every two letters in a row."""
    words: list[str] = _word().findall(unicodedata.normalize("NFKC", text).casefold())
    if language(code).spaced:
        return words
    return [part for word in words for part in ([word] if word.isascii() else _twos(word))]


def _twos(word: str) -> list[str]:
    return [word[n : n + 2] for n in range(max(1, len(word) - 1))]


@functools.cache
def _word() -> re.Pattern[str]:
    """Letters and digits with the marks over and under them, which are vowels in some scripts."""
    marks = "".join(c for c in map(chr, range(0x300, 0xD800)) if unicodedata.category(c)[0] == "M")
    return re.compile(f"[\\w{marks}]+")


def find(
    library: Library,
    versions: Mapping[str, Question],
    languages: Sequence[str],
    most: int,
    translate: Translate = lambda text, from_code, to_code: None,
) -> Iterator[Passage]:
    """Yield at most so many passages of a question for each of these languages.

    `versions` may be more than these: where there is an English one, it is looked up, too.
    """
    for code in languages:
        asked = {c: versions[c] for c in dict.fromkeys((code, ENGLISH)) if c in versions}
        found = ((c, library.search(question.text, c, most)) for c, question in asked.items())
        written_in, hits = next(((c, rows) for c, rows in found if rows), (code, []))
        for place, (piece, score) in enumerate(hits, start=1):
            text, source = _in(code, piece, translate)
            identity = versions[code].id
            yield Passage(identity, code, place, text, written_in, piece.file, score, source)


def _in(code: str, piece: Piece, translate: Translate) -> tuple[str, TextSource]:
    """Return a passage as it stands before a question in a language, and who put it so."""
    made = translate(piece.text, piece.language, code) if piece.language != code else None
    return made or (piece.text, "original")


def behind_passages(
    groups: Mapping[str, Mapping[str, Question]], found: Iterable[Passage]
) -> Groups:
    """Return the questions with the passages that were found for them before each."""
    texts: dict[tuple[str, str], list[str]] = {}
    for row in sorted(found, key=lambda row: row.place):
        texts.setdefault((row.question_id, row.language), []).append(row.text)
    return {
        i: {c: _behind(question, texts.get((i, c), ())) for c, question in versions.items()}
        for i, versions in groups.items()
    }


def behind(versions: Sequence[Question], found: Iterable[Passage]) -> list[Question]:
    """Return the versions of one question, each behind its passages."""
    rows = list(found)
    return [behind_passages({q.id: {q.language: q}}, rows)[q.id][q.language] for q in versions]


def is_whole(row: Passage) -> bool:
    """Tell whether a passage from elsewhere is one that can be shown: one line, and from a text."""
    texts = (row.text, row.file)
    fits = all(0 < len(t) <= MOST_CHARACTERS and not UNSEEN.search(t) for t in texts)
    known = {row.found_in, row.language} <= LANGUAGES.keys() and 1 <= row.place <= MOST_PASSAGES
    return known and fits and "\n" not in row.text and 0 < row.score < math.inf


def _behind(question: Question, texts: Sequence[str]) -> Question:
    return WithPassages(**vars(question), passages=tuple(texts)) if texts else question


def without_passages(question: Question) -> Question:
    """Return a question as it is without what was found for it."""
    own = {name: value for name, value in vars(question).items() if name != "passages"}
    return Question(**own)
