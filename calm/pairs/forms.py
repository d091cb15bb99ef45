"""The forms that a row of preference pairs has in files of other programs.

Each row tells its own form:

- TRL, standard: `prompt`, `chosen` and `rejected` are texts;
- TRL, conversational: they are lists of `{role, content}`; without `prompt`, what both sides
  begin with is the prompt. UltraFeedback has a `prompt` and repeats it in the sides' messages;
- LLaMA-Factory: `instruction` and `input` ask (after `system` and `history`), or `conversations`
  (or `messages`), and each side is a text or one message; its version 1 has `chosen_messages` and
  `rejected_messages`;
- HH-RLHF: both sides are transcripts, "Human: ... Assistant: ...";
- Orca: `system` and `question`; Argilla: `chosen_response` and `rejected_response`;
- the authors' files, `DPO_<language>.json`: `instruction`, `input`, `chosen`, `rejected`.

A message's content is a text or a list of parts that are texts. Other forms are named where they
are known (`OTHER_FORMS`), so that a person learns what the file is and what it lacks.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SIDES = (
    ("chosen", "rejected"),
    ("chosen_messages", "rejected_messages"),
    ("chosen_response", "rejected_response"),
)
"""The columns of the two sides."""
ASKING = (
    ("prompt",),
    ("conversations",),
    ("messages",),
    ("question",),
    ("query",),
    ("history", "instruction", "input"),
)
"""The columns that ask, those of one form together; the first form that a row has counts."""
OTHER_FORMS = (
    (("kto_tag",), "KTO"),
    (("completion", "label"), "KTO"),
    (("conversation_a", "conversation_b"), "an arena of two models"),
    (("response_0", "response_1"), "two responses of which a column names the better"),
    (("response_a", "response_b"), "two responses of which a column names the better"),
    (("answer_0", "answer_1"), "two responses of which a column names the better"),
    (("output_1", "output_2"), "two responses of which a column names the better"),
    (("human_ref_A", "human_ref_B"), "two responses of which a column names the better"),
    (("y_w", "y_l"), "pairs whose sides have other names"),
    (("preferred", "dispreferred"), "pairs whose sides have other names"),
    (("win", "lose"), "pairs whose sides have other names"),
    (("generations",), "several rated responses"),
    (("responses",), "several rated responses"),
    (("completions",), "several rated responses"),
    (("answers",), "several rated responses"),
    (("prompt", "completion"), "examples for fine-tuning"),
    (("prompt", "response"), "examples for fine-tuning"),
    (("instruction", "output"), "examples for fine-tuning"),
    (("question", "answer"), "examples for fine-tuning"),
    (("conversations",), "conversations for fine-tuning"),
    (("messages",), "conversations for fine-tuning"),
)
"""Forms that are no pairs: the columns that tell them, and what they are."""
MEDIA = ("images", "image", "videos", "video", "audios", "audio")
"""Columns of what is no text."""
NOT_THE_ASSISTANT = {
    *("user", "human", "prompter", "system", "developer", "tool", "function", "observation"),
    "function_call",
}
"""Roles, lower case, whose message no model is to learn to write."""
USERS = {"user", "human", "prompter"}
CONTENT = ("content", "value", "text")
"""What a message, or a part of one, calls its text."""
SPEAKER = re.compile(
    r"(?:\A\s*|\n[ \t]*)(?:#{2,3} )?(?P<role>Human|User|Assistant|System) ?:[ \t]*", re.IGNORECASE
)
"""How a transcript says who speaks."""


class UnreadableRowError(Exception):
    """A row is not a pair: the reason, the same words for the same thing, and what was seen."""


@dataclass(frozen=True)
class Texts:
    """What a row says, whatever form it has."""

    prompt: str
    asked: str
    """The last message of the prompt: what the sides answer."""
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Turn:
    """One message; a text that is no message has no role."""

    role: str
    text: str


def read_row(row: Mapping[str, Any]) -> Texts:
    """Return what is asked, what is chosen and what is rejected.

    Raises UnreadableRowError where the row is no pair, or another form.
    """
    names = _sides_of(row)
    for field in MEDIA:
        if row.get(field):
            raise UnreadableRowError("not a text", f"there are {field!r}; only texts are read")
    chosen, rejected = (_side_turns(row, name) for name in names)
    for name, side in zip(names, (chosen, rejected), strict=True):
        if side[-1].role in NOT_THE_ASSISTANT:
            role = side[-1].role
            detail = f"the last message of {name!r} is of the role {role!r}"
            raise UnreadableRowError("does not end with the assistant", detail)
    if chosen[:-1] != rejected[:-1]:
        raise UnreadableRowError("conversations differ", _difference(names, chosen, rejected))
    asking, context = _asking_turns(row), chosen[:-1]
    if asking is None and not context:
        raise UnreadableRowError("missing field", _nothing_asked(row))
    return Texts(
        prompt=_together(_joined(asking or []), _joined(context)),
        asked=next((turn.text for turn in reversed(context or asking or []) if turn.text), ""),
        chosen=chosen[-1].text,
        rejected=rejected[-1].text,
    )


def rewritten(
    raw: Mapping[str, Any], chosen: str, rejected: str, prompt: Callable[[str], str]
) -> dict[str, Any]:
    """Return a row in its own form and with all its columns, its texts replaced.

    `prompt` is applied to each text of the row that asks, also to the messages that a side begins
    with; a side's last message is the side.
    """
    row = dict(raw)
    transcripts = _are_transcripts(row)
    for side, text in zip(_sides_of(row), (chosen, rejected), strict=True):
        if transcripts:
            row[side] = _transcript(row[side], text, prompt)
        elif isinstance(row[side], list) and row[side]:
            *before, last = row[side]
            row[side] = [*(_mapped(message, prompt) for message in before), _replaced(last, text)]
        else:
            row[side] = _replaced(row[side], text)
    for field in ("system", *(_asking_fields(row) or ())):
        if row.get(field):
            row[field] = _mapped(row[field], prompt)
    return row


def _sides_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the columns of the two sides."""
    given = {name for name, value in row.items() if value is not None}
    names = next((names for names in SIDES if given & set(names)), SIDES[0])
    missing = [name for name in names if name not in given]
    if not missing:
        return names
    lacks = " and ".join(f"no {name!r}" for name in missing)
    among = f" among {_fields(row)}" if row else ""
    if len(missing) == 2:
        for fields, form in OTHER_FORMS:
            if given.issuperset(fields):
                seen = " and ".join(map(repr, fields))
                detail = f"{seen} tell that these are {form}: there is {lacks}"
                raise UnreadableRowError("other form", detail.replace("are KTO", "are rows of KTO"))
    raise UnreadableRowError("missing field", f"there is {lacks}{among}")


