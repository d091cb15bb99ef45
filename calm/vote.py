"""Stage `vote`: which answer do all languages, all samples together, give most often?

Plurality over every readable response, as in the paper (Wang et al., Findings of NAACL 2025,
section 3). The share of the winner tells how far to trust it, without labels.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from calm.records import Response, Vote


def vote(answered: Iterable[Response], choices: dict[str, int]) -> Iterator[Vote]:
    """Yield one vote a question, in the order of `choices` (question id -> number of choices)."""
    by_question: dict[str, list[Response]] = {identity: [] for identity in choices}
    for response in answered:
        by_question[response.question_id].append(response)
    for identity, responses in by_question.items():
        yield count_votes(identity, responses, choices[identity])


def count_votes(identity: str, responses: Sequence[Response], choices: int) -> Vote:
    """Count the answers of all responses to one question, each with weight one."""
    answers = [response.answer for response in responses]
    counts = tuple(answers.count(choice) for choice in range(choices))
    valid = sum(counts)
    first, second = sorted((*counts, 0), reverse=True)[:2]
    languages = dict.fromkeys(response.language for response in responses)
    return Vote(
        question_id=identity,
        counts=counts,
        unreadable=answers.count(None),
        winner=plurality(answers),
        share=first / valid if valid else 0.0,
        margin=(first - second) / valid if valid else 0.0,
        by_language={
            code: plurality([r.answer for r in responses if r.language == code])
            for code in languages
        },
    )


def plurality(answers: Iterable[int | None]) -> int | None:
    """Return the most frequent answer; `None` for a tie or where none could be read."""
    ranked = Counter(answer for answer in answers if answer is not None).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
