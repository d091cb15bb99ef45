"""The report of a study and how far one is, records -> HTML. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from calm import __version__
from calm.records import Status
from calm.study.report import Report, columns_of, parts_of
from calm.study.results import Arm, Effect
from ui.align.views import duration
from ui.parts.html import column_heads, concat, joined, listed, markup, note, wide_table
from ui.study.figures import arm_plot, change
from ui.text.numbers import decimal, moment, percent
from ui.text.problems import worded
from ui.text.words import say

PLOTTED = ("accuracy", "consistency", "all_right", "rank", "english", "unseen", "vote")
"""The numbers that are drawn, where the arms have them."""
P_DIGITS = 3


def report(found: Report, links: Markup | None = None) -> Markup:
    """Return the report; `links` are for whoever reads it in the app, and are not printed."""
    head = markup(
        '<header><p class="source">CALM Studio</p><h1>{}</h1><p class="source">{}</p>{}</header>',
        found.title,
        say("study.report"),
        links or Markup(),
    )
    parts = [_sentences(found), _plots(found), _table(found), _failed(found), _foot(found)]
    return markup('<main class="report">{}{}</main>', head, concat(parts))


def _sentences(found: Report) -> Markup:
    if not found.sentences:
        return note(say("study.none-yet"))
    said = concat(markup("<li>{}</li>", worded(sentence)) for sentence in found.sentences)
    return markup('<section class="found"><ol>{}</ol></section>', said)


def _plots(found: Report) -> Markup:
    names = columns_of(found)
    shown = [n for n in PLOTTED if n != "vote" or "accuracy" not in names]
    drawn = concat(arm_plot(found.arms, metric) for metric in shown)
    if not drawn:
        return Markup()
    ahead = concat(arm_plot(found.arms, metric, "ahead") for metric in shown)
    body = markup("<h2>{}</h2>{}", say("study.against-base"), drawn)
    if ahead:
        body += markup("<h2>{}</h2>{}", say("study.against", arm=found.against), ahead)
    return markup("<section>{}</section>", body)


def _table(found: Report) -> Markup:
    names = columns_of(found)
    if not names:
        return Markup()
    heads = [say("study.head.arm"), say("study.head.seeds")]
    heads += [say(f"study.metric.{name}") for name in names]
    if found.against:
        heads.append(say("study.head.ahead", arm=found.against))
    is_trained = "accuracy" in names
    heads += [say("study.head.p"), say(f"study.head.{'learnt' if is_trained else 'kept'}")]
    heads += [say("study.head.worse")] if _has_damage(found) else []
    heads.append(say("study.head.time"))
    rows = concat(_row(arm, found, names, is_trained) for arm in found.arms)
    title = say("study.numbers")
    table = wide_table(title, "arms", markup("<tr>{}</tr>", column_heads(heads)), rows)
    return markup("<section><h2>{}</h2>{}</section>", title, table)


def _has_damage(found: Report) -> bool:
    return any(arm.looked_at for arm in found.arms)


def _worse(arm: Arm) -> str:
    """Return what got worse beyond chance, and in how many of the runs; empty where none looked."""
    if not arm.looked_at:
        return ""
    things = []
    for thing, count in arm.worse.items():
        probe, measure = parts_of(thing)
        probed, measured = say(f"damage.probe.{probe}"), say(f"damage.measure.{measure}")
        told = say("damage.thing", probe=probed, measure=measured)
        things.append(say("damage.with-change", thing=told, change=f"{count}/{arm.looked_at}"))
    return listed(things) or say("study.nothing-worse")


def _row(arm: Arm, found: Report, names: Sequence[str], is_trained: bool) -> Markup:
    cells = [_cell(arm.effects.get(name)) for name in names]
    if found.against:
        cells.append(_cell(arm.ahead.get("accuracy") or arm.ahead.get("vote")))
    tested = next((arm.effects[n] for n in ("accuracy", "vote") if n in arm.effects), None)
    p = tested.p_holm if tested else None
    share = arm.learnt if is_trained else arm.kept
    texts = [
        "" if p is None else decimal(p, P_DIGITS),
        "" if share is None else percent(share),
        *([_worse(arm)] if _has_damage(found) else []),
        "" if arm.seconds is None else duration(arm.seconds),
    ]
    return markup(
        '<tr><th scope="row"><bdi>{}</bdi></th><td>{}</td>{}{}</tr>',
        arm.name,
        len(arm.seeds),
        concat(markup("<td>{}</td>", cell) for cell in cells),
        concat(markup("<td>{}</td>", text) for text in texts),
    )


def _cell(effect: Effect | None) -> Markup:
    """Return a number before and after, its change with its interval, and its spread."""
    if effect is None:
        return Markup()
    spread = "" if effect.spread is None else f" ± {decimal(100 * effect.spread, 1)}"
    return markup(
        '<bdi dir="ltr">{} → {}</bdi><small><bdi dir="ltr">{}{}</bdi></small>',
        percent(effect.before, 1),
        percent(effect.after, 1),
        change(effect),
        spread,
    )


def _failed(found: Report) -> Markup:
    if not found.failed:
        return Markup()
    rows = concat(
        markup("<li><bdi>{}</bdi>: {}</li>", row.run, worded(row.problem)) for row in found.failed
    )
    return markup("<section><h2>{}</h2><ul>{}</ul></section>", say("study.without-result"), rows)


def _foot(found: Report) -> Markup:
    said = say(
        "study.foot",
        done=found.done,
        runs=found.runs,
        models=joined(found.models),
        time=moment(found.made_at),
    )
    return markup('<p class="source">{} {}</p>', said, f"CALM Studio {__version__}.")


def progress(name: str, status: Status) -> Markup:
    """Return how far a study is, in words; a problem is said where it ended with one."""
    state = say(f"align.state.{status.state}")
    if status.state in ("failed", "stopped"):
        text = f"{name}: {state}. {worded(status.message)}"
        return note(text, "warning" if status.state == "failed" else "info")
    said = say("study.progress", name=name, state=state, done=status.done, total=status.total)
    if status.state == "running" and status.rate:
        left = duration((status.total - status.done) / status.rate)
        said = say("common.sentences", first=said, second=say("study.left", time=left))
    if status.state == "running" and status.message:
        said = say("common.sentences", first=said, second=worded(status.message))
    return note(said, "busy" if status.state in ("running", "queued") else "info")
