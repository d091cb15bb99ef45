"""A patch in words: its edits, the answers before and after, and the three gauges."""

from collections.abc import Iterator

from calm.fixes import ALL, Gauge, GaugeOf
from calm.fixing.gauges import paired
from calm.pipeline.run_questions import groups_of, split_of
from calm.runs.folder import Run

ROWS: dict[GaugeOf, str] = {
    "question": "efficacy: the question itself",
    "reworded": "generality: in other words",
    "languages": "generality: languages not trained",
    "unchanged": "locality: other answers unchanged",
    "kept": "locality: right ones still right",
    "right": "locality: right",
    "continuations": "locality: free answers unchanged",
}


def as_text(run: Run) -> str:
    """Return what a patch did, as the command line shows it."""
    return "\n".join([*_edits(run), "", *_gauges(run)])


def _edits(run: Run) -> Iterator[str]:
    groups = split_of(groups_of(run), "train")
    pairs = [pair for pair in paired(run.rows("efficacy")) if pair[0].reading == "response"]
    for place, edit in enumerate(run.rows("edits"), start=1):
        versions = groups[edit.question_id]
        first = next(iter(versions.values()))
        yield f"{place}. {first.text} -> {first.choices[edit.answer]} ({edit.by})"
        for before, after in pairs:
            if before.question_id == edit.question_id:
                changed = "*" if before.answer != after.answer else " "
                said = f"{before.text.strip() or '-'} -> {after.text.strip() or '-'}"
                yield f"   {changed} {before.language}: {said}"


def _gauges(run: Run) -> Iterator[str]:
    rows: list[Gauge] = run.rows("gauges")
    yield f"{'':36}{'before':>8}{'after':>8}{'answers':>9}  reading"
    for of, name in ROWS.items():
        shown = [row for row in rows if row.of == of and row.language == ALL]
        if of == "right":
            shown += [row for row in rows if row.of == of and row.language == "en"]
        for row in shown:
            title = name if row.language == ALL else f"{name} in English"
            numbers = f"{row.before:>8.3f}{row.after:>8.3f}{row.n:>9}"
            yield f"{title:36}{numbers}  {row.reading}"
