"""Public sets of the Hub, over HTTP from a small Hub on this machine, in a process of its own."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from calm.questions.public_sets import SETS
from tests.hub import Hub, serving
from tests.questions.hub_sets import MANY, WORDS, write_hub

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Asker:
    """The process that reads sets of the Hub."""

    process: "subprocess.Popen[str]"

    def read(self, name: str, *languages: str) -> dict[str, Any]:
        """Return what the process tells of a set (see `asked_sets`)."""
        assert self.process.stdin and self.process.stdout
        print(name, *languages, file=self.process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "traceback" not in told, told
        return told

    def versions(self, name: str, *languages: str) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the questions of a set by id and language."""
        groups: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for question in self.read(name, *languages)["questions"]:
            groups[question["id"]][question["language"]] = question
        return groups


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    root = tmp_path_factory.mktemp("hub")
    write_hub(root)
    with serving(root) as found:
        yield found


@pytest.fixture(scope="module")
def asker(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    home = tmp_path_factory.mktemp("home")
    known = {"HF_ENDPOINT": hub.url, "HF_HOME": str(home), "HF_HUB_ETAG_TIMEOUT": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.questions.asked_sets"],
        env={**os.environ, "HF_HUB_OFFLINE": "0", **known},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield Asker(process)


@pytest.mark.parametrize(
    ("name", "codes", "count"),
    [
        ("xcsqa", ("en", "de"), MANY),
        ("global-mmlu-lite", ("en", "de"), MANY),
        ("global-mmlu-lite:agnostic", ("en", "de"), MANY // 2),
        ("mmmlu", ("de", "zh"), MANY),
        ("belebele", ("en", "de"), MANY),
        ("medqa", ("en",), 16),
    ],
)
def test_a_set_of_the_hub_is_read_in_every_language_and_both_splits(
    name: str, codes: tuple[str, ...], count: int, asker: Asker
) -> None:
    groups = asker.versions(name, *codes)
    assert len(groups) == count
    assert {split for v in groups.values() for q in v.values() if (split := q["split"])} == {
        "train",
        "held-out",
    }
    for versions in groups.values():
        assert set(versions) == set(codes)
        assert len({question["split"] for question in versions.values()}) == 1
        for code, question in versions.items():
            assert tuple(question["choices"]) == WORDS[code][1:]
            assert question["gold"] == 1


def test_a_set_is_recorded_with_its_licence_its_commit_and_its_tasks(
    hub: Hub, asker: Asker
) -> None:
    assert asker.read("belebele", "en", "de")["record"] == {
        "set": "belebele",
        "part": "",
        "title": "Belebele",
        "licence": "CC-BY-SA-4.0",
        "source": SETS["belebele"].source,
        "revision": hub.commit("datasets/facebook/belebele"),
        "culture": "no",
        "split": "by a hash of the question",
        "languages": {"en": MANY, "de": MANY},
        "left_out": [],
        "tasks": {
            "lm-eval": {"en": "belebele_eng_Latn", "de": "belebele_deu_Latn"},
            "lighteval": {"en": "belebele_eng_Latn_cf", "de": "belebele_deu_Latn_cf"},
        },
    }


def test_a_passage_stands_before_its_question_and_is_in_one_split(asker: Asker) -> None:
    groups = asker.versions("belebele", "en", "de")
    splits = defaultdict(set)
    for identity, versions in groups.items():
        passage, _, question = versions["en"]["text"].partition(". ")
        assert passage.startswith(f"{WORDS['en'][0]}: ") and question.endswith("?")
        splits[passage].add(versions["en"]["split"])
        assert identity.count("-") == 2
    assert len(splits) == MANY // 2
    assert all(len(found) == 1 for found in splits.values())


def test_a_part_is_in_the_splits_of_the_whole(asker: Asker) -> None:
    whole = asker.versions("global-mmlu-lite", "en")
    parts = [asker.versions(f"global-mmlu-lite:{part}", "en") for part in ("agnostic", "sensitive")]
    assert {**parts[0], **parts[1]} == whole
    assert not set(parts[0]) & set(parts[1])


def test_options_that_each_language_shuffles_are_brought_into_one_order(asker: Asker) -> None:
    groups = asker.versions("polyfact-clean", "en", "de")
    assert {question["split"] for v in groups.values() for question in v.values()} == {
        "train",
        "held-out",
    }
    for versions in groups.values():
        places = [WORDS["en"].index(word) for word in versions["en"]["choices"]]
        assert [WORDS["de"].index(word) for word in versions["de"]["choices"]] == places
        assert versions["en"]["gold"] == versions["de"]["gold"] == places.index(2)


def test_what_a_set_has_in_both_splits_is_held_out_only(asker: Asker) -> None:
    groups = asker.versions("polyfact-clean", "en")
    held_out = {i for i, versions in groups.items() if versions["en"]["split"] == "held-out"}
    assert held_out == {f"polyfact-Q{number}|P36|Q2" for number in range(79, 84)}
    assert 0 < len(groups) - len(held_out) < 30


def test_a_set_that_is_not_parallel_has_other_questions_in_each_language(asker: Asker) -> None:
    told = asker.read("include", "zh", "de")
    assert len({question["id"] for question in told["questions"]}) == 2 * MANY
    assert "agree more, that may be wrong here" in told["said"][-1]


def test_facts_of_the_hub_come_as_files(asker: Asker) -> None:
    groups = asker.versions("klar", "es")
    assert len(groups) == 4
    assert all(set(versions) == {"es"} for versions in groups.values())


def test_a_language_that_the_hub_s_set_lacks_is_left_to_translation(asker: Asker) -> None:
    assert {q["language"] for q in asker.read("mmmlu", "en", "de")["questions"]} == {"de"}


def test_a_set_that_cannot_be_had_is_told(hub: Hub, asker: Asker) -> None:
    hub.behaviour["datasets/openai/MMMLU"] = "gated"
    try:
        assert "cannot be had from the Hugging Face Hub" in asker.read("mmmlu", "ja")["refused"]
    finally:
        del hub.behaviour["datasets/openai/MMMLU"]
