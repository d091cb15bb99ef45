"""The precision that `auto` takes is the one that was measured to be faster, once a machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from calm.models import precision
from calm.models.loading import load_model


def put(calm_home: Path, bf16: float, fp32: float) -> None:
    calm_home.mkdir(exist_ok=True)
    times = {precision.machine_name(): {"bf16": bf16, "fp32": fp32}}
    (calm_home / "precision.json").write_text(json.dumps(times))


CHOICES = {(1.0, 2.0): "bf16", (1.0, 1.0): "bf16", (2.0, 1.0): "fp32"}


@pytest.mark.parametrize(("times", "chosen"), CHOICES.items())
def test_bf16_is_taken_where_it_is_at_least_as_fast(
    calm_home: Path, tiny_gemma: Path, times: tuple[float, float], chosen: str
) -> None:
    put(calm_home, *times)
    assert precision.faster_precision() == chosen
    assert load_model(str(tiny_gemma)).model.dtype == precision.DTYPES[chosen]
    other = "fp32" if chosen == "bf16" else "bf16"
    assert load_model(str(tiny_gemma), "auto", other).model.dtype == precision.DTYPES[other]
    assert load_model(str(tiny_gemma), "nf4").model.dtype == precision.DTYPES[chosen]


def test_it_is_measured_once_and_kept(calm_home: Path) -> None:
    first = precision.measured()
    assert set(first) == {"bf16", "fp32"}
    assert precision.measured() == first
    assert json.loads((calm_home / "precision.json").read_text()) == {
        precision.machine_name(): first
    }


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": {"bf16": 1}}', '{"x": 3}'])
def test_a_broken_file_is_measured_anew(calm_home: Path, text: str) -> None:
    calm_home.mkdir()
    (calm_home / "precision.json").write_text(text)
    assert min(precision.measured().values()) > 0


def test_a_home_that_cannot_be_written_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CALM_HOME", str(tmp_path / "file" / "home"))
    assert precision.faster_precision() in precision.DTYPES


def test_where_bf16_is_only_imitated_fp32_is_taken(calm_home: Path) -> None:
    """The instructions are forbidden to a process of its own, which must not take its parent's."""
    put(calm_home, 1.0, 2.0)
    code = "from calm.models.precision import faster_precision as f, reason; print(f(), reason())"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "avx512f" not in precision.machine_name():
        pytest.skip("this processor has no AVX-512 to begin with")
    assert said.startswith("fp32 a product takes")
