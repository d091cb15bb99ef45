"""The one place where prompts and answers become token ids.

Asking, scoring, training and the exported files all take their ids from here, so that a model is
trained on what it is asked. A text is either *rendered*, which is to say that the model's chat
template wrote it, special tokens and all, or plain: then the tokenizer adds what it puts before a
text, but never what it puts behind one.

An answer goes through the tokenizer together with its prompt: it is what differs behind the
longest beginning that both have in common. Where a token straddles that border, the border moves
back to before it.
"""

import functools
import itertools
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from calm.errors import CalmError
from calm.model_names import hub_name
from calm.models.interface import TrlForm
from calm.models.thoughts import marks_thought

Tokens = tuple[int, ...]

Kind = Literal["base", "chat"]
Told = dict[str, str | bool]

LINE_END = "\n"
"""What ends the answer to a plain prompt."""
SAID, REPLY = "calm asks this", "calm replies so"
"""What is rendered to see what a template writes around it."""
SPACED = "  calm leaves room  "
SWITCHES = ("enable_thinking", "thinking")
"""What templates call the switch for thoughts."""
DATE = {"date_string": "26 Jul 2024"}
"""Llama's templates write today's date, so a prompt would be another one tomorrow. This date is
their own where they know none."""
OPEN_THOUGHT = re.compile(r"(?:<(think|thinking|thought|reasoning)>|\[(THINK)\])\s*\Z")
"""A thought that is begun at the end of a prompt."""
CHAT_WORDS = {"instruct", "chat", "it", "assistant", "sft", "dpo", "rlhf", "thinking", "reasoning"}
BASE_WORDS = {"base", "pt", "pretrain", "pretrained", "pretraining", "foundation"}
REMEMBERED_TEXTS = 4096


@dataclass(frozen=True)
class Turns:
    """What a chat template writes around what is said."""

    before: str
    """Stands before the user's words."""
    asked: str
    """Stands behind them where the model is to answer."""
    asked_to_think: str
    """The same where it is to think first."""
    opened: str
    """The end of `asked` that is not written for the model by the template but by an answer: a
    channel for answers, say."""
    answered: str
    """Stands between the user's words and an answer that is there."""
    end: str
    """Ends an answer."""
    trims_user: bool
    """Whether white space around the user's words is taken off."""
    trims_answer: bool
    is_its_own: bool
    """Whether the prompt is the template's own, and what a finished conversation begins with."""

    @property
    def lead(self) -> str:
        """What the template writes behind a prompt before the answer's own text."""
        goes_on = self.answered.startswith(self.asked)
        return self.answered.removeprefix(self.asked) if goes_on else ""

    def rendered(self, text: str) -> bool:
        """Tell whether this template wrote a prompt.

        Only the first line of what it begins with is looked at: further ones may hold a date.
        """
        first = self.before.split("\n", 1)[0] or self.before
        return text.startswith(first) and text.endswith((self.asked, self.asked_to_think))


