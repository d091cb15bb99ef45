"""What the handlers of the page and of its endpoints reach: found by walking their code."""

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeGuard

import gradio as gr

PROJECT = ("calm", "ui")
WRITES = frozenset(
    {
        *("write_text", "write_bytes", "touch", "mkdir", "mkdtemp", "mkstemp", "symlink_to"),
        *("unlink", "rmdir", "rmtree", "rename", "move", "copyfile", "copytree", "extractall"),
        *("execute", "Popen", "kill", "killpg", "terminate"),
    }
)
"""Names by which the project makes, moves and removes files, and starts and ends processes."""


def handlers(demo: gr.Blocks) -> list[Any]:
    """Return every function of the page that runs on the server, those of scripts too."""
    return [handler for handler in demo.fns.values() if handler.fn is not None]


def writers(handler: Any) -> set[str]:
    """Return what a handler names, itself or by way of the page's functions, and what writes.

    Functions of the page count where they write with their own hands, those of `calm` where
    anything does that they name in turn.
    """
    found = set()
    for function in _reached(_function(handler.fn), "ui"):
        if _names(function.__code__) & WRITES:
            found.add(_told(function))
        for named in _named(function):
            if _package(named) == "calm" and any(
                _names(deeper.__code__) & WRITES for deeper in _reached(named, "calm")
            ):
                found.add(_told(named))
    return found


def refuses(handler: Any) -> bool:
    """Call a handler with nothing filled in and tell whether it says that the app is read-only."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    taken = [p for p in inspect.signature(handler.fn).parameters.values() if p.kind in kinds]
    filled = [gr.Request() if "Request" in str(p.annotation) else None for p in taken]
    try:
        said = handler.fn(*filled)
        said = next(said, None) if inspect.isgenerator(said) else said
    except Exception as problem:  # it went past its check and met what is not filled in
        said = str(problem)
    places = said if isinstance(said, tuple) else (said,)
    return any(isinstance(place, str) and "for looking only" in place for place in places)


def told(handler: Any) -> str:
    """Return a handler's module and name."""
    return _told(_function(handler.fn))


def _told(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _package(function: FunctionType) -> str:
    return function.__module__.partition(".")[0]


def _function(value: Any) -> FunctionType:
    found = inspect.unwrap(getattr(value, "__func__", value))
    assert isinstance(found, FunctionType), value
    return found


def _reached(function: FunctionType, package: str) -> set[FunctionType]:
    """Return a function and all that it names in turn within the package."""
    reached: set[FunctionType] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += [named for named in _named(current) if _package(named) == package]
    return reached


def _named(function: FunctionType) -> Iterator[FunctionType]:
    """Give the project's functions that a function names; of classes and objects, the methods.

    Its arguments are what their annotations say.
    """
    names = _names(function.__code__)
    for given in function.__annotations__.values():
        if isinstance(given, type) and given.__module__.split(".")[0] in PROJECT:
            yield from (m for n, m in vars(given).items() if n in names and _is_plain(m))
    for value in _values(function, names):
        if isinstance(value, type):
            methods = vars(value).values() if value.__module__.split(".")[0] in PROJECT else ()
        elif type(value).__module__.split(".")[0] in PROJECT:
            methods = (vars(type(value)).get(name) for name in names)  # type: ignore[assignment]
        else:
            methods = (value,)  # type: ignore[assignment]
        for method in methods:
            plain = getattr(method, "__func__", method)
            plain = inspect.unwrap(plain) if callable(plain) else plain
            if isinstance(plain, FunctionType) and _package(plain) in PROJECT:
                yield plain


def _is_plain(value: object) -> TypeGuard[FunctionType]:
    return isinstance(value, FunctionType)


def _values(function: FunctionType, names: set[str]) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            continue
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        if isinstance(value, ModuleType) and value.__name__.split(".")[0] in PROJECT:
            yield from (vars(value)[n] for n in names & vars(value).keys())
        else:
            yield value


def _names(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(_names, inner))
