"""Several runs as tables to read: one method over its seeds, and methods against each other."""

from collections.abc import Sequence

from calm.evaluation.evaluate import ROLES
from calm.evaluation.report import METRIC_NAMES, READING_TITLES, interval, signed
from calm.evaluation.seeds import SeedScore
from calm.evaluation.significance import Versus
from calm.intervals import can_tell
from calm.languages.table import language

SHOWN = ("accuracy", "consistency", *METRIC_NAMES)
OF_A_LANGUAGE = ("accuracy", "consistency")


def seeds_report(scores: Sequence[SeedScore], languages: Sequence[str]) -> str:
    """Return what runs that differ in their seeds found together, as Markdown, one a reading."""
    found: dict[tuple[str, str, str, str], SeedScore] = {
        (s.reading, s.language, s.metric, s.model): s for s in scores
    }
    lines = []
    for reading, title in READING_TITLES.items():
        lines += [
            f"### {title}",
            "",
            "| language | metric | base | aligned | change (95% interval) | spread | from, to |",
            "|---|---|---|---|---|---|---|",
        ]
        for code in ("all", *languages):
            for metric in SHOWN if code == "all" else OF_A_LANGUAGE:
                change = found.get((reading, code, metric, "change"))
                if change is None:
                    continue
                both = [found[reading, code, metric, role] for role in ROLES]
                means = [f"{score.value:.3f}" for score in both]
                name = "all" if code == "all" else language(code).name
                lines.append(
                    f"| {name} | {METRIC_NAMES.get(metric, metric)} | {means[0]} | {means[1]} "
                    f"| {interval(change)} | {100 * change.spread:.1f} "
                    f"| {signed(change.least)}, {signed(change.most)} |"
                )
        lines.append("")
    first = scores[0]
    return "\n".join(
        [
            *lines,
            f"{first.seeds} seeds, {first.n} held-out questions. Spread: standard deviation of the "
            "change between seeds, in points. The intervals take seeds and questions into account.",
        ]
    )


def methods_report(alone: Sequence[Versus], pairs: Sequence[Versus], metric: str) -> str:
    """Return methods against their base and against each other as Markdown."""
    n = alone[0].n
    few = "" if can_tell(n) else " These are too few to tell."
    return "\n".join(
        [
            f"### Change of {metric}, over all languages",
            "",
            "| method | change (95% interval) | p | p among all (Holm) |",
            "|---|---|---|---|",
            *(f"| {row.one} | {_numbers(row)} |" for row in alone),
            "",
            "| one | other | one ahead by (95% interval) | p | p among all (Holm) |",
            "|---|---|---|---|---|",
            *(f"| {row.one} | {row.other} | {_numbers(row)} |" for row in pairs),
            "",
            f"{n} held-out questions.{few} p: how likely so large a difference is by chance, by "
            "flipping the signs of questions.",
        ]
    )


def _numbers(row: Versus) -> str:
    ends = f"{signed(row.low)} to {signed(row.high)}"
    return f"{signed(row.difference)} ({ends}) | {row.p:.4f} | {row.adjusted:.4f}"