class Encoding:
    """Token ids of prompts and answers for one tokenizer."""

    def __init__(self, tokenizer: Any, name: str = "", eos_ids: Collection[int] = ()) -> None:
        """`eos_ids` are those that the model's own settings end a text with.

        Raises CalmError where the tokenizer's chat template cannot be used.
        """
        self.tokenizer = tokenizer
        self._before, self._behind = _specials_around(tokenizer)
        own = {i for i in (*eos_ids, tokenizer.eos_token_id) if i is not None}
        kind = kind_by_name(name)
        self.turns = _turns(tokenizer, name, kind) if tokenizer.chat_template else None
        turn_end = self._mark_of(self.turns.end) if self.turns else None
        ends_its_turns = turn_end is None or turn_end in own
        self.is_chat = self.turns is not None and (kind or (ends_its_turns and "chat")) == "chat"
        """Whether it is asked in its template unless told otherwise.

        Base models come with templates too. What a model is called counts first; where that says
        nothing, a model that was made to be talked to ends its texts as the template ends a turn.
        """
        self.end_ids: frozenset[int] = frozenset(own if turn_end is None else own | {turn_end})
        """Each of these ends an answer."""
        self.end_text = self.turns.end.strip() if self.turns and turn_end is None else ""
        """What ends a turn where no token of its own does; empty where one does."""
        self._thought_marks: dict[int, str] = {
            token: mark.content
            for token, mark in tokenizer.added_tokens_decoder.items()
            if mark.special and marks_thought(mark.content)
        }
        self._ids = functools.lru_cache(maxsize=REMEMBERED_TEXTS)(self._ids_of)

    def chat_prompt(self, user: str, thinking: bool = False) -> str:
        """Return `user`'s message in the chat template, ready for the answer.

        Unless `thinking`, a thought that the template asks for or begins is an empty one, and the
        special tokens that a finished answer begins with are there already.
        Raises CalmError where there is no template.
        """
        if self.turns is None:
            raise CalmError("chat-template.none")
        opened = "" if thinking else self.turns.opened
        return _asked(self.tokenizer, user, thinking) + opened

    def is_rendered(self, text: str) -> bool:
        """Tell whether a prompt is in the chat template."""
        return self.turns is not None and self.turns.rendered(text)

    def ids(self, text: str) -> Tokens:
        """Return the ids of a prompt: with the beginning token once or never, and no end."""
        return self._ids(text, self.is_rendered(text))

    def beginning_ids(self, text: str) -> Tokens:
        """Return the ids of the beginning of plain prompts."""
        return self._ids(text, False)

    def answers(self, prompt: str, texts: Sequence[str]) -> tuple[Tokens, tuple[Tokens, ...]]:
        """Return the ids of a prompt up to the border, and of each text behind it.

        The border is the end of the prompt, or before a token that straddles it in any of them.
        A prompt that has nothing in common with what it begins keeps its own ids, and so do the
        texts.
        """
        rendered, context = self.is_rendered(prompt), self.ids(prompt)
        wholes = [self._ids_of(prompt + text, rendered) for text in texts]
        border = min((_common(context, whole) for whole in wholes), default=len(context))
        if not border:
            alone = (self._tokens(text, False) for text in texts)
            return context, tuple(alone)
        return context[:border], tuple(whole[border:] for whole in wholes)

    def answer_text(self, prompt: str, answer: str) -> str:
        """Return an answer as the model is trained on it: with what ends it, behind its prompt."""
        if not self.is_rendered(prompt):
            return answer + LINE_END
        assert self.turns is not None  # what is rendered has a template
        spoken = _spoken(self.tokenizer, self.turns, answer)
        return self.turns.lead + spoken + self.turns.end

    def row(self, prompt: str, chosen: str, rejected: str) -> tuple[Tokens, Tokens, Tokens]:
        """Return the ids that a preference pair is trained on: prompt, chosen and rejected."""
        sides = [self.answer_text(prompt, side) for side in (chosen, rejected)]
        context, (yes, no) = self.answers(prompt, sides)
        return context, yes, no

    def text(self, tokens: Sequence[int]) -> str:
        """Return what an answer's tokens say."""
        said = self._said(tokens)
        return said.split(self.end_text, 1)[0] if self.end_text else said

    def says_end(self, tokens: Sequence[int]) -> bool:
        """Tell whether an answer has come to the words that end a turn."""
        return bool(self.end_text) and self.end_text in self._said(tokens)

    def _said(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens, without special ones but for those around thoughts."""
        parts = itertools.groupby(tokens, key=self._thought_marks.get)
        return "".join(
            mark or str(self.tokenizer.decode(list(part), skip_special_tokens=True))
            for mark, part in parts
        )

    def trl_settings(self, chat: bool) -> dict[TrlForm, dict[str, str | bool]]:
        """Return what TRL must be told to train on the ids of `row`, by form of an exported file.

        They are its `chat_template_kwargs` for a `prompt` and sides that are messages. In the
        form `trl` the messages are the texts of the pair; in `trl-conversational` the user's is
        what was asked, out of its template. A form that cannot be told has no entry.
        """
        if not chat or self.turns is None:
            before = self._before_written()
            if before is None:
                return {}
            template = _template(user=(before, "", False), answer=("", LINE_END, False))
            return {form: {"chat_template": template} for form in get_args(TrlForm)}
        turns = self.turns
        answer = (turns.lead, turns.end, turns.trims_answer)
        verbatim: Told = {"chat_template": _template(("", "", False), answer)}
        asked: Told = {
            "chat_template": _template((turns.before, turns.asked, turns.trims_user), answer)
        }
        given = _switches(self.tokenizer, thinking=False)
        return {"trl": verbatim, "trl-conversational": given if turns.is_its_own else asked}

    def _before_written(self) -> str | None:
        """Return what is written before a plain prompt to have it encoded with no token added.

        `None` where nothing can be: TRL has no way to encode it as the model sees it.
        """
        tokens = "".join(self.tokenizer.convert_ids_to_tokens(list(self._before)))
        for before in (tokens, tokens + " "):
            if self._tokens(before + SAID, False) == self._ids(SAID, False):
                return before
        return None

    def _ids_of(self, text: str, rendered: bool) -> Tokens:
        if rendered:
            return self._tokens(text, False)
        tokens = self._tokens(text, True)
        if self._behind and tokens[-len(self._behind) :] == self._behind:
            tokens = tokens[: -len(self._behind)]
        twice = self._before * 2
        return tokens[len(self._before) :] if twice and tokens[: len(twice)] == twice else tokens

    def _tokens(self, text: str, specials: bool) -> Tokens:
        return tuple(self.tokenizer(text, add_special_tokens=specials)["input_ids"])

    def _mark_of(self, end: str) -> int | None:
        """Return the token of its own that a turn's end begins with, `None` where there is none."""
        marks = {*self.tokenizer.all_special_ids, *self.tokenizer.added_tokens_decoder}
        return next((token for token in self._tokens(end, False) if token in marks), None)


def kind_by_name(name: str) -> Kind | None:
    """Return what a model is by its own name, `None` where that does not say it.

    The folders above it say nothing.
    """
    own = re.split(r"[/\\]", hub_name(Path(name)) or name.rstrip("/\\"))[-1]
    words = set(re.split(r"[^a-z0-9]+", own.lower()))
    is_chat, is_base = bool(words & CHAT_WORDS), bool(words & BASE_WORDS)
    if is_chat == is_base:
        return None
    return "chat" if is_chat else "base"


def _common(one: Tokens, other: Tokens) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _specials_around(tokenizer: Any) -> tuple[Tokens, Tokens]:
    """Return what a tokenizer puts before and behind every text."""
    whole = tuple(tokenizer(SAID)["input_ids"])
    plain = tuple(tokenizer(SAID, add_special_tokens=False)["input_ids"])
    for start in range(len(whole) - len(plain) + 1):
        if whole[start : start + len(plain)] == plain:
            return whole[:start], whole[start + len(plain) :]
    return (), ()


def _switches(tokenizer: Any, thinking: bool) -> Told:
    """Return what a template is told, of what it asks for."""
    template = tokenizer.get_chat_template()
    offered: Told = {**dict.fromkeys(SWITCHES, thinking), **DATE}
    return {name: value for name, value in offered.items() if re.search(rf"\b{name}\b", template)}


def _render(tokenizer: Any, *said: str, thinking: bool = False) -> str:
    """Return a conversation, the user's words first; with one message, ready for the answer."""
    roles = ("user", "assistant")
    messages = [{"role": r, "content": text} for r, text in zip(roles, said, strict=False)]
    return str(
        tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=len(said) == 1,
            **_switches(tokenizer, thinking),
        )
    )


