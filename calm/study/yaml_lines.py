"""A YAML text as plain data, and the line of everything in it. Nothing of it is run.

Aliases are refused, and a key that stands twice: YAML would let the last one count.
"""

from typing import Any

from calm.errors import CalmError

Lines = dict[tuple[Any, ...], int]
"""Where something stands: the keys and places that lead to it, and its line, from 1."""
DEEPEST = 8


def parsed(text: str, path: str) -> tuple[Any, Lines]:
    """Return the data of a YAML text and the line of each part of it.

    Raises CalmError, naming the line, for what is no YAML of plain data.
    """
    import yaml

    lines: Lines = {}
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                raise _problem(path, token.start_mark.line + 1, "& and * are not read here")
        _note(yaml.compose(text, Loader=yaml.SafeLoader), (), lines, path)
        return yaml.safe_load(text), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        raise _problem(path, mark.line + 1 if mark else 1, said) from None
    except (RecursionError, ValueError, TypeError) as error:
        raise _problem(path, 1, str(error)[:200]) from None


def _note(node: Any, at: tuple[Any, ...], lines: Lines, path: str) -> None:
    """Note the line of a node and of what is in it."""
    import yaml

    if node is None:
        return
    lines[at] = min(lines.get(at, node.start_mark.line + 1), node.start_mark.line + 1)
    if len(at) > DEEPEST:
        raise _problem(path, lines[at], f"more than {DEEPEST} levels")
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*at, _scalar(key))
            if inner in lines:
                raise _problem(path, key.start_mark.line + 1, f"{key.value!r} stands twice")
            lines[inner] = key.start_mark.line + 1
            _note(value, inner, lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            _note(value, (*at, place), lines, path)


def _scalar(node: Any) -> Any:
    """Return a key as it stands in the data, where it is a text; else as it is written."""
    return node.value if isinstance(node.value, str) else str(node.start_mark)


def _problem(path: str, line: int, said: str) -> CalmError:
    return CalmError("study.no-yaml", path=path, line=line, reason=said)
