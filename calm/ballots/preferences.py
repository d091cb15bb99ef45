"""What people prefer, out of their ballots: as preference pairs, and against the vote.

- thumbs: to one question in one language, an answer that more people like than dislike is
  preferred to one that more dislike than like;
- duels: the answer that more people chose is preferred to the other;
- opinions of a vote make no pair, but a vote that more people hold wrong than right makes none
  either.

What people contradict each other on is no preference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from calm.answers.choice import read_answer
from calm.answers.explanation import explained, explanation
from calm.config import PairsConfig
from calm.languages.table import language
from calm.pairs.build import PromptText
from calm.questions.prompts import answer_text
from calm.records import Ballot, PreferencePair, Question, Vote

ALL = "all"
MOST_ANSWERS = 8
"""Answers to one question that are set against each other: a question has no more choices."""
Groups = Mapping[str, Mapping[str, Question]]
Place = tuple[str, str]
"""A question's id, and a language or `all`."""


@dataclass(frozen=True)
class Side:
    """An answer that was judged."""

    response: str
    answer: str
    """The choice, in words; empty where none was stated."""
    prompt: str
    choice_order: tuple[int, ...]


@dataclass(frozen=True)
class Preference:
    """People prefer one answer to another."""

    question_id: str
    question: str
    language: str
    chosen: Side
    rejected: Side


@dataclass(frozen=True)
class Disagreement:
    """A question on which people do not say what the vote says."""

    question_id: str
    language: str
    """`all` where people were asked about the vote itself."""
    question: str
    vote: str
    """The vote's answer, in words."""
    agree: int
    disagree: int
    """Ballots for the vote's answer, and against it."""
    people: str
    """The answer with most ballots for it over those against it; empty where none has more."""


def preferences(ballots: Iterable[Ballot]) -> Iterator[Preference]:
    """Yield what people prefer, question by question, each once.

    An answer whose texts differ is taken with the newest one.
    """
    made = _stated(ballots)
    turned = {(p.question, p.language, p.rejected.answer, p.chosen.answer) for p in made}
    for p in made:
        same = p.chosen.answer == p.rejected.answer
        if same or (p.question, p.language, p.chosen.answer, p.rejected.answer) not in turned:
            yield p


def as_judged(ballots: Iterable[Ballot]) -> Iterator[PreferencePair]:
    """Yield the pairs in the very words that were judged.

    Both sides answer one prompt, as it was asked; where that is not known there is no pair.
    """
    for p in preferences(ballots):
        if p.chosen.prompt and p.chosen.prompt == p.rejected.prompt:
            sides = (p.chosen.response, p.rejected.response)
            if all(sides) and sides[0].strip() != sides[1].strip():
                yield PreferencePair(
                    p.question_id, p.language, p.chosen.prompt, *sides, p.language, "ballot"
                )


def pairs_of(
    ballots: Iterable[Ballot],
    groups: Groups,
    config: PairsConfig,
    prompt_text: PromptText,
    explains: bool,
    letters: str | None = None,
) -> list[PreferencePair]:
    """Return the pairs for the questions of a run, in the form of the vote's pairs.

    They are not balanced over languages: people vote where they can read. The other arguments are
    those of `calm.pairs.build.pairs`.
    """
    asked = _RunQuestions(groups)
    made: dict[Place, dict[tuple[str, str], PreferencePair]] = defaultdict(dict)
    for p in preferences(asked.on_choices(ballots)):
        question = asked.find(p.question_id, p.language, p.question)
        if question is None:
            continue
        row = letters or language(question.language).letters
        sides = _explained(p, question, row) if explains else _as_choices(p, question)
        place = (question.id, question.language)
        if sides and sides[0] != sides[1] and len(made[place]) < config.max_pairs_per_language:
            order = p.chosen.choice_order if explains else tuple(range(len(question.choices)))
            pair = PreferencePair(
                *place, prompt_text(question, order), *sides, question.language, "ballot"
            )
            made[place].setdefault(sides, pair)
    return [pair for pairs in made.values() for pair in pairs.values()]


def ballots_on(ballots: Iterable[Ballot], groups: Groups) -> list[Ballot]:
    """Return the ballots on the questions of a run, with their ids in the run."""
    asked = _RunQuestions(groups)
    found = []
    for ballot in ballots:
        question = asked.find(ballot.question_id, ballot.language, ballot.question)
        if question is not None:
            found.append(replace(ballot, question_id=question.id))
    return found


