"""Stage `pairs`: votes become preference pairs.

Only questions whose winner has a large enough share of the votes are used. In every language
*chosen* states the winner and *rejected* another choice:

- base models state a choice by its text, so both sides are rendered in that one form, and the
  form cannot tell them apart;
- chat models explain, so both sides are responses of that language as they were sampled; where
  none of them agrees with the winner the language has no pair for this question.

A language whose every response agrees has nothing of its own to reject. With
`agreeing_languages` every language gets pairs against the other wrong choices too: one that agrees
keeps what it knows while the others learn it (and English does not forget).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from calm.config import PairsConfig
from calm.languages import language
from calm.prompts import answer_text
from calm.records import PreferencePair, Question, Response, Vote

Side = tuple[str, str, tuple[int, ...]]
"""What is chosen, what is rejected, and the order in which the prompt shows the choices."""
PromptText = Callable[[Question, Sequence[int]], str]
"""Returns the prompt that asks a question with its choices in an order."""


def pairs(
    votes: Iterable[Vote],
    answered: Iterable[Response],
    groups: Mapping[str, Mapping[str, Question]],
    config: PairsConfig,
    prompt_text: PromptText,
    explains: bool,
) -> Iterator[PreferencePair]:
    """Yield the pairs, the same number at most for every language.

    `explains` tells whether the model answers with an explanation (chat) or with a choice's text.
    """
    responses: dict[tuple[str, str], list[Response]] = defaultdict(list)
    for response in answered:
        responses[response.question_id, response.language].append(response)
    made: dict[str, list[PreferencePair]] = {}
    for vote in votes:
        if vote.winner is None or vote.share < config.min_vote_share:
            continue
        for code, question in groups[vote.question_id].items():
            own = responses[vote.question_id, code]
            if explains:
                sides = _sampled_sides(vote.winner, own, question)
            else:
                sides = _stated_sides(vote, vote.winner, own, question, config.agreeing_languages)
            made.setdefault(code, []).extend(
                PreferencePair(question.id, code, prompt_text(question, order), yes, no, code)
                for yes, no, order in sides[: config.max_pairs_per_language]
            )
    yield from balanced(made)


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
) -> list[Side]:
    """Return the sides for a model that states choices by their text.

    What the language itself answered wrong comes first. With `agreeing` the other wrong choices
    follow, those with most support in all languages first.
    """
    wrong = Counter(r.answer for r in own if r.answer not in (None, winner))
    rejected = [answer for answer, _ in wrong.most_common() if answer is not None]
    if agreeing:
        others = [c for c in range(len(question.choices)) if c != winner and c not in rejected]
        rejected += sorted(others, key=lambda choice: -vote.support[choice])
    chosen = answer_text(question, winner)
    order = own[0].choice_order if own else tuple(range(len(question.choices)))
    sides = [(chosen, answer_text(question, answer), order) for answer in rejected]
    return [side for side in sides if side[0] != side[1]]


def _sampled_sides(winner: int, own: Sequence[Response], question: Question) -> list[Side]:
    """Return sides from a language's own responses, each *rejected* with the *chosen* nearest in
    length.

    Samples saw the choices in different orders, so one letter means different choices: the stated
    answers are rewritten, in both, to the letters of the order that the prompt shows.
    """
    agreeing = [r for r in own if r.answer == winner]
    if not agreeing:
        return []
    sides = []
    for no in (r for r in own if r.answer != winner):
        yes = min(agreeing, key=lambda r: abs(len(r.text) - len(no.text)))
        chosen = _relettered(yes, question, yes.choice_order)
        rejected = _relettered(no, question, yes.choice_order)
        if chosen.strip() != rejected.strip():
            sides.append((chosen, rejected, yes.choice_order))
    return sides


def _relettered(response: Response, question: Question, order: Sequence[int]) -> str:
    if response.answer is None or response.answer_span is None:
        return response.text
    start, end = response.answer_span
    letter = language(response.language).letters[order.index(response.answer)]
    stated = f"{letter}. {question.choices[response.answer]}"
    return response.text[:start] + stated + response.text[end:]
