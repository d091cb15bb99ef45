"""How far a training has come, kept beside the run: what was cut off goes on from the same step.

A training is cut off by whoever stops it, by a machine that ends, and where a GPU is lent for a
minute at a time. What is kept is what TRL's trainer needs to go on exactly: the adapter, the
optimiser's state, the random numbers; and of what training it is, so that no other goes on with it.
"""

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from calm.model_names import SETTINGS, WEIGHTS

FOLDER = "checkpoint"
STATE = "trainer_state.json"
MARK = "training.json"
"""Says of what training it is."""
FILES = (SETTINGS, WEIGHTS, "optimizer.pt", "scheduler.pt", "rng_state.pth", STATE, MARK)
"""All that is kept; a pickled file of settings and a card with paths of this machine are not."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a training is kept, and which training that is."""

    folder: Path
    mark: str
    """Names its pairs, its settings and its model: another training has another one."""

    @property
    def step(self) -> int:
        """The steps that have been trained; 0 where nothing of this training is kept."""
        try:
            kept = json.loads((self.folder / MARK).read_bytes())
            step = json.loads((self.folder / STATE).read_bytes())["global_step"]
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        is_ours = kept == {"mark": self.mark} and isinstance(step, int)
        return step if is_ours and all((self.folder / name).is_file() for name in FILES) else 0

    def keep(self, saved: Path) -> None:
        """Put what the trainer saved in the place of what was kept before, as a whole."""
        (saved / MARK).write_text(json.dumps({"mark": self.mark}) + "\n", encoding="utf-8")
        for file in saved.iterdir():
            if file.name not in FILES:
                file.unlink()
        discard(self.folder)
        saved.rename(self.folder)


def discard(folder: Path) -> None:
    """Remove what is kept of a training, if anything; half of it is never found."""
    gone = folder.with_name(f".{folder.name}-gone")
    shutil.rmtree(gone, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
