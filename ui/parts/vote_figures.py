"""What votes and answers are worth, as drawings in the page's own colours. Pure."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from calm.answers.audit import LETTERS, Audit
from calm.intervals import LEAST, can_tell, wilson
from calm.languages.table import language
from calm.voting.gate import Gate
from ui.parts.axes import PERCENTS, across, labels, plot_frame
from ui.parts.html import concat, in_a_row, in_language, markup
from ui.text.numbers import percent
from ui.text.words import language_name, say


def gate_plot(curve: Sequence[Gate], gate: Gate) -> Markup:
    """Return questions kept and precision against the smallest share, with the gate marked.

    Solid is measured, with its 95% interval; dashed is the estimate without labels.
    """
    key = markup('<span class="kept"><i></i>{}</span>', say("votes.plot.kept"))
    lines = _area("kept", curve, lambda row: row.kept / max(row.of, 1))
    drawn = [row for row in curve if can_tell(row.kept)]
    if any(row.precision is not None for row in drawn):
        key += markup('<span class="measured"><i></i>{}</span>', say("votes.plot.measured"))
        lines += _band(drawn) + _line("measured", drawn, lambda row: row.precision)
    if drawn:
        key += markup('<span class="expected"><i></i>{}</span>', say("votes.plot.expected"))
    about = say("votes.plot.estimate") if drawn else say("votes.plot.few", least=LEAST)
    key += markup("<small>{}</small>", about)
    lines += _line("expected", drawn, lambda row: row.expected_low)
    lines += _line("expected", drawn, lambda row: row.expected_high)
    at = 100 * gate.minimum_share
    marker = markup('<line class="marker" x1="{:.1f}" x2="{:.1f}" y1="0" y2="100"/>', at, at)
    frame = plot_frame(
        key,
        gate_in_words(gate),
        across(PERCENTS) + lines + marker,
        labels(((100 - tick, f"{tick}%") for tick in PERCENTS), "top"),
        labels(((tick, f"{tick}%") for tick in PERCENTS), "left"),
        say("votes.plot.axis"),
    )
    return markup('<figure class="gate">{}</figure>', frame)


def gate_in_words(gate: Gate) -> str:
    """Return what a gate keeps and what it is worth, in sentences."""
    share = percent(gate.minimum_share)
    words = [say("votes.plot.says", share=share, kept=gate.kept, of=gate.of)]
    if gate.precision is not None:
        words.append(say("votes.plot.says_measured", right=percent(gate.precision, 1)))
    if can_tell(gate.kept) and gate.expected_low is not None and gate.expected_high is not None:
        low, high = percent(gate.expected_low), percent(gate.expected_high)
        words.append(say("votes.plot.says_expected", low=low, high=high))
    return in_a_row(words)


Height = Callable[[Gate], float | None]


def _points(rows: Sequence[Gate], height: Height) -> list[tuple[float, float]]:
    values = ((row.minimum_share, height(row)) for row in rows)
    return [(100 * share, 100 - 100 * value) for share, value in values if value is not None]


def _text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.2f}" for x, y in points)


def _line(css: str, rows: Sequence[Gate], height: Height) -> Markup:
    return markup('<polyline class="{}" points="{}"/>', css, _text(_points(rows, height)))


def _area(css: str, rows: Sequence[Gate], height: Height) -> Markup:
    points = _points(rows, height)
    return markup('<polygon class="{}" points="0,100 {} 100,100"/>', css, _text(points))


def _band(rows: Sequence[Gate]) -> Markup:
    """Return the 95% interval of the measured precision as an area."""
    ends = [(row.minimum_share, *_interval(row)) for row in rows if row.precision is not None]
    upper = [(100 * share, 100 - 100 * high) for share, _, high in ends]
    lower = [(100 * share, 100 - 100 * low) for share, low, _ in reversed(ends)]
    return markup('<polygon class="band" points="{}"/>', _text([*upper, *lower]))


def _interval(row: Gate) -> tuple[float, float]:
    return wilson(round((row.precision or 0.0) * row.judged), row.judged)


def position_meter(audit: Audit, words: str) -> Markup:
    """Return how often each shown place won, as bars, with what is expected as a line across."""
    bias = audit.position_bias
    answers = max(sum(bias.wins), 1)
    won = [wins / answers for wins in bias.wins]
    due = [expected / answers for expected in bias.expected]
    most = max(*won, *due, 0.01)
    bars = concat(
        markup(
            '<span class="place"><span class="meter-column"><i style="height:{:.1f}%"></i>'
            '<b style="bottom:{:.1f}%"></b></span><small>{} {}</small></span>',
            100 * share / most,
            100 * expected / most,
            LETTERS[place],
            percent(share),
        )
        for place, (share, expected) in enumerate(zip(won, due, strict=True))
    )
    row = language(audit.language)
    name = in_language(row.code, row.native_name)
    says = f"{language_name(row.code)}: {words}"
    return markup(
        '<figure class="places"><figcaption>{}</figcaption>'
        '<div class="meter-columns" dir="ltr" role="img" aria-label="{}">{}</div>'
        "<p>{}</p></figure>",
        name,
        says,
        bars,
        words,
    )
