"""The flags of the settings, made of their table, and how a command is added."""

import argparse
from typing import Any

from calm.checked import Limits
from calm.settings import PRESETS, SETTINGS, Setting

FLAGS = {"question_set": "--questions"}
"""Settings whose flag has another name."""
METAVARS = {
    "model": "NAME",
    "question_set": "SET",
    "languages": "CODES",
    "measure_languages": "CODES",
    "columns": "FIELDS",
    "context": "FOLDER",
}
FORMS = {
    "question_set": "built-in, a public set by its name (`calm questions sets` lists them), a "
    "file (CSV, JSON Lines, Excel, Parquet), or a folder of X-CSQA files",
    "columns": "such as text=Frage,choices=A|B|C,gold=Richtig,language=de; #2 is the second",
    "context": "files of .txt, .md or .jsonl; without it no passages",
    "languages": "codes, separated by commas",
    "measure_languages": "codes, separated by commas",
    "train_topics": "names, separated by commas",
    "measure_topics": "names, separated by commas",
    "anchor": "a language code",
}
"""How a text is written that is not one of a few."""
IN_WORDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def add_command(added: Any, name: str, do: Any, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = added.add_parser(name, help=text, description=text)
    made.set_defaults(do=do)
    return made


def codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())


READERS: dict[Any, Any] = {int: int, float: float, tuple[str, ...]: codes}
"""What reads a setting of each type; any other is a text."""


def add_settings(command: argparse.ArgumentParser, *names: str) -> None:
    """Add a flag for each of these settings, or for all of them."""
    for name in names or SETTINGS:
        setting = SETTINGS[name]
        how: dict[str, Any] = {"dest": name, "default": None, "help": flag_help(setting)}
        if setting.kind is bool:
            how["action"] = argparse.BooleanOptionalAction
        else:
            how["type"] = READERS.get(setting.kind, str)
            how["metavar"] = METAVARS.get(name, "N" if setting.kind is int else "X")
        command.add_argument(FLAGS.get(name, f"--{name.replace('_', '-')}"), **how)


def add_preset(command: argparse.ArgumentParser) -> None:
    """Add the choice of a preset; a setting that is given beside it counts."""
    sizes = "; ".join(
        f"{name}: {', '.join(f'{key} {value:g}' for key, value in values.items())}"
        for name, values in PRESETS.items()
    )
    command.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        help=f"size of the run, before settings given by themselves ({sizes}; 0 is all questions)",
    )


def flag_help(setting: Setting) -> str:
    """Return the help of a setting, what it may be, and what it is where it is left out."""
    text = setting.help
    if not text.split()[0][1:].isupper():
        text = text[0].lower() + text[1:]
    limits = setting.limits
    form = FORMS.get(setting.name, "" if limits.is_optional else limits_in_words(limits))
    default = setting.default
    if setting.kind is bool:
        default = "on" if default else "off"
    elif isinstance(default, tuple):
        default = ",".join(default) or "none"
    told = [form, f"default {default}" if default != "" else ""]
    return f"{text} ({'; '.join(filter(None, told))})"


def limits_in_words(limits: Limits) -> str:
    """Return what a setting may be: `1 to 64`, `above 0, at most 1`, `votes, ballots or both`."""
    if limits.options:
        return f"{', '.join(limits.options[:-1])} or {limits.options[-1]}"
    if [name for name, _ in limits.bounds] == ["ge", "le"]:
        return f"{limits.lowest} to {limits.highest}"
    return ", ".join(f"{IN_WORDS[name]} {value}" for name, value in limits.bounds)
