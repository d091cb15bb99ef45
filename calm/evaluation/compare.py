"""Stage `compare`: question by question, base and aligned, and what became of each answer."""

from collections.abc import Iterable, Iterator, Mapping

from calm.records import Comparison, Evaluation, Question, Reading, outcome


def compare_answers(
    evaluations: Iterable[Evaluation],
    groups: Mapping[str, Mapping[str, Question]],
    reading: Reading = "response",
) -> Iterator[Comparison]:
    """Yield one row a held-out question and language, in the order of the questions."""
    answers = {(e.question_id, e.language, e.model): e for e in evaluations if e.reading == reading}
    for identity, versions in groups.items():
        for code, question in versions.items():
            base = answers[identity, code, "base"]
            aligned = answers[identity, code, "aligned"]
            yield Comparison(
                question_id=identity,
                language=code,
                gold=question.gold,
                base_answer=base.answer,
                aligned_answer=aligned.answer,
                base_text=base.text,
                aligned_text=aligned.text,
                outcome=outcome(question.gold, base.answer, aligned.answer),
            )