def _asked(tokenizer: Any, user: str, thinking: bool) -> str:
    prompt = _render(tokenizer, user, thinking=thinking)
    begun = None if thinking else OPEN_THOUGHT.search(prompt)
    if begun is None:
        return prompt
    ended = f"</{begun[1]}>" if begun[1] else f"[/{begun[2]}]"
    return f"{prompt.rstrip()}\n\n{ended}\n\n"


def _turns(tokenizer: Any, name: str, kind: Kind | None) -> Turns | None:
    """Return what the template writes around what is said.

    A base model can do without a template: `None` where its template cannot be used. Raises
    CalmError for another model.
    """
    from jinja2 import TemplateError

    try:
        asked = _asked(tokenizer, SAID, thinking=False)
        to_think = _asked(tokenizer, SAID, thinking=True)
        finished = _render(tokenizer, SAID, REPLY)
        before, behind = asked.split(SAID)
        answered, end = finished.removeprefix(before + SAID).split(REPLY)
        lead = answered.removeprefix(behind) if answered.startswith(behind) else ""
        marks = {mark.content for mark in tokenizer.added_tokens_decoder.values()}
        opened = lead if any(mark in lead for mark in marks) else ""
        return Turns(
            before,
            behind + opened,
            to_think.split(SAID)[1],
            opened,
            answered,
            end,
            trims_user=SPACED not in _render(tokenizer, SPACED),
            trims_answer=SPACED not in _render(tokenizer, SAID, SPACED),
            is_its_own=not opened
            and _render(tokenizer, SAID) == asked
            and finished.startswith(asked),
        )
    except (TemplateError, ValueError, TypeError, KeyError) as error:
        if kind == "base":
            return None
        raise CalmError(
            "chat-template.unusable", model=name, reason=str(error).strip() or type(error).__name__
        ) from error


def _spoken(tokenizer: Any, turns: Turns, answer: str) -> str:
    """Return an answer as the template writes it: some take off white space around it."""
    whole = _render(tokenizer, SAID, answer)
    before = turns.before + SAID + turns.answered
    if whole.startswith(before) and whole.endswith(turns.end):
        return whole[len(before) : len(whole) - len(turns.end)]
    return answer


Around = tuple[str, str, bool]
"""What is written before a message and behind it, and whether white space is taken off."""


def _template(user: Around, answer: Around) -> str:
    """Return a chat template that writes this around its messages and nothing else."""

    def written(around: Around) -> str:
        before, behind, trims = around
        content = "message['content']" + (" | trim" if trims else "")
        return f"{{{{ {_literal(before)} + ({content}) + {_literal(behind)} }}}}"

    return (
        "{% for message in messages %}{% if message['role'] == 'user' %}"
        f"{written(user)}{{% else %}}{written(answer)}{{% endif %}}{{% endfor %}}"
    )


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def end_ids_of(settings: Any) -> frozenset[int]:
    """Return the ids that a model's generation settings end a text with."""
    given = settings.eos_token_id
    listed = given if isinstance(given, list | tuple) else [given]
    return frozenset(i for i in listed if i is not None)
