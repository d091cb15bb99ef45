"""The page `Align`, records -> HTML: what a run will cost, how far it is, what happened. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from calm.errors import CalmError
from calm.evaluation.power import Smallest
from calm.intervals import LEAST
from calm.models.hardware import is_gpu_lent
from calm.pipeline.costs import Amount, Part, total
from calm.pipeline.enough import FEW_QUESTIONS
from calm.pipeline.stages import STAGES
from calm.records import Status
from calm.runs.events import Event
from ui.parts.figures import isolated
from ui.parts.html import concat, markup, note, warning
from ui.parts.leases import MOST_SECONDS
from ui.parts.lent_runs import MEASURING_SECONDS, RESERVE_SECONDS
from ui.text.numbers import clock, decimal, length_of_time, moment
from ui.text.problems import say_message, worded
from ui.text.words import say

THIN_SPACE = "\u202f"
"""Between thousands: a comma or a point would be a decimal mark to some readers."""


def stage_list(
    stages: Iterable[str], status: Status, ahead: Mapping[str, float] | None = None
) -> Markup:
    """Return the stages in their order: those done, the current one, those to come.

    `ahead` is how many seconds stages to come will take, as far as that was measured.
    """
    order = list(stages)
    current = order.index(status.stage) if status.stage in order else 0
    items = []
    for place, name in enumerate(order):
        css = "done" if place < current or status.state == "done" else "todo"
        if place == current and status.state != "done":
            css = "current"
        step = markup(' aria-current="step"') if css == "current" else Markup()
        seconds = (ahead or {}).get(name) if css == "todo" else None
        time = markup(" <small>{}</small>", rough(seconds)) if seconds else Markup()
        items.append(markup('<li class="{}"{}>{}{}</li>', css, step, stage_name(name), time))
    return markup('<ol class="stages" aria-label="{}">{}</ol>', say("align.stages"), concat(items))


def stage_name(stage: str) -> str:
    """Return what a stage is called; one that is not known here by its own name."""
    return say_message(f"stage.name.{stage}") if stage in STAGES else stage


def event_list(events: Sequence[Event]) -> Markup:
    """Return what happened to a run, the newest last, each with its time and its stage."""
    if not events:
        return note(say("align.log.none"))
    items = concat(
        markup(
            '<li><time title="{}">{}</time> {}</li>',
            moment(event.at),
            clock(event.at),
            say("align.doing", stage=stage_name(event.stage), work=worded(event.said)),
        )
        for event in events
    )
    return markup(
        '<ol class="events">{}</ol><p class="below">{}</p>', items, say("align.log.times")
    )


def progress(
    name: str,
    stages: Sequence[str],
    status: Status,
    ahead: Mapping[str, float] | None = None,
    waits: bool = False,
    problem: CalmError | None = None,
) -> Markup:
    """Return how far a run is: its stages, a bar, how fast, how long still.

    `waits` tells that it has stopped before training, for somebody to look, and `problem` what
    would keep it from being trained.
    """
    share = status.done / status.total if status.total else 0.0
    bar = markup(
        '<div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        'aria-valuenow="{:.0f}" aria-label="{}"><span style="width:{:.1f}%"></span></div>',
        100 * share,
        stage_name(status.stage),
        100 * share,
    )
    shown = "waiting" if waits else status.state
    words = say(f"align.state.{shown}")
    state = markup('<small class="state {} {}">{}</small>', status.state, shown, words)
    head = markup('<h2><bdi dir="auto">{}</bdi> {}</h2>', name, state)
    later = later_in_words(stages, status, ahead or {})
    detail = markup('<p class="progress-words">{} {}</p>', progress_in_words(status), later)
    if waits:
        bar = Markup()
        detail = warning(problem) if problem else note(say("align.look.ready"))
    elif status.state in ("failed", "stopped"):
        detail = warning(status.message)
    body = Markup() if status.state == "done" else bar + detail
    return markup(
        '<section class="run">{}{}{}</section>', head, stage_list(stages, status, ahead), body
    )


def progress_in_words(status: Status) -> str:
    """Return what is being done, the rate and the time left, as far as they are known."""
    work = worded(status.message)
    stage = stage_name(status.stage)
    words = say("align.doing", stage=stage, work=work) if work else stage
    if status.rate > 0 and status.state == "running":
        left = duration((status.total - status.done) / status.rate)
        return say("align.left", work=words, rate=f"{status.rate:.3g}", time=left)
    return words


def later_in_words(stages: Sequence[str], status: Status, ahead: Mapping[str, float]) -> str:
    """Return how long the stages after this one take together; nothing where that is not known."""
    if status.state != "running" or status.stage not in stages:
        return ""
    later = stages[stages.index(status.stage) + 1 :]
    seconds = sum(ahead.get(name, 0.0) for name in later)
    return say("align.ahead", time=rough(seconds)) if seconds else ""


def duration(seconds: float) -> str:
    """Return a length of time to read: seconds, minutes and seconds, or hours and minutes."""
    whole = max(0, round(seconds))
    if whole < 60:
        return length_of_time(second=whole)
    if whole < 3600:
        return length_of_time(minute=whole // 60, second=whole % 60)
    return length_of_time(hour=whole // 3600, minute=whole % 3600 // 60)


def rough(seconds: float) -> str:
    """Return an expected length of time, no finer than anybody can know: 25 s, 16 min."""
    if seconds < 90:
        return length_of_time(second=max(5, 5 * round(seconds / 5)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return length_of_time(minute=minutes)
    return length_of_time(hour=minutes // 60, minute=minutes % 60)


def cost_box(
    amount: Amount,
    parts: Sequence[Part],
    languages: int,
    samples: int,
    soon: bool = False,
    shows: str = "",
) -> Markup:
    """Return what a run will do and how long each part and all of it take on this machine.

    `soon` tells that the machine is being measured by itself, `shows` what change it can show.
    """
    rows = concat(_part_row(part, amount) for part in parts)
    asked = say("align.cost.asked", questions=amount.train, languages=languages, samples=samples)
    few = warning_of_few(amount.train) if amount.train < FEW_QUESTIONS else Markup()
    if not amount.responses:  # it comes with its pairs, or needs none
        asked, few = "", Markup()
    measured = any(part.seconds is not None for part in parts)
    quota = quota_in_words(parts) if is_gpu_lent() else ""
    whence = markup("<small>{}</small>", say("align.cost.whence")) if measured else Markup()
    return markup(
        '<section class="cost" aria-live="polite" aria-label="{}"><h2>{}</h2><p>{}</p>'
        "<ul>{}</ul>{}{}{}{}</section>",
        say("align.cost.label"),
        say("align.cost.soon") if soon else total_in_words(parts, amount.at_most),
        asked,
        rows,
        markup("<p>{}</p>", quota) if quota else "",
        whence,
        shows,
        few,
    )


def smallest_in_words(found: Smallest | None, held_out: int) -> Markup:
    """Return the smallest change that a run will be able to show, and whence that is known."""
    if found is None:
        said = say("align.cost.shows.too-few", questions=held_out, least=LEAST)
        return note(said, "warning") if held_out else Markup()
    said = say(
        "align.cost.shows",
        questions=found.questions,
        points=isolated(decimal(100 * found.accuracy, 1)),
        one=isolated(decimal(100 * found.one_language, 1)),
    )
    whence = "measured" if found.measured else "assumed"
    return markup(
        '<p class="shows">{} <small>{}</small></p>', said, say(f"align.cost.shows.{whence}")
    )


def quota_in_words(parts: Sequence[Part]) -> str:
    """Return how much of the daily GPU quota of whoever starts it all parts take, where it is lent.

    Time on the processor, between the leases, does not count.
    """
    seconds = total(parts)
    if seconds is None:
        return say("align.cost.quota.unknown", most=length_of_time(second=MEASURING_SECONDS))
    leases = max(len(parts), math.ceil(seconds / (MOST_SECONDS - RESERVE_SECONDS)))
    most = length_of_time(second=MOST_SECONDS)
    return say("align.cost.quota", leases=leases, time=rough(seconds), most=most)


def warning_of_few(questions: int) -> Markup:
    """Return that a run on so few questions may end untrained."""
    return note(say("align.cost.few", count=questions), "warning")


def total_in_words(parts: Sequence[Part], at_most: bool) -> str:
    """Return how long all parts take, or what is known of it."""
    seconds = total(parts)
    if seconds is not None:
        return say("align.cost.most" if at_most else "align.cost.total", time=rough(seconds))
    known = sum(part.seconds for part in parts if part.seconds is not None)
    return say("align.cost.least", time=rough(known)) if known else say("align.cost.none")


def preset_label(name: str, amount: Amount | None, parts: Sequence[Part]) -> str:
    """Return a preset's name with what it costs."""
    named = say(f"align.preset.{name}")
    if amount is None:
        return say("align.preset.unknown", name=named)
    seconds = total(parts)
    if seconds is None:
        return named
    key = "align.preset.most" if amount.at_most else "align.preset.timed"
    return say(key, name=named, time=rough(seconds))


def _part_row(part: Part, amount: Amount) -> Markup:
    words = _part_in_words(part, amount)
    time = "" if part.seconds is None else rough(part.seconds)
    return markup("<li><span>{}</span> <b>{}</b></li>", words, time)


def _part_in_words(part: Part, amount: Amount) -> str:
    at_most = part.stage == "train" and amount.at_most
    key = f"align.cost.{part.stage}_most" if at_most else f"align.cost.{part.stage}"
    if part.stage == "train" and not amount.pairs:
        key = "align.cost.train_choices"
    return say(key, units=f"{part.units:,}".replace(",", THIN_SPACE))