def disagreements(
    ballots: Iterable[Ballot], votes: Iterable[Vote], groups: Groups
) -> list[Disagreement]:
    """Return where people do not say what the votes say, in the order of the votes.

    That is where more ballots are against a vote's answer than for it, or where more speak for
    another one. Votes without a winner say nothing that one could disagree with.
    """
    for_and_against, shown = _opinions(ballots, _RunQuestions(groups))
    places: dict[str, list[Place]] = defaultdict(list)
    for place in for_and_against:
        places[place[0]].append(place)
    decided = [(vote.question_id, vote.winner) for vote in votes if vote.winner is not None]
    rows = (
        _held_against(place, shown[place], winner, for_and_against[place])
        for identity, winner in decided
        for place in places[identity]
    )
    return [row for row in rows if row]


def _held_against(
    place: Place, question: Question, winner: int, counts: Mapping[int, tuple[int, int]]
) -> Disagreement | None:
    agree, disagree = counts[winner]
    balance = {choice: yes - no for choice, (yes, no) in counts.items()}
    best = max(balance.values())
    leading = [choice for choice, value in balance.items() if value == best]
    people = leading[0] if best > 0 and len(leading) == 1 else None
    if disagree <= agree and people in (None, winner):
        return None
    words = "" if people is None else question.choices[people]
    return Disagreement(*place, question.text, question.choices[winner], agree, disagree, words)


def held_wrong(ballots: Iterable[Ballot]) -> list[Disagreement]:
    """Return the winners of votes that more people hold wrong than right, the newest first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seen: dict[str, Ballot] = {}
    for ballot in ballots:
        if ballot.kind == "consensus":
            counts[ballot.thing][ballot.opinion] += 1
            seen[ballot.thing] = ballot
    rows = [
        Disagreement(
            b.question_id, ALL, b.question, b.answer, own["right"], own["wrong"], people=""
        )
        for thing, own in counts.items()
        for b in [seen[thing]]
        if own["wrong"] > own["right"]
    ]
    return rows[::-1]


def drop_overruled_votes(
    votes: Sequence[Vote], groups: Groups, found: Iterable[Disagreement]
) -> tuple[list[Vote], dict[str, dict[str, Question]]]:
    """Return the votes, and the versions of questions, on which people say nothing else."""
    places = {(d.question_id, d.language) for d in found}
    kept = [vote for vote in votes if (vote.question_id, ALL) not in places]
    versions = {
        i: {code: q for code, q in own.items() if (i, code) not in places}
        for i, own in groups.items()
    }
    return kept, versions


class _RunQuestions:
    """The questions of a run, found by what a ballot says of them."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._by_text = {
            (code, question.text): question
            for versions in groups.values()
            for code, question in versions.items()
        }

    def find(self, identity: str, code: str, text: str) -> Question | None:
        """Return the question with these words; ids alone do not tell, sets share them."""
        own = self._groups.get(identity, {}).get(code)
        if own is not None and own.text == text:
            return own
        return self._by_text.get((code, text))

    def on_choices(self, ballots: Iterable[Ballot]) -> Iterator[Ballot]:
        """Yield the ballots on these questions; of the thumbs those on one of their choices."""
        for ballot in ballots:
            question = self.find(ballot.question_id, ballot.language, ballot.question)
            if question and (ballot.kind == "duel" or ballot.answer in question.choices):
                yield ballot


def _stated(ballots: Iterable[Ballot]) -> list[Preference]:
    by_question: dict[tuple[str, str], list[Ballot]] = defaultdict(list)
    for ballot in ballots:
        by_question[ballot.question, ballot.language].append(ballot)
    made = []
    for own in by_question.values():
        identity = next((ballot.question_id for ballot in own if ballot.question_id), "")
        for chosen, rejected in [*_by_thumbs(own), *_by_duels(own)]:
            first = own[0]
            made.append(Preference(identity, first.question, first.language, chosen, rejected))
    return list(dict.fromkeys(made))


