"""Records of an archive that do not fit together are refused with their place."""

import dataclasses
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calm.asking.asked import Asked
from calm.asking.store import FILES, to_line
from calm.errors import CalmError
from calm.exchange.archive import (
    ADAPTER,
    ASKED,
    MANIFEST,
    WEIGHTS,
    unpack,
)
from calm.records import Response
from tests.exchange.archives import BEFORE, made, members, nothing_is_left
from tests.free_makers import freely_asked
from tests.recorded import asked_question, write_adapter


def _first(name: str, **changes: Any) -> Callable[[dict[str, bytes]], None]:
    """Return what changes fields in the first row of a file."""

    def change(files: dict[str, bytes]) -> None:
        first, _, rest = files[f"{name}.jsonl"].partition(b"\n")
        row = json.dumps(json.loads(first) | changes)
        files[f"{name}.jsonl"] = row.encode() + b"\n" + rest

    return change


def _without_first(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files[f"{name}.jsonl"] = files[f"{name}.jsonl"].partition(b"\n")[2]

    return change


def _put(name: str, text: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.__setitem__(name, text)


BEES = asked_question()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_put("config.json", b"{"), "config.json cannot be read"),
        (_put("config.json", b"[" * 100_000), ""),
        (_put("config.json", b'{"version": 1}'), "of version 1"),
        (_put("status.json", b"{}"), "status.json: "),
        (
            _put(
                "status.json",
                b'{"stage": "train", "state": "done", "done": 0, "total": 0,'
                b'"message": "", "rate": 0, "updated_at": 1e300}',
            ),
            "no time",
        ),
        (_put("votes.jsonl", b"nonsense\n"), "votes.jsonl, line 1: not a Vote"),
        (_put("metrics.jsonl", b'{"step": "many"}\n'), "not a dict"),
        (_put("metrics.jsonl", b'{"loss": 1}\n'), "metrics.jsonl, line 1"),
        (_put("metrics.jsonl", '{"step": 1, "a\u2028": 1}\n'.encode()), "metrics.jsonl, line 1"),
        (_first("questions", text="x" * 3000), "3000 characters"),
        (_first("questions", choices=["one"]), "Give 2 to 10"),
        (_first("questions", gold=4), "gold"),
        (_first("questions", language="ja"), "ja is not one of the run's languages"),
        (_first("questions", language="tlh"), "'tlh' is not one of"),
        (_first("responses", question_id="other"), "a question that is not there"),
        (_first("responses", language="ja"), "none of the run's languages"),
        (_first("responses", choice_order=[0, 0, 1, 2]), "choice_order"),
        (_first("answers", answer=4), "an answer that the question does not have"),
        (_first("answers", answer=-1), "an answer that the question does not have"),
        (_first("answers", answer_span=[3, 10_000]), "answer_span lies outside"),
        (_first("votes", counts=[1]), "one number a choice"),
        (_first("votes", winner=9), "an answer that the question does not have"),
        (_first("votes", by_language={"en": 7}), "an answer that the question does not have"),
        (_first("votes", by_language={"ja": 0}), "none of the run's languages"),
        (_first("ballots", question_id="other"), "a question that is not there"),
        (_first("ballots", language="ja"), "none of the run's languages"),
        (_first("ballots", kind="<b>"), "not a Ballot"),
        (_first("ballots", opinion="wrong"), "'wrong' is no opinion of a thumb"),
        (_first("ballots", choice_order=[0, 0, 1, 2]), "choice_order"),
        (_first("ballots", cast_at=-1), "cast at no time"),
        (_first("pairs", chosen_language="<b>"), "none of the run's languages"),
        (_first("comparisons", base_answer=9), "an answer that the question does not have"),
        (_without_first("evaluations"), "lacks the answer of the base model"),
        (_without_first("scores"), "there is no score for"),
        (_first("scores", language="all-of-them"), "none of the run's languages"),
        (_put("adapter/adapter_config.json", b"[]"), "LoRA"),
        (_put(WEIGHTS, b"\x80\x04nonsense"), "damaged or not an adapter"),
        (_put(ASKED, b"{}\n"), "not a Asked"),
    ],
)
def test_records_that_do_not_fit_together_are_refused_with_their_place(
    packed: Path, calm_home: Path, change: Callable[[dict[str, bytes]], None], says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    change(files)
    with pytest.raises(CalmError, match=f"cannot be opened: .*{says}") as caught:
        unpack(made(packed, files))
    assert ".opening-" not in str(caught.value)
    assert nothing_is_left(calm_home)


def changed(row: Asked, **changes: Any) -> Asked:
    return dataclasses.replace(row, **changes)


def first_says(row: Asked, **changes: Any) -> tuple[Response, ...]:
    """Return the responses of a question, the first of them changed."""
    return (dataclasses.replace(row.responses[0], **changes), *row.responses[1:])


FREE = freely_asked()


@pytest.mark.parametrize("row", [BEES, FREE], ids=["with", "none"])
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (lambda row: {"vote": None}, "no vote"),
        (lambda row: {"step": "answering"}, "no vote"),
        (lambda row: {"versions": ()}, "no versions"),
        (lambda row: {"versions": row.versions * 2}, "not one question"),
        (lambda row: {"left_out": {"<script>": "x"}}, "unknown language"),
        (lambda row: {"prompts": ("x",)}, "one prompt a response"),
        (lambda row: {"responses": (), "prompts": ()}, "its vote|its options"),
        (lambda row: {"options": ()}, "an answer that the question does not have|its options"),
        (lambda row: {"responses": first_says(row, answer=7)}, "an answer that the|its options"),
        (lambda row: {"responses": first_says(row, answer=None)}, "its vote|its options"),
        (lambda row: {"responses": first_says(row, answer_span=(0, 99))}, "answer_span"),
        (lambda row: {"responses": first_says(row, choice_order=(0, 0))}, "choice_order"),
        (lambda row: {"responses": first_says(row, question_id="x")}, "a question that is not"),
        (lambda row: {"responses": first_says(row, language="ja")}, "not there|its options"),
        (lambda row: {"vote": dataclasses.replace(row.vote, winner=7)}, "an answer that the"),
        (lambda row: {"vote": dataclasses.replace(row.vote, winner=None)}, "its vote"),
        (lambda row: {"vote": dataclasses.replace(row.vote, by_language={})}, "other languages"),
        (lambda row: {"vote": dataclasses.replace(row.vote, share=2.0)}, "its vote"),
        (lambda row: {"asked_at": -1.0}, "no time"),
        (lambda row: {"asked_at": float("nan")}, "no time"),
    ],
)
def test_an_asked_question_that_does_not_fit_together_is_refused(
    packed: Path, calm_home: Path, row: Asked, changes: Callable[[Any], dict[str, Any]], says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ASKED] = to_line(changed(row, **changes(row))).encode() + b"\n"
    with pytest.raises(CalmError, match=f"cannot be opened: .*({says})"):
        unpack(made(packed, files))
    assert nothing_is_left(calm_home)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (changed(FREE, versions=FREE.versions[:1]), "not there"),
        (changed(BEES, options=FREE.options), "its options are not its choices"),
        (
            changed(
                FREE,
                options=tuple(dataclasses.replace(option, wordings=()) for option in FREE.options),
            ),
            "a group without answers",
        ),
        (
            changed(
                BEES,
                versions=(dataclasses.replace(BEES.versions[0], choices=()), *BEES.versions[1:]),
            ),
            "more choices in one language",
        ),
    ],
)
def test_options_that_are_not_those_of_the_question_are_refused(
    packed: Path, calm_home: Path, row: Asked, says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ASKED] = to_line(row).encode() + b"\n"
    with pytest.raises(CalmError, match=f"cannot be opened: .*{says}"):
        unpack(made(packed, files))
    assert nothing_is_left(calm_home)


