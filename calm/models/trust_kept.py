"""Which way a model goes, as a record that is kept: for the same weights, settings and code.

What `calm.models.trust` tried once need not be tried at every start. Anything that could change
the outcome is part of a model's identity here, our own code among it.
"""

import contextlib
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from calm.paths import keep, read_kept

Way = Literal["fast", "plain"]
Training = Literal["fast", "plain", "none"]
FILE = "trust.json"
"""Where it is kept, in CALM Studio's folder."""


@dataclass(frozen=True)
class Trust:
    """Which way a model goes in decoding, in scoring choices and in training, and why."""

    decode: Way = "fast"
    scores: Way = "fast"
    training: Training = "fast"
    """ "none" where this model can answer, but cannot be trained here."""
    why: str = ""
    """A sentence for each plain way; empty where all are fast."""

    @property
    def path(self) -> Way:
        """Return "fast" where everything is, else "plain"."""
        return "fast" if {self.decode, self.scores, self.training} == {"fast"} else "plain"


def identity(model: Any) -> str:
    """Return a name for the model as it is: weights, settings, precision, and what computes it."""
    config = model.config.get_text_config()
    parts = [
        type(model).__name__,
        config.to_json_string(use_diff=False),
        str(config._attn_implementation),
        *(f"{name} {version(name)}" for name in ("torch", "transformers")),
        _our_code(),
        str(model.device.type),
    ]
    for name, weights in model.named_parameters():
        start = weights.detach().flatten()[:4].float().tolist()
        parts.append(f"{name} {tuple(weights.shape)} {weights.dtype} {start}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def _our_code() -> str:
    """Return a name for the code of the paths, so that a change in it is tried anew."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


_KNOWN: dict[str, Trust] = {}


def remembered() -> Mapping[str, Trust]:
    """Return what was found before, by identity; a file that cannot be read is as none."""
    if not _KNOWN:
        with contextlib.suppress(TypeError, AttributeError):
            _KNOWN.update({key: Trust(**row) for key, row in read_kept(FILE).items()})
    return _KNOWN


def remember(key: str, found: Trust) -> None:
    """Keep what was found of a model of this identity."""
    _KNOWN[key] = found
    keep(FILE, {known: asdict(row) for known, row in _KNOWN.items()})
