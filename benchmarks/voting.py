"""Compare the voting rules on responses with gold answers, and the gate's estimate with the truth.

`python -m benchmarks.voting RUN... --write` puts the tables into docs/VOTING.md. A run can be made
by `python -m calm import-responses` (the samples of the paper's authors, for instance) or be any
other whose training questions have gold answers. Each is looked at as it is, and without its most
reliable language: a rule must be sensible where no language stands out, too.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from calm.languages.table import language
from calm.pipeline.run_questions import choices_of, golds_of, groups_of
from calm.records import Response
from calm.runs.folder import Run, open_run, write_whole
from calm.voting.gate import FRACTIONS, Gate, compare_rules
from calm.voting.rules import RULE_NAMES
from calm.voting.vote import vote

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "VOTING.md"


def tables(run: Run) -> str:
    """Return the tables of one run as Markdown."""
    golds = golds_of(groups_of(run))
    answered = run.rows("answers")
    choices = choices_of(run)
    _, weights = vote(answered, choices)
    leader = max(weights, key=lambda row: row.reliability).language
    rest = [row for row in answered if row.language != leader]
    names = ", ".join(language(row.language).name for row in weights)
    return "\n".join(
        [
            f"## {run.name}",
            "",
            f"{len(choices)} questions, {len(answered)} responses in {names}. "
            f"Most reliable by its own agreement, without labels: {language(leader).name}.",
            "",
            _table("all languages", compare_rules(answered, choices, golds)),
            "",
            _table(f"without {language(leader).name}", compare_rules(rest, choices, golds)),
            "",
            _estimate(answered, choices, golds),
            "",
        ]
    )


def _table(title: str, rows: Sequence[Gate]) -> str:
    at = {(row.rule, row.fraction): row for row in rows if row.fraction is not None}
    alone = [row for row in rows if row.language]
    best = max(alone, key=lambda row: row.precision or 0)
    lines = [
        f"| {title} | " + " | ".join(f"best {fraction:.0%}" for fraction in FRACTIONS) + " |",
        "|---|" + "---|" * len(FRACTIONS),
    ]
    for rule in RULE_NAMES:
        cells = [f"{at[rule, fraction].precision or 0:.3f}" for fraction in FRACTIONS]
        lines.append(f"| {rule} | " + " | ".join(cells) + " |")
    lines.append(
        f"| best language alone: {language(best.language or '').name} | {best.precision or 0:.3f} |"
        + " |" * (len(FRACTIONS) - 1)
    )
    return "\n".join(lines)


def _estimate(
    answered: Sequence[Response], choices: dict[str, int], golds: dict[str, int | None]
) -> str:
    rows = [row for row in compare_rules(answered, choices, golds) if row.rule == "reliability"]
    lines = ["| smallest share | kept | right | estimate without labels |", "|---|---|---|---|"]
    for row in rows:
        if row.fraction is None and row.precision is not None:
            lines.append(
                f"| {row.minimum_share:g} | {row.kept} | {row.precision:.3f} "
                f"| {row.expected_low or 0:.3f} to {row.expected_high or 0:.3f} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("runs", nargs="+", metavar="RUN")
    options.add_argument("--write", action="store_true", help="into docs/VOTING.md")
    given = options.parse_args()
    text = (
        "# Voting rules compared\n\n"
        "Share of votes that are right when the questions with the largest vote share are kept "
        "(a tie is not right). Written by `python -m benchmarks.voting`; no rule sees a gold "
        "answer. The constants of `reliability` were set while looking at responses like these, "
        "so its lead over `anchor` and `self-consistency` is not a held-out result.\n\n"
        + "\n".join(tables(open_run(name)) for name in given.runs)
    )
    print(text)
    if given.write:
        write_whole(DOCUMENT, text)
