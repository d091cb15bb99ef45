"""Thoughts that a model writes before its answer: which are begun, and which are ended."""

import re

BEGINS = re.compile(
    r"<(?:think|thinking|thought|thoughts|reasoning|reflection)>|\[THINK\]|◁think▷|"
    r"<\|(?:begin_of_thought|start_thinking)\|>|<\|channel\|?>\s*(?:analysis|commentary|thought)\b",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"</(?:think|thinking|thought|thoughts|reasoning|reflection)>|\[/THINK\]|◁/think▷|"
    r"<\|end_(?:of_thought|thinking)\|>|<\|channel\|>\s*final\b|<channel\|>",
    re.IGNORECASE,
)
CHANNELS = re.compile(r"<\|channel\|?>|<\|message\|>")
"""What the names of channels stand between: thoughts go to one of their own."""


def marks_thought(mark: str) -> bool:
    """Tell whether a token begins or ends a thought, or is a part of what does."""
    return any(pattern.fullmatch(mark) for pattern in (BEGINS, ENDS, CHANNELS))


def open_thought(text: str) -> str:
    """Return the mark of the thought that a text ends within, empty where it ends in none."""
    begun = list(BEGINS.finditer(text))
    if not begun or ENDS.search(text, begun[-1].end()):
        return ""
    return begun[-1][0]
