"""A question without choices, from its translations to the vote among groups of answers."""

import dataclasses
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from calm.asking.pivot import put_into_pivot
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.models.interface import Draw, LanguageModel, Prompt
from calm.questions.free_prompts import free_prompt
from calm.questions.sets import clean_text
from calm.questions.translate import TranslationCache, Translator, translate_question
from calm.records import Question, Response
from calm.voting.groups import AnswerGroup, Compared, compare, read_all, untranslated

Step = Literal["waiting", "translating", "answering", "comparing", "done", "stopped", "nowhere"]
"""What is being done; `nowhere` ends a question that no language was left for."""


@dataclass(frozen=True)
class FreeAsked:
    """A question without choices, as far as it has come."""

    step: Step
    model: str
    at: str = ""
    """The language that the question is being put into, while `translating`."""
    versions: tuple[Question, ...] = ()
    responses: tuple[Response, ...] = ()
    """In the order of the versions; `answer` is the index of a group once they are compared."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Languages that the question could not be put into, and why."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """What the model was asked, by language; empty before it was."""
    compared: Compared | None = None
    """What the answers say together; `None` before the last one is there."""

    def of(self, code: str) -> list[Response]:
        """Return the responses in one language."""
        return [response for response in self.responses if response.language == code]

    @property
    def winner(self) -> AnswerGroup | None:
        """The group with most answers; `None` for a tie, or before there are any."""
        if self.compared is None or self.compared.vote.winner is None:
            return None
        return self.compared.groups[self.compared.vote.winner]


def free_question(text: str, code: str) -> Question:
    """Return a typed question without choices; raises CalmError where there is no text."""
    clean = clean_text(text, "text")
    if not clean:
        raise CalmError("There is no question yet. Type one, or pick one from the set.")
    return Question(f"free-{zlib.crc32(f'{code}/{clean}'.encode()):08x}", code, clean, ())


def ask_freely(
    model: LanguageModel,
    question: Question,
    known: Mapping[str, Question],
    languages: Sequence[str],
    sampling: SamplingConfig,
    translators: Sequence[Translator],
    cache: TranslationCache,
    show: Callable[[FreeAsked], None] = lambda asked: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FreeAsked:
    """Ask a question without choices in several languages and compare what they answer.

    `known` are versions of it that exist. `show` gets what is there as it grows.
    """
    asked = FreeAsked("waiting", model.name)

    def now(**changes: object) -> None:
        nonlocal asked
        asked = dataclasses.replace(asked, **changes)  # type: ignore[arg-type]
        show(asked)

    versions, left_out = [], {}
    for code in languages:
        if should_stop():
            break
        version = question if code == question.language else known.get(code)
        try:
            if version is None:
                now(step="translating", at=code)
                version = translate_question(question, code, translators, cache, model.name)
            versions.append(dataclasses.replace(version, id=question.id, choices=(), gold=None))
        except CalmError as error:
            left_out[code] = str(error)
        now(versions=tuple(versions), left_out=dict(left_out))
    if versions and not should_stop():
        prompts = {version.language: free_prompt(model, version) for version in versions}
        words = {code: prompt.text for code, prompt in prompts.items()}
        now(step="answering", responses=_rows(model, versions, sampling), prompts=words)
        texts = _drawn(model, asked, prompts, sampling, now, should_stop)
        drawn = [
            dataclasses.replace(r, text=t) for r, t in zip(asked.responses, texts, strict=True)
        ]
        now(step="comparing", responses=tuple(drawn))
        answers = read_all(drawn)
        services = [translator for translator in translators if translator.source != "model"]
        wanted = untranslated(versions, drawn, answers)
        pivoted = put_into_pivot(wanted, model, services, cache, should_stop)
        if not should_stop():
            found = compare(versions, drawn, answers, pivoted)
            now(step="done", responses=found.responses, compared=found)
    if asked.step != "done":
        now(step="nowhere" if not versions and not should_stop() else "stopped")
    return asked


def _rows(
    model: LanguageModel, versions: Sequence[Question], sampling: SamplingConfig
) -> tuple[Response, ...]:
    return tuple(
        Response(version.id, version.language, n, model.name, "", ())
        for version in versions
        for n in range(sampling.num_samples)
    )


def _drawn(
    model: LanguageModel,
    asked: FreeAsked,
    prompts: Mapping[str, Prompt],
    sampling: SamplingConfig,
    now: Callable[..., None],
    should_stop: Callable[[], bool],
) -> list[str]:
    rows = list(asked.responses)

    def grown(row: int, text: str) -> None:
        rows[row] = dataclasses.replace(rows[row], text=text)
        now(responses=tuple(rows))

    draws = [
        Draw(
            sampling.max_new_tokens,
            sampling.temperature,
            sampling.top_p,
            (sampling.seed, zlib.crc32(f"{r.question_id}/{r.language}".encode()), r.sample_index),
        )
        for r in rows
    ]
    return model.generate([prompts[r.language] for r in rows], draws, grown, should_stop)
