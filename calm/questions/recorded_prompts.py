"""How a run asks its questions, written down when its model is first loaded.

With it, pairs are made and counted without the model: the format is known, and what the chat
template writes around a message. A template that does more than that to one is not recorded.
"""

from collections.abc import Sequence

from calm.config import PromptFormat
from calm.models.interface import LanguageModel
from calm.questions.prompts import base_prompt, chat_message, resolve_format
from calm.records import PromptRecord, Question, TrlSettings

PROBE = "What is asked?"
PROBES = ("A. one\nB. <two>", "  spaced\n\n", "x")
"""Messages that a recorded template has to render as the tokenizer does."""


def prompt_record(model: LanguageModel, wanted: PromptFormat) -> PromptRecord | None:
    """Return how the model is asked; `None` where its template cannot be told in few words."""
    chosen = resolve_format(wanted, model.is_chat)
    chat = chosen == "chat"
    settings = tuple(TrlSettings(form, told) for form, told in model.trl_settings(chat).items())
    if not chat:
        return PromptRecord(chosen, trl_settings=settings)
    before, found, after = model.chat_prompt(PROBE).partition(PROBE)
    for trims in (False, True):
        record = PromptRecord(chosen, before, after, trims, settings)
        if found and all(in_template(record, text) == model.chat_prompt(text) for text in PROBES):
            return record
    return None


def in_template(record: PromptRecord, message: str) -> str:
    """Return a message in the recorded chat template, ready for the answer."""
    return record.before + (message.strip() if record.trims else message) + record.after


def recorded_prompt(record: PromptRecord, question: Question, order: Sequence[int]) -> str:
    """Return the text that asks a question with its choices in `order`."""
    if record.format == "chat":
        return in_template(record, chat_message(question, order))
    return base_prompt(question, order, record.format == "listed").text
