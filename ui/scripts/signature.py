"""Endpoints whose parameters are made of the table of settings.

Gradio hands values on by their places, as scripts over HTTP do: the names that a function had
first keep their places, and every other setting comes behind them in the order of the table. What
names a place on the machine of the app is none of them.
"""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any

import gradio as gr

from calm.settings import LOCAL, SETTINGS, Setting

REQUIRED = ("question_set", "languages", "max_train_questions")
"""Settings that a script has to give."""


def with_settings(
    function: Callable[..., dict[str, Any]], first: Sequence[str]
) -> Callable[..., dict[str, Any]]:
    """Return the function with a parameter for each of its own names and each setting.

    It is called with all of them by name. `first` are the names that keep their places; names of
    its own that are not among them come last.
    """
    own = {
        name: row
        for name, row in inspect.signature(function).parameters.items()
        if row.kind is Parameter.KEYWORD_ONLY
    }
    names = [name for name in dict.fromkeys((*first, *SETTINGS, *own)) if name not in LOCAL]
    given = [_parameter(name, own) for name in names]
    request = Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    signature = inspect.Signature([request, *given], return_annotation=dict[str, Any])

    @functools.wraps(function)
    def endpoint(*values: Any, **by_name: Any) -> dict[str, Any]:
        bound = signature.bind(*values, **by_name)
        bound.apply_defaults()
        return function(**bound.arguments)

    endpoint.__doc__ = _described(function, [name for name in names if name not in own])
    del endpoint.__wrapped__  # type: ignore[attr-defined]
    endpoint.__signature__ = signature  # type: ignore[attr-defined]
    endpoint.__annotations__ = {row.name: row.annotation for row in signature.parameters.values()}
    return endpoint


def _parameter(name: str, own: Mapping[str, Parameter]) -> Parameter:
    """Return the parameter of a name: the function's own, or that of a setting."""
    if name in own:
        return own[name].replace(kind=Parameter.POSITIONAL_OR_KEYWORD)
    setting = SETTINGS[name]
    default = Parameter.empty if name in REQUIRED else setting.default
    default = list(default) if isinstance(default, tuple) else default
    return Parameter(
        name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=_json_type(setting)
    )


def _described(function: Callable[..., Any], settings: Sequence[str]) -> str:
    """Return what the function says of itself and its arguments, with a line for each setting."""
    said = inspect.getdoc(function) or ""
    lines = [f"    {name}: {SETTINGS[name].help}." for name in settings]
    return "\n".join([said, *lines])


def _json_type(setting: Setting) -> Any:
    """Return the type of a setting as scripts give it."""
    if setting.kind in (bool, int, float):
        return setting.kind
    return list[str] if isinstance(setting.default, tuple) else str
