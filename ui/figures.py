"""Records -> drawings, as inline SVG that takes its colours from the page. Pure."""

from collections.abc import Sequence

from calm.languages import language
from calm.records import Score
from calm.report import interval
from ui.views import esc

TICKS = (0, 25, 50, 75, 100)


def change_plot(
    scores: Sequence[Score], reading: str, metric: str, languages: Sequence[str]
) -> str:
    """Return a dot plot of one metric before and after, a row a language, with 95% intervals."""
    found: dict[tuple[str, str], Score] = {
        (s.language, s.model): s for s in scores if (s.reading, s.metric) == (reading, metric)
    }
    codes = [code for code in ("all", *languages) if (code, "change") in found]
    rows = "".join(_plot_row(code, found) for code in codes)
    if not rows:
        return ""
    ticks = "".join(f'<span style="left:{tick}%">{tick}%</span>' for tick in TICKS)
    key = '<span class="base">● before</span> <span class="aligned">● after</span>'
    return (
        f'<figure class="dots"><figcaption><b>{esc(metric.capitalize())}</b> {key} '
        f"<small>lines are 95% intervals</small></figcaption>{rows}"
        f'<div class="row axis" aria-hidden="true"><span></span><span class="ticks">{ticks}</span>'
        "<span></span></div></figure>"
    )


def _plot_row(code: str, found: dict[tuple[str, str], Score]) -> str:
    base, aligned, change = (found[code, model] for model in ("base", "aligned", "change"))
    name = "All" if code == "all" else language(code).name
    says = f"{name}: {base.value:.0%} before, {aligned.value:.0%} after, {interval(change)} points"
    grid = "".join(f'<line class="grid" x1="{t}%" x2="{t}%" y1="0" y2="30"/>' for t in TICKS)
    marks = _mark(base, "base", 10) + _mark(aligned, "aligned", 20)
    css = "row all" if code == "all" else "row"
    return (
        f'<div class="{css}"><span class="name">{esc(name)}</span>'
        f'<svg height="30" role="img" aria-label="{esc(says)}">{grid}{marks}</svg>'
        f'<span class="change">{esc(interval(change))}</span></div>'
    )


def _mark(score: Score, css: str, y: int) -> str:
    whisker = ""
    if score.low is not None and score.high is not None:
        low, high = f"{100 * score.low:.1f}%", f"{100 * score.high:.1f}%"
        whisker = f'<line class="{css}" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>'
    return f'{whisker}<circle class="{css}" cx="{100 * score.value:.1f}%" cy="{y}" r="5"/>'
