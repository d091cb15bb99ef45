"""Stage `pairs`: votes become preference pairs.

Only questions whose winner has a large enough share of the votes are used. In every language
*chosen* states the winner and *rejected* another choice:

- base models state a choice by its text, so both sides are rendered in that one form, and the
  form cannot tell them apart;
- chat models explain, so both sides are what that language's responses explained, in the common
  form of `calm.answers.explanation`. Where none of them agrees with the winner, *chosen* is the
  translated explanation of a language in which one does, marked by its `chosen_language`.

Where choices are stated by their text and `agreeing_languages` is set, every language gets pairs
against the other wrong choices too, not only against those it gave: a language that agrees keeps
what it knows while the others learn it (and English does not forget).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from calm.answers.explanation import explained, explanation
from calm.config import PairsConfig
from calm.languages.table import language
from calm.questions.prompts import answer_text
from calm.records import PreferencePair, Question, Response, Vote

PromptText = Callable[[Question, Sequence[int]], str]
"""Returns the prompt that asks a question with its choices in an order."""
Translated = Callable[[str, str, str], str | None]
"""Returns a text put from one language into another, `None` where that cannot be done."""
Responses = Mapping[tuple[str, str], Sequence[Response]]
"""The responses by question and language."""


@dataclass(frozen=True)
class Sides:
    """What becomes a pair once its prompt is known."""

    chosen: str
    rejected: str
    order: tuple[int, ...]
    """How the prompt shows the choices."""
    chosen_language: str


@dataclass(frozen=True)
class Argument:
    """An explanation, and the response that gave it for its answer."""

    text: str
    answer: int
    order: tuple[int, ...]
    language: str


def pairs(
    votes: Iterable[Vote],
    answered: Iterable[Response],
    groups: Mapping[str, Mapping[str, Question]],
    config: PairsConfig,
    prompt_text: PromptText,
    explains: bool,
    letters: str | None = None,
    translated: Translated | None = None,
) -> Iterator[PreferencePair]:
    """Yield the pairs, the same number at most for every language.

    `explains` tells whether the model answers with an explanation (chat) or with a choice's text.
    `letters` are those that the prompt numbers choices with, `None` for each language's own.
    Without `translated` a language that has no agreeing response has no pair.
    """
    yield from balanced(
        pairs_by_language(
            votes, answered, groups, config, prompt_text, explains, letters, translated
        )
    )


def pairs_by_language(
    votes: Iterable[Vote],
    answered: Iterable[Response],
    groups: Mapping[str, Mapping[str, Question]],
    config: PairsConfig,
    prompt_text: PromptText,
    explains: bool,
    letters: str | None = None,
    translated: Translated | None = None,
) -> dict[str, list[PreferencePair]]:
    """Return every pair that can be made, by language, before as many of each are taken."""
    responses: dict[tuple[str, str], list[Response]] = defaultdict(list)
    for response in answered:
        responses[response.question_id, response.language].append(response)
    trusted = [
        (vote, vote.winner)
        for vote in votes
        if vote.winner is not None and vote.share >= config.min_vote_share
    ]
    if not config.translated_chosen:
        translated = None
    elsewhere = _most_agreeing_first(trusted, responses) if explains and translated else []
    made: dict[str, list[PreferencePair]] = {}
    for vote, winner in trusted:
        for code, question in groups[vote.question_id].items():
            own = responses.get((vote.question_id, code), [])
            if explains:
                sides = _explained_sides(winner, own, question, letters)
                if translated and all(response.answer != winner for response in own):
                    others = [responses.get((question.id, other), []) for other in elsewhere]
                    sides = _translated_sides(winner, own, question, letters, others, translated)
            else:
                sides = _stated_sides(vote, winner, own, question, config.agreeing_languages)
            made.setdefault(code, []).extend(
                PreferencePair(
                    question.id,
                    code,
                    prompt_text(question, side.order),
                    side.chosen,
                    side.rejected,
                    side.chosen_language,
                )
                for side in sides[: config.max_pairs_per_language]
            )
    return made


def balanced(made: Mapping[str, Sequence[PreferencePair]]) -> Iterator[PreferencePair]:
    """Yield as many pairs of every language as the one with fewest has, and no pair twice.

    A question's second pair goes before its first: all questions stay as long as possible.
    Languages without any pair do not count.
    """
    ranked = {code: _first_pairs_first(dict.fromkeys(rows)) for code, rows in made.items() if rows}
    fewest = min((len(rows) for rows in ranked.values()), default=0)
    for rows in ranked.values():
        yield from rows[:fewest]


def _first_pairs_first(rows: Iterable[PreferencePair]) -> list[PreferencePair]:
    seen: Counter[str] = Counter()
    numbered = []
    for pair in rows:
        numbered.append((seen[pair.question_id], pair))
        seen[pair.question_id] += 1
    return [pair for _, pair in sorted(numbered, key=lambda item: item[0])]


def _stated_sides(
    vote: Vote, winner: int, own: Sequence[Response], question: Question, agreeing: bool
) -> list[Sides]:
    """Return the sides for a model that states choices by their text.

    What the language itself answered wrong comes first. With `agreeing` the other wrong choices
    follow, those with most support in all languages first.
    """
    wrong = Counter(r.answer for r in own if r.answer not in (None, winner))
    rejected = [answer for answer, _ in wrong.most_common() if answer is not None]
    if agreeing:
        others = [c for c in range(len(question.choices)) if c != winner and c not in rejected]
        rejected += sorted(others, key=lambda choice: -vote.support[choice])
    order = own[0].choice_order if own else tuple(range(len(question.choices)))
    chosen = answer_text(question, winner)
    return [
        Sides(chosen, answer_text(question, answer), order, question.language)
        for answer in rejected
        if not _same_choice(question, answer, winner)
    ]


def _explained_sides(
    winner: int, own: Sequence[Response], question: Question, letters: str | None
) -> list[Sides]:
    """Return sides from a language's own responses, each *rejected* with the *chosen* nearest in
    length.

    Explained answers are set against explained ones, bare ones against bare ones, or the form
    would tell them apart. A response that states no answer has no such form: it is in no pair.
    """
    agreeing, others = _arguments(own, question, winner)
    sides = []
    for no in others:
        alike = [yes for yes in agreeing if bool(yes.text) == bool(no.text)]
        if alike:
            yes = min(alike, key=lambda yes: abs(len(yes.text) - len(no.text)))
            sides.append(_sides(question, yes, no, letters))
    return sides


def _translated_sides(
    winner: int,
    own: Sequence[Response],
    question: Question,
    letters: str | None,
    others: Iterable[Sequence[Response]],
    translated: Translated,
) -> list[Sides]:
    """Return sides whose *chosen* explanation comes from the first language that has one.

    Only the explanation is translated: the stated choice is the question's own.
    """
    rejected = [no for no in _arguments(own, question, winner)[1] if no.text]
    agreeing = (
        yes
        for responses in others
        for yes in _arguments(responses, question, winner)[0]
        if yes.text
    )
    yes = next(agreeing, None)
    if not rejected or yes is None:
        return []
    text = translated(yes.text, yes.language, question.language)
    if not text:
        return []
    chosen = Argument(text, yes.answer, yes.order, yes.language)
    return [_sides(question, chosen, no, letters) for no in rejected]


def _sides(question: Question, yes: Argument, no: Argument, letters: str | None) -> Sides:
    """Render both with the letters of the order that the prompt shows: samples saw different ones,
    so one letter means different choices."""
    row = letters or language(question.language).letters
    return Sides(
        explained(question, yes.text, yes.answer, yes.order, row),
        explained(question, no.text, no.answer, yes.order, row),
        yes.order,
        yes.language,
    )


def _arguments(
    responses: Iterable[Response], question: Question, winner: int
) -> tuple[list[Argument], list[Argument]]:
    """Return what the responses say for the winner, and what they say for other choices."""
    agreeing: list[Argument] = []
    others: list[Argument] = []
    for r in responses:
        if r.answer is None or r.answer_span is None:
            continue
        said = explanation(r.text, r.answer_span, r.language)
        argument = Argument(said, r.answer, r.choice_order, r.language)
        if r.answer == winner:
            agreeing.append(argument)
        elif not _same_choice(question, r.answer, winner):
            others.append(argument)
    return agreeing, others


def _most_agreeing_first(trusted: Iterable[tuple[Vote, int]], responses: Responses) -> list[str]:
    """Return the languages, the one with most responses for the winners first."""
    winners = {vote.question_id: winner for vote, winner in trusted}
    agreeing: Counter[str] = Counter()
    for (identity, code), given in responses.items():
        if identity in winners:
            agreeing[code] += sum(r.answer == winners[identity] for r in given)
    return [code for code, _ in agreeing.most_common()]


def _same_choice(question: Question, one: int, other: int) -> bool:
    """Tell whether two choices are the same words, as in some of X-CSQA's translations."""
    return question.choices[one].casefold() == question.choices[other].casefold()
