"""Answers in free words, for tests of what is made of them."""

from collections.abc import Callable, Mapping, Sequence

from calm.asking.free_questions import FreeAsked
from calm.asking.free_store import FreelyAsked
from calm.models.interface import Draw, OnText, Prompt
from calm.questions.translate import TranslationFailed
from calm.records import Question, Response
from calm.voting.groups import Compared, Pivoted, Words, compare, read_all
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
    return compare(versions(list(said)), rows, read_all(rows), pivoted or {})


def pivot(code: str, text: str, there: str) -> dict[Words, Pivoted]:
    return {(code, text): Pivoted(there, "model")}


def freely_asked(asked_at: float = 1.0, said: str = "bees") -> FreelyAsked:
    """Return a question that two languages answer alike, one response of three saying nothing."""
    found = compared({"en": [said, ""], "zh": ["蜜蜂"]}, pivot("zh", "蜜蜂", said))
    return FreelyAsked(
        FreeAsked(
            "done",
            "fake",
            versions=tuple(versions(["en", "zh"])),
            responses=found.responses,
            left_out={"fr": "no words"},
            prompts={code: f"{LEGS[code]} =" for code in ("en", "zh")},
            compared=found,
        ),
        asked_at,
    )
