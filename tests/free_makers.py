"""Questions without choices and answers in free words, for tests of what is made of them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from calm.asking.asked import Asked
from calm.models.interface import Draw, OnText, Prompt
from calm.questions.translate import TranslationFailed
from calm.records import Question, Response
from calm.voting.groups import Compared, Pivoted, Words, group_answers, read_all
from tests.fakes import FakeModel

LEGS = {
    "en": "How many legs has a spider?",
    "de": "Wie viele Beine hat eine Spinne?",
    "fr": "Combien de pattes a une araignée ?",
    "zh": "蜘蛛有几条腿？",
    "es": "¿Cuántas patas tiene una araña?",
    "ar": "كم عدد أرجل العنكبوت؟",
}

SAYS = {"Answer": " eight legs", "Réponse": " 8 pattes", "答案": "八条"}


class Counting(FakeModel):
    """Answers eight in the language of its prompt, a letter at a time."""

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Sequence[Path | None] | None = None,
    ) -> list[str]:
        labels = [prompt.text.splitlines()[-1].rstrip(" :：") for prompt in prompts]
        texts = [SAYS[label] for label in labels]
        for row, text in enumerate(texts):
            for end in range(1, len(text) + 1):
                if on_text:
                    on_text(row, text[:end])
        return texts


class Unable:
    """A translator that has no words."""

    source = "model"

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        raise TranslationFailed("no words")


def versions(codes: Sequence[str]) -> list[Question]:
    return [Question("q", code, LEGS[code], ()) for code in codes]


def responses(said: Mapping[str, Sequence[str]]) -> list[Response]:
    return [
        Response("q", code, n, "m", text, ())
        for code, texts in said.items()
        for n, text in enumerate(texts)
    ]


def compared(
    said: Mapping[str, Sequence[str]], pivoted: Mapping[Words, Pivoted] | None = None
) -> Compared:
    rows = responses(said)
    return group_answers(versions(list(said)), rows, read_all(rows), pivoted or {})


def pivot(code: str, text: str, there: str) -> dict[Words, Pivoted]:
    return {(code, text): Pivoted(there, "model")}


def found(
    said: Mapping[str, Sequence[str]],
    pivoted: Mapping[Words, Pivoted] | None = None,
    **changes: Any,
) -> Asked:
    """Return a question without choices that each language has answered so."""
    result = compared(said, pivoted)
    fields = {
        "step": "done",
        "model": "m",
        "versions": tuple(versions(list(said))),
        "responses": result.responses,
        "prompts": tuple(f"{row.language} prompt" for row in result.responses),
        "options": result.groups,
        "not_compared": result.not_compared,
        "vote": result.vote,
    }
    return Asked(**(fields | changes))  # type: ignore[arg-type]


def growing(step: str, said: Mapping[str, Sequence[str]], **changes: Any) -> Asked:
    """Return such a question before its answers were compared."""
    rows = {"step": step, "responses": tuple(responses(said))}
    return found(said, None, options=(), not_compared=(), vote=None, **(rows | changes))


def freely_asked(asked_at: float = 1.0, said: str = "bees") -> Asked:
    """Return a question that two languages answer alike, one response of three saying nothing."""
    return found(
        {"en": [said, ""], "zh": ["蜜蜂"]},
        pivot("zh", "蜜蜂", said),
        model="fake",
        left_out={"fr": "no words"},
        asked_at=asked_at,
    )
