"""The kinds of fields that a language's file has beside plain texts."""

import re
from typing import Annotated, Any

Words = tuple[str, ...]


class Regex:
    """Marks a text that has to be a regular expression."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        function = {"type": "no-info", "function": _compiles}
        return {"type": "function-after", "function": function, "schema": handler(source)}


def _compiles(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


Pattern = Annotated[str, Regex]
Patterns = tuple[Pattern, ...]
FORBID = {"extra": "forbid"}
"""What pydantic does with a key that it does not know."""
