"""The kinds of fields that a language's file has beside plain texts."""

import re
from typing import Annotated, Any

Words = tuple[str, ...]


class Regex:
    """Marks a text that has to be a regular expression."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(_compiles, handler(source))


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
