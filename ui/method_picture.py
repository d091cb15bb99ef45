"""The method from the question to the adapter, drawn as inline SVG for the page `About`. Pure."""

from ui.views import esc

BOX_WIDTH, BOX_HEIGHT, GAP = 128, 104, 26
METHOD = (
    ("question", "asked once", "question"),
    ("languages", "in each of them", "languages"),
    ("samples", "several each", "samples"),
    ("vote", "across languages", "vote"),
    ("pairs", "chosen, rejected", "pairs"),
    ("DPO", "4-bit LoRA", "dpo"),
    ("adapter", "before and after", "adapter"),
)

METHOD_IN_WORDS = (
    "The method: a question, put into several languages, is answered several times in each; the "
    "vote across languages turns responses into chosen and rejected; DPO trains an adapter on them."
)


def method_picture(upright: bool) -> str:
    """Return the method from the question to the adapter, from left to right or downwards."""
    step_x, step_y = (0, BOX_HEIGHT + GAP) if upright else (BOX_WIDTH + GAP, 0)
    boxes = ""
    for place, (title, below, drawing) in enumerate(METHOD):
        x, y = 1 + place * step_x, 1 + place * step_y
        boxes += f'<g transform="translate({x} {y})">{_box(title, below, drawing)}</g>'
        if place:
            boxes += _arrow(x, y, upright)
    last = len(METHOD) - 1
    width, height = last * step_x + BOX_WIDTH + 2, last * step_y + BOX_HEIGHT + 2
    css = "upright" if upright else "level"
    return (
        f'<svg class="method {css}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{esc(METHOD_IN_WORDS)}">{boxes}</svg>'
    )


def _box(title: str, below: str, drawing: str) -> str:
    middle = BOX_WIDTH / 2
    return (
        f'<rect class="box" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="10"/>'
        f'<text class="title" x="{middle}" y="22">{title}</text>'
        f'<text class="below" x="{middle}" y="{BOX_HEIGHT - 10}">{below}</text>{DRAWINGS[drawing]}'
    )


def _arrow(x: int, y: int, upright: bool) -> str:
    if upright:
        middle = x + BOX_WIDTH // 2
        return f'<path class="arrow" d="M{middle} {y - GAP + 4}V{y - 5}m-5 -6l5 6l5 -6"/>'
    middle = y + BOX_HEIGHT // 2
    return f'<path class="arrow" d="M{x - GAP + 4} {middle}H{x - 5}m-6 -5l6 5l-6 5"/>'


def _words(*placed: tuple[int, int, str]) -> str:
    return "".join(f'<text class="word" x="{x}" y="{y}">{word}</text>' for x, y, word in placed)


def _dots(*rows: str) -> str:
    """Draw samples: one row a language, one dot a sample, a letter a colour."""
    return "".join(
        f'<circle class="fill-{letter}" cx="{38 + 17 * i}" cy="{40 + 16 * j}" r="6"/>'
        for j, row in enumerate(rows)
        for i, letter in enumerate(row)
    )


DRAWINGS = {
    "question": '<text class="big" x="64" y="68">?</text>',
    "languages": _words(
        (36, 48, "English"), (92, 48, "中文"), (38, 70, "Deutsch"), (92, 70, "عربي")
    ),
    "samples": _dots("aaab", "abaa", "bbab"),
    "vote": (
        '<rect class="fill-a" x="24" y="36" width="80" height="14" rx="3"/>'
        '<rect class="fill-b" x="24" y="56" width="48" height="14" rx="3"/>'
    ),
    "pairs": (
        '<circle class="fill-a" cx="42" cy="54" r="13"/><path class="sign" d="M36 54l4 5l8 -9"/>'
        '<circle class="fill-b" cx="86" cy="54" r="13"/>'
        '<path class="sign" d="M81 49l10 10m0 -10l-10 10"/>'
    ),
    "dpo": '<path class="curve" d="M26 38c8 30 26 32 76 34"/><path class="axis" d="M24 34v40h82"/>',
    "adapter": (
        '<rect class="base" x="26" y="38" width="50" height="36" rx="4"/>'
        '<rect class="fill-a" x="82" y="38" width="16" height="36" rx="4"/>'
    ),
}