def test_a_question_of_before_is_held_to_the_same(calm_home: Path, tmp_path: Path) -> None:
    whole = members(BEFORE / "run.zip")
    files = {name: text for name, text in whole.items() if name != MANIFEST}
    for name in FILES:
        changed_vote = files[name].replace(b'"winner": 0', b'"winner": null')
        harmed = made(tmp_path / f"{name}.zip", files | {name: changed_vote}, version=1)
        with pytest.raises(CalmError, match="its vote is not that of its answers"):
            unpack(harmed, "harmed")
    assert unpack(made(tmp_path / "whole.zip", files, version=1), "whole")


@pytest.mark.parametrize(
    "config",
    [
        {"auto_mapping": {"parent_library": "os"}},
        {"peft_type": "PROMPT_TUNING"},
        {"r": 10_000},
        {"r": "16"},
        {"target_modules": "(a+)+$"},
        {"target_modules": ["(a+)+$"]},
        {"init_lora_weights": "pissa"},
        {"modules_to_save": ["lm_head"]},
        {"megatron_core": "os"},
        {"unheard_of": 1},
    ],
)
def test_an_adapter_may_not_say_more_than_a_plain_one(
    packed: Path, tmp_path: Path, config: dict[str, Any]
) -> None:
    write_adapter(tmp_path / "adapter", config)
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ADAPTER[0]] = (tmp_path / "adapter" / "adapter_config.json").read_bytes()
    with pytest.raises(CalmError, match=r"adapter_config\.json"):
        unpack(made(packed, files))


def _weights(tensors: dict[str, Any], data: bytes = bytes(4)) -> bytes:
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + data


TENSOR = {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "weights",
    [
        b"",
        struct.pack("<Q", 1 << 62),
        _weights({"q_proj.weight": TENSOR}),
        _weights({"lora_A": TENSOR | {"data_offsets": [0, 8]}}),
        _weights({"lora_A": TENSOR | {"shape": [1 << 40, 1]}}),
        _weights({"lora_A": TENSOR | {"dtype": "object"}}),
        _weights({"lora_A": "nonsense"}),
        struct.pack("<Q", 50_000) + b"[" * 50_000,
    ],
)
def test_weights_that_are_no_lora_are_refused(packed: Path, weights: bytes) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[WEIGHTS] = weights
    with pytest.raises(CalmError, match=r"adapter_model\.safetensors"):
        unpack(made(packed, files))
