"""Scores as a table to read: before, after, and the change with its interval."""

from collections.abc import Sequence

from calm.evaluation.baselines import Baseline, Learnt
from calm.intervals import can_tell
from calm.languages.table import language
from calm.records import Round, Score
from calm.voting.gate import FRACTIONS, SHARES, Gate

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
            for metric in METRICS if code == "all" else OF_A_LANGUAGE:
                change = by_key.get((reading, code, metric, "change"))
                if change is None:
                    continue
                base = by_key[reading, code, metric, "base"]
                aligned = by_key[reading, code, metric, "aligned"]
                flips = ["", ""]
                if metric == "accuracy":
                    flips = [_count(by_key.get((reading, code, f, "change"))) for f in FLIPS]
                name = "all" if code == "all" else language(code).name
                measured = METRIC_NAMES.get(metric, metric) + rank_marks(scores, metric)
                lines.append(
                    f"| {name} | {measured} | {base.value:.3f} | {aligned.value:.3f} "
                    f"| {interval(change)} | {flips[0]} | {flips[1]} |"
                )
        lines += ["", f"{by_key[reading, 'all', 'consistency', 'base'].n} held-out questions.", ""]
    return "\n".join(lines)


def rank_marks(scores: Sequence[Score], metric: str) -> str:
    """Return what chance gives RankC and what it is at least; nothing for other numbers."""
    marks = {s.metric: s.value for s in scores if s.metric.startswith("rank_consistency_")}
    if metric != "rank_consistency" or len(marks) < 2:
        return ""
    chance, floor = (marks[f"rank_consistency_{mark}"] for mark in ("chance", "floor"))
    return f", chance gives {chance:.3f}, at least {floor:.3f}"


FLIPS = ("fixed", "broken")
METRIC_NAMES = {
    "consistently_right": "questions all languages get right",
    "consistently_wrong": "questions all get wrong alike",
    "split": "questions they split on",
    "known_consistency": "consistency where one of two is right",
    "language_gap": "best language ahead of the worst",
    "english_gap": "English ahead of the worst",
    "rank_consistency": "RankC",
    "fleiss_kappa": "Fleiss' kappa",
    "efficacy": "questions trained on: says what was taught",
}
METRICS = ("accuracy", "consistency", "unreadable", *METRIC_NAMES)
OF_A_LANGUAGE = ("accuracy", "consistency", "efficacy")


WAYS = {
    "base": "base model, each language alone",
    "aligned": "aligned model, each language alone",
    "without": "base model without the passages, each language alone",
    "vote": "base model, the answer that most languages give",
    "scores": "base model, the product of all languages' scores",
    "english": "base model, English alone",
    "surest": "base model, the language alone that counts most",
}


def baseline_report(ways: Sequence[Baseline], found: Learnt | None) -> str:
    """Return as Markdown what is to be had without training; empty where that is not known."""
    if not ways:
        return ""
    lines = [
        "### What is to be had without training",
        "",
        "| way to an answer | right | consistency | answers it takes | ahead of the aligned |",
        "|---|---|---|---|---|",
    ]
    for row in ways:
        name = WAYS[row.way] + (f": {language(row.language).name}" if row.way == "surest" else "")
        ahead = "" if row.way == "aligned" else interval(row.ahead)
        lines.append(
            f"| {name} | {row.accuracy.value:.3f} | {row.consistency:.3f} | {row.calls} | {ahead} |"
        )
    if found is not None:
        ends = f"{100 * found.low:.0f} to {100 * found.high:.0f}"
        lines += ["", f"Of the vote's gain, {100 * found.share:.0f}% ({ends}) is in the weights."]
    return "\n".join(lines)


def rounds_report(rounds: Sequence[Round]) -> str:
    """Return the rounds of a run beside each other as Markdown; empty for a run of one round."""
    if not rounds:
        return ""
    lines = [
        "### Rounds",
        "",
        "| round | questions | votes kept | of them right | pairs | says what was taught "
        "| accuracy | consistency |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rounds:
        right = f"{row.right / row.judged:.3f}" if row.judged else "-"
        shares = (row.efficacy, row.accuracy, row.consistency)
        told = " | ".join("-" if share is None else f"{share:.3f}" for share in shares)
        counts = f"{row.number} | {row.questions} | {row.kept} | {right} | {row.pairs}"
        lines.append(f"| {counts} | {told} |")
    return "\n".join([*lines, "", "Accuracy and consistency are of held-out responses.", ""])


def interval(score: Score) -> str:
    """Return a change in points with its interval, such as `+7.1 (+3.0 to +11.2)`.

    Of few questions, whose interval would look certain, that they are too few.
    """
    if not can_tell(score.n):
        return f"{signed(score.value)} (too few to tell)"
    if score.low is None or score.high is None:
        return signed(score.value)
    return f"{signed(score.value)} ({signed(score.low)} to {signed(score.high)})"


def signed(change: float) -> str:
    """Return a change in points with its sign; what rounds to nothing is `+0.0`."""
    return f"{in_points(change):+.1f}"


def in_points(change: float) -> float:
    """Return a change in points, to a tenth; what rounds to nothing is no negative zero."""
    return round(100 * change, 1) + 0.0


def _count(score: Score | None) -> str:
    return "" if score is None else f"{score.value:.0f}"


def gate_table(rows: Sequence[Gate]) -> str:
    """Return the voting rules beside each other as Markdown, behind each gate, then languages."""
    rules = list(dict.fromkeys(row.rule for row in rows if row.language is None))
    at = {(row.rule, row.fraction, row.minimum_share): row for row in rows if not row.language}
    by_fraction = {(row.rule, row.fraction): row for row in rows if row.fraction is not None}
    lines = [
        "Kept: questions whose vote has at least this share. Right: how many of these votes are",
        "right, where gold answers exist; elsewhere ~ is the estimate without labels.",
        "",
        "| rule | " + " | ".join(f"share {share:g}" for share in SHARES) + " |",
        "|---|" + "---|" * len(SHARES),
    ]
    for rule in rules:
        cells = [_gate_cell(at[rule, None, share]) for share in SHARES]
        lines.append(f"| {rule} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Right when this part of the questions is kept, those with the largest share:",
        "",
        "| rule | " + " | ".join(f"{fraction:.0%}" for fraction in FRACTIONS) + " |",
        "|---|" + "---|" * len(FRACTIONS),
    ]
    for rule in rules:
        cells = [_precision(by_fraction[rule, fraction]) for fraction in FRACTIONS]
        lines.append(f"| {rule} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Each language alone, by its own plurality:",
        "",
        "| language | right |",
        "|---|---|",
    ]
    lines += [
        f"| {language(row.language).name} | {_precision(row)} |" for row in rows if row.language
    ]
    return "\n".join(lines)


def _gate_cell(row: Gate) -> str:
    return f"{row.kept} kept, {_precision(row)}"


def _precision(row: Gate) -> str:
    if row.precision is not None:
        return f"{row.precision:.3f}"
    if row.expected_low is None or row.expected_high is None:
        return "-"
    return f"~{row.expected_low:.2f} to {row.expected_high:.2f}"
