"""Answers in free words, of all languages, put into groups that say the same, and counted.

Two answers belong together when they are equal after normalisation, equal as numbers, equal once
translated into the pivot language, or names that differ by a letter between two languages. What
could not be compared is kept apart, with the reason, and counts for nothing in the vote.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from calm.answers.short import HowShort, ShortAnswer, read_short_answer
from calm.languages.meaning import Meaning, meaning, without_asked_unit
from calm.languages.table import language
from calm.records import HowRead, Question, Response, TextSource, Vote
from calm.voting.vote import vote

PIVOT = "en"
SHORT_NAME, LONG_NAME = 5, 9
"""Letters from which names may differ by one, and by two."""

Problem = Literal["untranslated", "unchanged", "no way back"]
"""Why an answer is not in the pivot language: nobody could translate it; the model gave the word
back unchanged; or its translation did not lead back to the word."""
Reason = Literal["empty", "refusal", "long"] | Problem
NOTHING = ("", "")
NOT_READ: dict[HowShort, HowRead] = {
    "stated": "unstated",
    "long": "unstated",
    "refusal": "refusal",
    "empty": "empty",
}
"""What a response without an answer is called in `calm.records`."""
Words = tuple[str, str]
"""A language and an answer in it, as it was written."""


@dataclass(frozen=True)
class Pivoted:
    """An answer in the pivot language, and who put it there; or why nobody could."""

    text: str | None
    source: TextSource | None
    problem: Problem = "untranslated"
    tried: tuple[str, str] = NOTHING
    """What the model said, and what it said for that on the way back."""


@dataclass(frozen=True)
class Wording:
    """One way in which one language put an answer, and how many samples did."""

    language: str
    text: str
    count: int
    pivot: str | None
    """It in the pivot language; `None` where it compared as it is."""
    source: TextSource | None


@dataclass(frozen=True)
class Option:
    """One of the things that a question's answers say: a choice, or a group of answers."""

    label: str
    language: str
    """The language of the label: the pivot where there are words in it."""
    wordings: tuple[Wording, ...]
    """Of a choice, one a language; of a group, the most frequent first."""

    @property
    def count(self) -> int:
        return sum(wording.count for wording in self.wordings)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(wording.language for wording in self.wordings))

    def words_in(self, code: str) -> str:
        """Return what it says in a language, as most samples put it; nothing where none did."""
        if self.language == code:
            return self.label
        return next((wording.text for wording in self.wordings if wording.language == code), "")


@dataclass(frozen=True)
class NotCompared:
    """A response that no group could take in, how often it came, and why."""

    language: str
    text: str
    count: int
    reason: Reason
    tried: tuple[str, str] = NOTHING
    """The translation that was not trusted, and what it became on the way back."""


@dataclass(frozen=True)
class Compared:
    """The groups, the largest first; the responses with their group as answer; the vote."""

    groups: tuple[Option, ...]
    not_compared: tuple[NotCompared, ...]
    responses: tuple[Response, ...]
    vote: Vote


def read_all(responses: Iterable[Response]) -> list[ShortAnswer]:
    """Return the short answer of each response."""
    return [read_short_answer(row.text, row.language) for row in responses]


def untranslated(
    versions: Sequence[Question], responses: Sequence[Response], answers: Sequence[ShortAnswer]
) -> list[Words]:
    """Return the answers that only a translation can compare with other languages.

    Those of the pivot language need none, nor do numbers, dates and the like, nor what the pivot
    language says in the same letters; nor anything where one language was asked alone.
    """
    own = _meanings(versions, responses, answers)
    joined = _join(own, {}, versions)
    with_pivot = {root for (code, _), root in joined.items() if code == PIVOT}
    if len({row.language for row in responses}) == 1:
        return []
    return [
        (code, text)
        for code, text in own
        if joined[code, text] not in with_pivot and not own[code, text].in_every_language
    ]


def group_answers(
    versions: Sequence[Question],
    responses: Sequence[Response],
    answers: Sequence[ShortAnswer],
    pivoted: Mapping[Words, Pivoted],
) -> Compared:
    """Return the answers in groups and the vote among these, every sample counting the same.

    `pivoted` holds what was found out about the answers that `untranslated` names.
    """
    own = _meanings(versions, responses, answers)
    said = Counter(_words(row, found) for row, found in zip(responses, answers, strict=True))
    joined = _join(own, pivoted, versions)
    members = defaultdict(list)
    for words, root in joined.items():
        members[root].append(words)
    apart = {
        words
        for group in members.values()
        if len({code for code, _ in group}) == 1 and all(_failed(w, pivoted) for w in group)
        for words in group
    }
    groups = sorted(
        (_group(words, said, own, pivoted) for words in members.values() if not set(words) & apart),
        key=lambda group: (-group.count, -len(group.languages), group.label),
    )
    place = {(w.language, w.text): n for n, group in enumerate(groups) for w in group.wordings}
    read = tuple(
        _placed(row, found, place.get(_words(row, found)))
        for row, found in zip(responses, answers, strict=True)
    )
    identity = responses[0].question_id if responses else ""
    counted = vote(read, {identity: max(1, len(groups))}, "plurality")[0][0]
    return Compared(
        tuple(groups), _not_compared(responses, answers, own, apart, pivoted), read, counted
    )


def _placed(row: Response, answer: ShortAnswer, group: int | None) -> Response:
    """Return the response with its group as its answer; one in no group has none."""
    if answer.how == "stated" and group is not None:
        return dataclasses.replace(row, answer=group, answer_span=answer.span, how="text")
    return dataclasses.replace(row, answer=None, answer_span=None, how=NOT_READ[answer.how])


def _words(row: Response, answer: ShortAnswer) -> Words:
    return row.language, answer.text


