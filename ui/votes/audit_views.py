"""What was read out of the responses, records -> HTML: coverage, reasons, places that win. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from calm.answers.audit import LETTERS, LIKELY_CHANCE, NOTES, REASONS, Audit
from ui.parts.html import (
    column_heads,
    concat,
    in_a_row,
    language_label,
    markup,
    note,
    wide_table,
)
from ui.parts.vote_figures import position_meter
from ui.text.numbers import percent
from ui.text.words import say


def audit_section(audits: Sequence[Audit], shows_choices: bool) -> Markup:
    """Return coverage and reasons by language, then which places win.

    `shows_choices` is false where the questions were asked without their choices, so that no
    place could win.
    """
    if not audits:
        return note(say("audit.none"))
    if not shows_choices:
        return _coverage_table(audits) + note(say("audit.no_choices"))
    figures = concat(position_meter(row, place_in_words(row)) for row in audits)
    sources = [row.position_bias.expected_from for row in audits]
    notes = [say(f"audit.note.{source}") for source in NOTES if source in sources]
    about = in_a_row([say("audit.places.about"), *notes])
    return markup(
        '{}<h3>{}</h3><p class="below">{}</p><div class="meters">{}</div>',
        _coverage_table(audits),
        say("audit.places"),
        about,
        figures,
    )


def place_in_words(audit: Audit) -> str:
    """Return which place wins more often than expected, and whether chance explains it."""
    bias = audit.position_bias
    answers = sum(bias.wins)
    if bias.p_value is None or not answers:
        return say("audit.few")
    over = [won - due for won, due in zip(bias.wins, bias.expected, strict=True)]
    place = max(range(len(over)), key=over.__getitem__)
    won, due = bias.wins[place] / answers, bias.expected[place] / answers
    p = "p < 0.001" if bias.p_value < 0.001 else f"p = {bias.p_value:.2g}"
    if bias.p_value >= LIKELY_CHANCE:
        return say("audit.chance", p=p)
    return say("audit.bias", place=LETTERS[place], won=percent(won), due=percent(due), p=p)


def _coverage_table(audits: Sequence[Audit]) -> Markup:
    reasons = sorted({how for row in audits for how in row.how}, key=_order)
    models = len({row.model for row in audits}) > 1
    names = [say("audit.language"), say("audit.responses"), say("audit.read")]
    names += [say(f"audit.how.{how}") for how in reasons]
    body = Markup()
    for row in audits:
        model = markup(" <small>{}</small>", row.model) if models else Markup()
        cells = concat(markup("<td>{}</td>", row.how.get(how, 0)) for how in reasons)
        bar = markup('<span class="fill even" style="width:{:.1f}%"></span>', 100 * row.coverage)
        body += markup(
            '<tr><th scope="row">{}{}</th><td>{}</td><td><span class="measure">'
            '<span class="track">{}</span><span>{}</span></span></td>{}</tr>',
            language_label(row.language),
            model,
            row.responses,
            bar,
            percent(row.coverage, 1),
            cells,
        )
    heads = markup("<tr>{}</tr>", column_heads(names))
    return wide_table(say("audit.label"), "scores", heads, body)


def _order(how: str) -> int:
    return REASONS.index(how) if how in REASONS else len(REASONS)
