"""Scores as a table to read: before, after, and the change with its interval."""

from collections.abc import Sequence

from calm.languages import language
from calm.records import Score

READING_TITLES = {
    "response": "greedy response, its answer extracted",
    "likelihood": "choice with the highest log-probability a token",
}


def report(scores: Sequence[Score], languages: Sequence[str]) -> str:
    """Return the before and after tables as Markdown, one a reading."""
    if not scores:
        return "There are no scores yet: the stage evaluate is not done."
    by_key: dict[tuple[str, str, str, str], Score] = {
        (s.reading, s.language, s.metric, s.model): s for s in scores
    }
    lines = []
    for reading, title in READING_TITLES.items():
        lines += [
            f"### {title}",
            "",
            "| language | metric | base | aligned | change (95% interval) | fixed | broken |",
            "|---|---|---|---|---|---|---|",
        ]
        for code in ("all", *languages):
            for metric in ("accuracy", "consistency", "unreadable"):
                change = by_key.get((reading, code, metric, "change"))
                if change is None or (metric == "unreadable" and code != "all"):
                    continue
                base = by_key[reading, code, metric, "base"]
                aligned = by_key[reading, code, metric, "aligned"]
                flips = ["", ""]
                if metric == "accuracy":
                    flips = [_count(by_key.get((reading, code, f, "change"))) for f in FLIPS]
                name = "all" if code == "all" else language(code).name
                lines.append(
                    f"| {name} | {metric} | {base.value:.3f} | {aligned.value:.3f} "
                    f"| {interval(change)} | {flips[0]} | {flips[1]} |"
                )
        lines += ["", f"{by_key[reading, 'all', 'consistency', 'base'].n} held-out questions.", ""]
    return "\n".join(lines)


FLIPS = ("fixed", "broken")


def interval(score: Score) -> str:
    """Return a change in points with its interval, such as `+7.1 (+3.0 to +11.2)`."""
    if score.low is None or score.high is None:
        return f"{100 * score.value:+.1f}"
    return f"{100 * score.value:+.1f} ({100 * score.low:+.1f} to {100 * score.high:+.1f})"


def _count(score: Score | None) -> str:
    return "" if score is None else f"{score.value:.0f}"