def _meanings(
    versions: Sequence[Question], responses: Sequence[Response], answers: Sequence[ShortAnswer]
) -> dict[Words, Meaning]:
    """Return what each answer says, in the order in which they come; marks alone say nothing."""
    asked = {version.language: version.text for version in versions}
    found = {}
    for row, answer in zip(responses, answers, strict=True):
        if answer.how == "stated":
            said = meaning(answer.text, row.language)
            if said.words or said.number is not None:
                code = row.language
                found[_words(row, answer)] = without_asked_unit(said, asked[code], code)
    return found


def _failed(words: Words, pivoted: Mapping[Words, Pivoted]) -> bool:
    found = pivoted.get(words)
    return found is not None and found.text is None


def _join(
    own: Mapping[Words, Meaning], pivoted: Mapping[Words, Pivoted], versions: Sequence[Question]
) -> dict[Words, Words]:
    """Return, for each answer, one that stands for its group."""
    asked = next((q.text for q in versions if q.language == PIVOT), "")
    forms = {words: _form(words, own[words], pivoted, asked) for words in own}
    root = {words: words for words in own}

    def find(words: Words) -> Words:
        while root[words] != words:
            words = root[words]
        return words

    def unite(pairs: Iterable[tuple[Words, Words]]) -> None:
        for one, other in pairs:
            root[find(other)] = find(one)

    listed = list(own)
    pairs = [(a, b) for n, a in enumerate(listed) for b in listed[n + 1 :]]
    unite((a, b) for a, b in pairs if a[0] == b[0] and own[a] == own[b])
    unite((a, b) for a, b in pairs if forms[a] == forms[b])
    unite((a, b) for a, b in pairs if a[0] != b[0] and _same_name(a, b, pivoted))
    return {words: find(words) for words in listed}


def _form(
    words: Words, own: Meaning, pivoted: Mapping[Words, Pivoted], pivot_asked: str
) -> Meaning:
    """Return what is compared across languages: the pivot's words where there are any."""
    found = pivoted.get(words)
    if found is None or found.text is None:
        return own
    there = meaning(found.text, PIVOT)
    if own.number is None:
        return there
    counted = Meaning(there.words, own.number, there.measure)
    return without_asked_unit(counted, pivot_asked, PIVOT)


def _same_name(one: Words, other: Words, pivoted: Mapping[Words, Pivoted]) -> bool:
    return any(
        is_same_name(a, b) for a in _spellings(one, pivoted) for b in _spellings(other, pivoted)
    )


def _spellings(words: Words, pivoted: Mapping[Words, Pivoted]) -> list[str]:
    found = pivoted.get(words)
    return [words[1], *([found.text] if found and found.text else [])]


def is_same_name(one: str, other: str) -> bool:
    """Tell whether two texts are a name in two spellings: `Tokyo`, `Tokio`.

    Both begin with the same capital letter; from five letters on they may differ by one, from nine
    on by two. Common words do not: `horse` and `house` are two things.
    """
    if not (one[:1].isupper() and one[:1] == other[:1]):
        return False
    a, b = meaning(one, PIVOT), meaning(other, PIVOT)
    if a.number is not None or b.number is not None:
        return False
    shorter = min(len(a.words), len(b.words))
    allowed = (shorter >= SHORT_NAME) + (shorter >= LONG_NAME)
    return abs(len(a.words) - len(b.words)) <= allowed and distance(a.words, b.words) <= allowed


def distance(one: str, other: str) -> int:
    """Return how many letters must be put in, taken out or changed to make one of the other."""
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        before, row[0] = row[0], n
        for m, b in enumerate(other, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (a != b))
    return row[-1]


def _group(
    members: Sequence[Words],
    said: Counter[Words],
    own: Mapping[Words, Meaning],
    pivoted: Mapping[Words, Pivoted],
) -> Option:
    nothing = Pivoted(None, None)
    wordings = sorted(
        (
            Wording(
                *words,
                said[words],
                pivoted.get(words, nothing).text,
                pivoted.get(words, nothing).source,
            )
            for words in members
        ),
        key=lambda wording: -wording.count,
    )
    in_pivot = Counter[str]()
    for wording in wordings:
        text = wording.text if wording.language == PIVOT else wording.pivot
        in_pivot.update({text: wording.count} if text else {})
    if said_there := [w for w in wordings if w.language == PIVOT]:
        return Option(said_there[0].text, PIVOT, tuple(wordings))
    number = own[members[0]].number
    if number is not None and own[members[0]] == Meaning("", number):
        return Option(_written_out(number), PIVOT, tuple(wordings))
    if in_pivot:
        return Option(in_pivot.most_common(1)[0][0], PIVOT, tuple(wordings))
    return Option(wordings[0].text, language(wordings[0].language).code, tuple(wordings))


def _written_out(number: float) -> str:
    """Return a number in digits alone: `1000000000000000000`, not `1e+18`."""
    return f"{Decimal(f'{number:.15g}'):f}"


def _not_compared(
    responses: Sequence[Response],
    answers: Sequence[ShortAnswer],
    own: Mapping[Words, Meaning],
    apart: set[Words],
    pivoted: Mapping[Words, Pivoted],
) -> tuple[NotCompared, ...]:
    found: Counter[tuple[str, str, Reason, tuple[str, str]]] = Counter()
    for row, answer in zip(responses, answers, strict=True):
        words = _words(row, answer)
        if words in apart:
            found[*words, pivoted[words].problem, pivoted[words].tried] += 1
        elif answer.how != "stated":
            found[*words, answer.how, NOTHING] += 1
        elif words not in own:
            found[*words, "empty", NOTHING] += 1
    return tuple(NotCompared(c, text, n, why, tried) for (c, text, why, tried), n in found.items())