def _by_thumbs(ballots: Iterable[Ballot]) -> Iterator[tuple[Side, Side]]:
    balance: Counter[str] = Counter()
    sides: dict[str, list[Side]] = defaultdict(list)
    for ballot in ballots:
        if ballot.kind == "thumb":
            balance[ballot.answer] += 1 if ballot.opinion == "up" else -1
            sides[ballot.answer].insert(0, _first(ballot))
    ranked = balance.most_common()
    liked = [answer for answer, value in ranked[:MOST_ANSWERS] if value > 0]
    disliked = [answer for answer, value in ranked[-MOST_ANSWERS:] if value < 0]
    for good in liked:
        for bad in disliked:
            both = ((yes, no) for yes in sides[good] for no in sides[bad])
            known = ((yes, no) for yes, no in both if yes.prompt and yes.prompt == no.prompt)
            yield next(known, (sides[good][0], sides[bad][0]))


def _by_duels(ballots: Iterable[Ballot]) -> Iterator[tuple[Side, Side]]:
    balance: Counter[str] = Counter()
    duels: dict[str, Ballot] = {}
    for ballot in ballots:
        if ballot.kind == "duel":
            balance[ballot.thing] += {"model": 1, "other": -1}.get(ballot.opinion, 0)
            duels[ballot.thing] = ballot
    for thing, ballot in duels.items():
        if balance[thing]:
            sides = (_first(ballot), _second(ballot))
            yield sides if balance[thing] > 0 else (sides[1], sides[0])


def _first(ballot: Ballot) -> Side:
    return Side(ballot.response, ballot.answer, ballot.prompt, ballot.choice_order)


def _second(ballot: Ballot) -> Side:
    return Side(ballot.other_response, ballot.other_answer, ballot.prompt, ballot.choice_order)


def _as_choices(p: Preference, question: Question) -> tuple[str, str] | None:
    """Return both sides as a base model states them; `None` where one is no choice."""
    yes, no = _choice(question, p.chosen.answer), _choice(question, p.rejected.answer)
    if yes is None or no is None:
        return None
    return answer_text(question, yes), answer_text(question, no)


def _explained(p: Preference, question: Question, letters: str) -> tuple[str, str] | None:
    """Return both sides in the common form of explained answers.

    `None` where one states no answer, or where one explains and the other does not: the form
    would tell them apart.
    """
    said = []
    for side in (p.chosen, p.rejected):
        if sorted(side.choice_order) != list(range(len(question.choices))):
            return None
        found = read_answer(side.response, question, side.choice_order)
        if found.answer is None or found.span is None:
            return None
        said.append((explanation(side.response, found.span, question.language), found.answer))
    (yes, chosen), (no, rejected) = said
    if bool(yes) != bool(no):
        return None
    order = p.chosen.choice_order
    return (
        explained(question, yes, chosen, order, letters),
        explained(question, no, rejected, order, letters),
    )


def _opinions(
    ballots: Iterable[Ballot], asked: _RunQuestions
) -> tuple[dict[Place, dict[int, tuple[int, int]]], dict[Place, Question]]:
    """Return the ballots for and against each choice, and the question as people saw it."""
    counts: dict[Place, dict[int, tuple[int, int]]] = {}
    shown: dict[Place, Question] = {}
    for ballot in ballots:
        question = asked.find(ballot.question_id, ballot.language, ballot.question)
        if question is None:
            continue
        place = (question.id, ALL if ballot.kind == "consensus" else question.language)
        shown.setdefault(place, question)
        own = counts.setdefault(place, dict.fromkeys(range(len(question.choices)), (0, 0)))
        for choice, good in _said(ballot, question).items():
            yes, no = own[choice]
            own[choice] = (yes + good, no + (not good))
    return counts, shown


def _said(ballot: Ballot, question: Question) -> dict[int, bool]:
    """Return what a ballot is for (True) and against (False), by choice."""
    one, other = _choice(question, ballot.answer), _choice(question, ballot.other_answer)
    good = {
        "up": {one: True},
        "down": {one: False},
        "right": {one: True},
        "wrong": {one: False},
        "both": {one: True, other: True},
        "neither": {one: False, other: False},
        "model": {other: False, one: True} if one != other else {},
        "other": {one: False, other: True} if one != other else {},
    }.get(ballot.opinion, {})
    return {choice: value for choice, value in good.items() if choice is not None}


def _choice(question: Question, words: str) -> int | None:
    """Return the choice with these words; `None` where there is none."""
    return next((i for i, text in enumerate(question.choices) if text == words), None)
