"""Thoughts that a model writes before its answer: which are begun, and which are ended."""

import re

BEGINS = re.compile(
    r"<(?:think|thinking|thought|thoughts|reasoning|reflection)>|\[THINK\]|◁think▷|"
    r"<\|(?:begin_of_thought|start_thinking)\|>",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"</(?:think|thinking|thought|thoughts|reasoning|reflection)>|\[/THINK\]|◁/think▷|"
    r"<\|end_(?:of_thought|thinking)\|>",
    re.IGNORECASE,
)


def marks_thought(mark: str) -> bool:
    """Tell whether a token begins or ends a thought."""
    return bool(BEGINS.fullmatch(mark) or ENDS.fullmatch(mark))


def open_thought(text: str) -> str:
    """Return the mark of the thought that a text ends within, empty where it ends in none."""
    begun = list(BEGINS.finditer(text))
    if not begun or ENDS.search(text, begun[-1].end()):
        return ""
    return begun[-1][0]
