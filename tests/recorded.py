"""Records of a finished run, made without a model, for everything that replays them."""

import json
import struct
from pathlib import Path
from typing import Any

from calm.asking.asked import Asked, voted
from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.evaluation.common_ground import CommonGround
from calm.evaluation.model_check import CheckedModel
from calm.pairs.edits import with_edit
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.records import ModelRecord, Question, Response
from calm.runs.folder import Run, create_run
from tests.ballot_makers import consensus, thumb
from tests.fakes import FakeModel

CHOICES = {
    "en": ["ant", "bee", "cow", "dog"],
    "fr": ["fourmi", "abeille", "vache", "chien"],
    "ar": ["نملة", "نحلة", "بقرة", "كلب"],
}
TRAIN, HELD_OUT = 4, 3


def question_rows() -> list[dict[str, Any]]:
    return [
        {
            "id": f"q{n}",
            "split": "train" if n < TRAIN else "held-out",
            "language": code,
            "text": f"{code}: which animal is number {n}?",
            "choices": choices,
            "gold": n % 4,
        }
        for n in range(TRAIN + HELD_OUT)
        for code, choices in CHOICES.items()
    ]


def recorded_settings(folder: Path) -> RunConfig:
    """Return the settings of a small run on a question file that this writes."""
    file = folder / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in question_rows()), encoding="utf-8")
    return RunConfig(
        model="fake",
        question_set=str(file),
        languages=tuple(CHOICES),
        sampling=SamplingConfig(num_samples=3, questions_per_batch=2),
        pairs=PairsConfig(min_vote_share=0.25),
    )


MODEL_RECORD = ModelRecord(
    name="fake",
    base="",
    files={"model.safetensors": "00"},
    precision="auto",
    dtype="bfloat16",
    faster="bf16",
    reason="a product takes 1 ms in bf16 and 2 ms in fp32",
    attention="sdpa",
    chat_template="",
    trust="",
    versions={"torch": "2"},
)
CHECKED_MODEL = CheckedModel(
    record=MODEL_RECORD,
    kind="chat",
    thinking="switch",
    parameters=135_000_000,
    gb_to_ask=1.04,
    gb_to_train=2.0,
    gb_measured=1.26,
    tokens_a_character={"en": 0.25, "zh": 1.5},
    asked=10,
    readable={"en": 9, "zh": 2},
    right={"en": 5, "zh": 0},
    agreement=CommonGround(0.02, -0.1, 0.15, ("zh",), 10),
    seconds_an_answer=1.234,
)


def finished_run(name: str, folder: Path) -> Run:
    """Return a run whose model is a fake one and whose adapter is a single small tensor."""
    run = create_run(name, recorded_settings(folder))
    write_adapter(run.adapter)
    align(Context(run, _model=FakeModel()))
    asked = {"question_id": "q0", "question": "en: which animal is number 0?", "choice_order": ()}
    run.write("ballots", [thumb("up", "ant", **asked), consensus("wrong", "bee", **asked)])
    run.write("untranslated", [])
    run.write("pair_edits", with_edit([], run.rows("pairs")[0], "swap"))
    run.write_model_record(MODEL_RECORD)
    run.append_json("metrics", {"step": 1, "loss": 0.7})
    run.append_json("metrics", {"step": 2, "loss": 0.6})
    return run


def write_adapter(folder: Path, config: dict[str, Any] | None = None) -> None:
    """Write an adapter as PEFT saves it, with two numbers in it."""
    plain = {"peft_type": "LORA", "r": 16, "target_modules": ["q_proj"], "auto_mapping": None}
    folder.mkdir(parents=True, exist_ok=True)
    made_for = {"base_model_name_or_path": "/somewhere/models/fake"}
    (folder / "adapter_config.json").write_text(json.dumps(plain | made_for | (config or {})))
    tensor = {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}
    header = json.dumps({"q_proj.lora_A.weight": tensor}).encode()
    weights = struct.pack("<Q", len(header)) + header + b"\0\0\x80\x3f"
    (folder / "adapter_model.safetensors").write_bytes(weights)


def asked_question(text: str = "What do bees make?", asked_at: float = 1000.0) -> Asked:
    """Return a question that two languages answered twice each, three times with honey."""
    versions = (
        Question("bees", "en", text, ("honey", "milk"), 0),
        Question("bees", "fr", "Que font les abeilles ?", ("du miel", "du lait"), 0),
    )
    responses = tuple(
        Response("bees", q.language, n, "fake", q.choices[a], (0, 1), a, (0, len(q.choices[a])))
        for q, answers in zip(versions, ((0, 0), (0, 1)), strict=True)
        for n, a in enumerate(answers)
    )
    asked = Asked(
        "done",
        "fake",
        sampling=SamplingConfig(num_samples=2),
        versions=versions,
        responses=responses,
        prompts=tuple(f"{row.language} prompt" for row in responses),
        asked_at=asked_at,
    )
    return voted(asked)