def _asking_fields(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the columns that ask; `None` where there is none."""
    for fields in ASKING:
        if any(row.get(field) is not None for field in fields if field not in ("history", "input")):
            return fields
    return None


def _nothing_asked(row: Mapping[str, Any]) -> str:
    return f"there is no 'prompt', no 'question' and no 'instruction' among {_fields(row)}"


def _fields(row: Mapping[str, Any]) -> str:
    return f"{', '.join(map(repr, row)):.160}"


def _asking_turns(row: Mapping[str, Any]) -> list[Turn] | None:
    """Return the messages that ask, a system's first; `None` where no column asks."""
    fields = _asking_fields(row)
    if fields is None:
        return None
    system = _turns(row.get("system") or "", "system")
    if "instruction" not in fields:
        return [*system, *_turns(row[fields[0]], fields[0])]
    parts = [_joined(_turns(row.get(f) or "", f)) for f in ("instruction", "input")]
    rounds = row.get("history") or []
    if not isinstance(rounds, list):
        raise UnreadableRowError("wrong type", f"'history' is not a list but {rounds!r:.60}")
    history = [turn for said in rounds for turn in _turns(said, "history")]
    return [*system, *history, Turn("", "\n".join(part for part in parts if part))]


def _side_turns(row: Mapping[str, Any], field: str) -> list[Turn]:
    """Return the messages of a side, at least one: of an empty list one that says nothing."""
    value = row[field]
    if _are_transcripts(row):
        return _spoken(value)
    return _turns(value, field) or [Turn("", "")]


def _turns(value: Any, field: str) -> list[Turn]:
    if isinstance(value, list) and not (value and all(map(_is_part, value))):
        return [_turn(message, field) for message in value]
    return [_turn(value, field)]


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and "type" in value and not {"role", "from"} & set(value)


def _turn(value: Any, field: str) -> Turn:
    if not isinstance(value, dict) or _is_part(value):
        return Turn("", _text(value, field))
    role = value.get("role", value.get("from"))
    content = next((value[name] for name in CONTENT if name in value), None)
    if not content and (value.get("tool_calls") or value.get("function_call")):
        raise UnreadableRowError("not a text", f"a message of {field!r} calls a tool")
    return Turn(role.strip().lower() if isinstance(role, str) else "", _text(content, field))


def _text(content: Any, field: str) -> str:
    """Return a text, or the texts of a list of parts one after the other."""
    if isinstance(content, list) and not any(isinstance(part, list) for part in content):
        return "".join(_text(part, field) for part in content)
    if _is_part(content):
        kind = content["type"]
        if kind not in ("text", "input_text", "output_text"):
            detail = f"{field!r} has a part of the type {kind!r}; only texts are read"
            raise UnreadableRowError("not a text", detail)
        content = next((content[name] for name in CONTENT if name in content), None)
    if not isinstance(content, str):
        raise UnreadableRowError("wrong type", f"{field!r} is not a text but {content!r:.60}")
    return content


def _are_transcripts(row: Mapping[str, Any]) -> bool:
    """Tell whether both sides begin with what a person says and nothing else asks."""
    sides = [row[name] for name in _sides_of(row)]
    if _asking_fields(row) is not None or not all(isinstance(side, str) for side in sides):
        return False
    openings = [SPEAKER.match(side) for side in sides]
    return all(opening and opening["role"].lower() in USERS for opening in openings)


def _spoken(text: str) -> list[Turn]:
    """Return the turns of a transcript."""
    starts = list(SPEAKER.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return [
        Turn(match["role"].lower(), text[match.end() : end].strip())
        for match, end in zip(starts, ends, strict=True)
    ]


def _transcript(text: str, last: str, prompt: Callable[[str], str]) -> str:
    """Return a transcript with another last turn, and with `prompt` applied to the others."""
    pieces, end = [], 0
    for match, turn in zip(SPEAKER.finditer(text), _spoken(text), strict=True):
        pieces += [match[0].rstrip(), f" {prompt(turn.text)}"]
        end = match.end()
    return "".join(pieces[:-1]) + f" {last}" if end else last


def _difference(names: Sequence[str], chosen: Sequence[Turn], rejected: Sequence[Turn]) -> str:
    if len(chosen) != len(rejected):
        sizes = f"{len(chosen)} and {len(rejected)} messages"
        return f"{names[0]!r} and {names[1]!r} have {sizes}, and the last alone may differ"
    place = next(n for n, (a, b) in enumerate(zip(chosen, rejected, strict=True), 1) if a != b)
    return f"{names[0]!r} and {names[1]!r} differ in message {place} of {len(chosen)}"


def _joined(turns: Sequence[Turn]) -> str:
    """Return the texts of messages with blank lines between."""
    return turns[0].text if len(turns) == 1 else "\n\n".join(t.text for t in turns if t.text)


def _together(asking: str, context: str) -> str:
    """Return what asks with the messages that the sides begin with, which may repeat it."""
    if asking.strip() in context:
        return context or asking
    if context.strip() in asking:
        return asking
    return f"{asking}\n\n{context}"


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return a text, a message or a list of them with a change applied to each text."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    if isinstance(value, dict):
        name = next(name for name in CONTENT if name in value)
        return {**value, name: _mapped(value[name], change)}
    return value


def _replaced(value: Any, text: str) -> Any:
    """Return a text or a message with another text; of parts the first holds it all."""
    texts: Iterator[str] = iter([text])
    if isinstance(value, list):
        value = value[:1] or [""]
    return _mapped(value, lambda _: next(texts, "")) if value else text
