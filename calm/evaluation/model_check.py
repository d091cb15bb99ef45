"""What works with a model, before anyone samples or trains: kind, precision, memory, languages."""

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calm.answers.choice import extract
from calm.answers.sample import draw_responses
from calm.config import BUILT_IN, SamplingConfig, TrainConfig
from calm.evaluation.common_ground import CommonGround, common_ground
from calm.languages.table import LANGUAGES, language
from calm.model_names import called
from calm.models.interface import LanguageModel
from calm.questions.sets import by_id, load_questions
from calm.records import ModelRecord, Question, Vote

QUESTIONS = 10
"""Of the built-in set, spread over it."""
ASKED_IN = ("en", "zh")
ONE_ANSWER = SamplingConfig(num_samples=1, temperature=0.0)
GB = 1 << 30


@dataclass(frozen=True)
class CheckedModel:
    """What was found about a model."""

    record: ModelRecord
    kind: str
    """`chat` or `base`."""
    thinking: str
    """`none`, `switch` where the chat template has one, or `always` where it opens a thought."""
    parameters: int
    gb_to_ask: float
    gb_to_train: float
    """Estimates, in GiB."""
    gb_measured: float
    """The largest memory of this process until the answers were there, in GiB."""
    tokens_a_character: dict[str, float]
    """By language, in the instruction that chat models get."""
    asked: int
    """Questions in each language of `readable`."""
    readable: dict[str, int]
    """How many answers could be read, by language."""
    right: dict[str, int]
    """How many of them were right."""
    agreement: CommonGround | None
    """How far these languages agree beyond chance: what a vote across them would rest on."""
    seconds_an_answer: float


def check_model(
    name: str,
    languages: Sequence[str] = ASKED_IN,
    report: Callable[[str], None] = lambda line: None,
) -> CheckedModel:
    """Load a model, ask it a few questions, and say what it is like.

    Raises CalmError where it cannot be used, or for a language that the built-in set lacks.
    """
    from calm.models.loading import load_model

    report(f"loading {called(name)}")
    model = load_model(name)
    report(f"asking {QUESTIONS} questions in {', '.join(languages)}")
    return checked(model, languages)


def checked(model: Any, languages: Sequence[str] = ASKED_IN) -> CheckedModel:
    """Return what a loaded model is like, asking it a few questions in each language."""
    from calm.evaluation import model_facts as facts
    from calm.models.identity import record_of

    answered, seconds = answers(model, languages)
    golds = [question.gold for question in answered]
    said = {code: [row.get(code) for row in answered.values()] for code in languages}
    texts = {code: row.instruction for code, row in LANGUAGES.items()}
    return CheckedModel(
        record=record_of(model),
        kind=facts.kind(model),
        thinking=facts.thinking(model),
        parameters=facts.parameters(model),
        gb_to_ask=facts.bytes_to_ask(model) / GB,
        gb_to_train=facts.bytes_to_train(model, TrainConfig()) / GB,
        gb_measured=_peak_bytes() / GB,
        tokens_a_character=facts.tokens_a_character(model, texts),
        asked=QUESTIONS,
        readable={code: sum(a is not None for a in rows) for code, rows in said.items()},
        right={
            code: sum(a is not None and a == g for a, g in zip(rows, golds, strict=True))
            for code, rows in said.items()
        },
        agreement=common_ground([_vote(answers) for answers in answered.values()]),
        seconds_an_answer=seconds,
    )


def answers(
    model: LanguageModel, languages: Sequence[str]
) -> tuple[dict[Question, dict[str, int | None]], float]:
    """Ask the questions; return what each language answers, and seconds an answer.

    A question stands for all its versions by its first one.
    """
    groups = by_id(load_questions(BUILT_IN, languages))
    ids = list(groups)
    chosen = {i: groups[i] for i in (ids[n * len(ids) // QUESTIONS] for n in range(QUESTIONS))}
    asked = [question for versions in chosen.values() for question in versions.values()]
    start = time.monotonic()
    responses = list(extract(draw_responses(model, asked, ONE_ANSWER), chosen))
    seconds = (time.monotonic() - start) / len(asked)
    found: dict[str, dict[str, int | None]] = {i: {} for i in chosen}
    for row in responses:
        found[row.question_id][row.language] = row.answer
    return {next(iter(chosen[i].values())): said for i, said in found.items()}, seconds


def as_text(found: CheckedModel) -> list[str]:
    """Return what was found as lines for a terminal."""
    record = found.record
    lines = {
        "model": f"{record.name}{f' on {record.base}' if record.base else ''}, "
        f"{found.parameters / 1e6:,.0f} million parameters",
        "asked as": f"{found.kind} model; thinking: {found.thinking}",
        "computes by": record.trust,
        "precision": f"{record.dtype} ({record.reason})",
        "memory": f"about {found.gb_to_ask:.1f} GiB to ask ({found.gb_measured:.1f} measured), "
        f"some {found.gb_to_train:.0f} GiB to train",
        "speed": f"{found.seconds_an_answer:.2g} s an answer",
        "answers": ", ".join(
            f"{language(code).name} {found.readable[code]} of {found.asked} readable, "
            f"{found.right[code]} right"
            for code in found.readable
        ),
        "agreement": _agreement(found.agreement),
        "tokens a character": ", ".join(
            f"{code} {tokens:.2f}" for code, tokens in found.tokens_a_character.items()
        ),
    }
    return [f"{name}: {text}" for name, text in lines.items() if text]


def _agreement(found: CommonGround | None) -> str:
    if found is None:
        return ""
    told = f"{found.value:.2f} beyond chance ({found.low:.2f} to {found.high:.2f})"
    return f"{told}: a vote across these languages is noise" if found.is_slight else told


def _vote(said: Mapping[str, int | None]) -> Vote:
    """Return what the languages said as a vote that nobody has counted."""
    return Vote("", "plurality", (), (), 0, None, 0.0, 0.0, 0.0, dict(said))


def _peak_bytes() -> int:
    """Return the most memory that this process has held; macOS tells it in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
