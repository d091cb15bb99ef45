"""The five sentences that a report opens with: each says a number and how far to trust it."""

from collections.abc import Sequence

from calm.messages import Message, message
from calm.study.results import Arm, Effect

LEVEL = 0.05
"""What is surely better is so among all arms: the best of many is better by chance."""


def sentences(arms: Sequence[Arm], least: float | None) -> list[Message]:
    """Return what a study found, in five sentences; none where no arm has a result.

    `least` is the smallest change of right answers that would have been seen. Where nothing was
    trained they are about the votes.
    """
    trained = [arm for arm in arms if "accuracy" in arm.effects]
    if trained:
        best = max(trained, key=lambda arm: arm.effects["accuracy"].change)
        names = [arm.name for arm in trained]
        return [
            _best(best, names),
            _consistency(best),
            _voting_now(best),
            _english(best),
            _doubt(best, "accuracy", least),
        ]
    voted = [arm for arm in arms if "vote" in arm.effects]
    if not voted:
        return []
    best = max(voted, key=lambda arm: arm.effects["vote"].after)
    return [_vote(best), _votes(voted), _gate(best), _undecided(best), _doubt(best, "vote", least)]


def _best(best: Arm, names: Sequence[str]) -> Message:
    found = best.effects["accuracy"]
    if found.course == "rises" and (found.p_holm or 0.0) < LEVEL:
        return message(
            "study.best.sure",
            arm=best.name,
            arms=names,
            before=found.before,
            after=found.after,
            change=_points(found.change),
            low=_points(found.low),
            high=_points(found.high),
        )
    return message(
        "study.best.unsure",
        arm=best.name,
        arms=names,
        before=found.before,
        after=found.after,
        low=_points(found.low),
        high=_points(found.high),
    )


def _consistency(best: Arm) -> Message:
    found = best.effects["consistency"]
    return message(
        f"study.consistency.{found.course}",
        arm=best.name,
        before=found.before,
        after=found.after,
        low=_points(found.low),
        high=_points(found.high),
    )


def _voting_now(best: Arm) -> Message:
    found = best.effects.get("now")
    if found is None:
        return message("study.no-vote-now")
    return message(
        f"study.now.{found.course}",
        arm=best.name,
        vote=found.after,
        aligned=found.before,
        calls=len(best.languages),
        low=_points(found.low),
        high=_points(found.high),
    )


def _english(best: Arm) -> Message:
    found = best.effects.get("english")
    if found is None:
        return message("study.no-english")
    return message(
        f"study.english.{found.course}",
        before=found.before,
        after=found.after,
        low=_points(found.low),
        high=_points(found.high),
    )


def _vote(best: Arm) -> Message:
    found = best.effects["vote"]
    return message(
        f"study.vote.{found.course}",
        arm=best.name,
        vote=found.after,
        english=found.before,
        low=_points(found.low),
        high=_points(found.high),
    )


def _votes(voted: Sequence[Arm]) -> Message:
    courses = [arm.effects["vote"].course for arm in voted]
    return message(
        "study.votes",
        tried=len(voted),
        better=courses.count("rises"),
        worse=courses.count("falls"),
        unsure=courses.count("unsure"),
    )


def _gate(best: Arm) -> Message:
    if best.kept is None or best.kept_right is None:
        return message("study.gate.none", arm=best.name)
    return message("study.gate.kept", arm=best.name, kept=best.kept, right=best.kept_right)


def _undecided(best: Arm) -> Message:
    return message("study.undecided", arm=best.name, share=best.undecided or 0.0)


def _doubt(best: Arm, metric: str, least: float | None) -> Message:
    found: Effect = best.effects[metric]
    shown = _points(least)
    if found.spread is None:
        return message(
            "study.doubt.one-seed",
            questions=found.questions,
            languages=len(best.languages),
            least=shown,
        )
    return message(
        "study.doubt.seeds",
        questions=found.questions,
        languages=len(best.languages),
        seeds=len(best.seeds),
        spread=_points(found.spread),
        least=shown,
    )


def _points(share: float | None) -> float | str:
    """Return a share in points, a hundredth each; a dash where it is not known."""
    return "–" if share is None else round(100 * share, 1) + 0.0
