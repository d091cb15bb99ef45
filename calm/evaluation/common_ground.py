"""Whether a vote across these languages means anything: do they agree beyond chance? No labels.

Languages that know nothing in common agree as often as dice do. Their vote then has winners, large
shares even, and teaches noise: a model that speaks one language only is the plain case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calm.evaluation.metrics import UNREADABLE
from calm.intervals import can_tell
from calm.records import Vote

SLIGHT = 0.2
"""Agreement beyond chance up to here is slight (Landis and Koch, Biometrics, 1977)."""
RESAMPLES = 500


@dataclass(frozen=True)
class CommonGround:
    """How far languages agree beyond chance: 0 is chance, 1 always."""

    value: float
    low: float
    high: float
    """Its 95% interval, from questions drawn anew."""
    alone: tuple[str, ...]
    """Languages that agree with the others no more than chance does, as far as can be told."""
    questions: int

    @property
    def is_slight(self) -> bool:
        """Whether the languages surely agree no more than slightly, so that a vote is noise."""
        return self.high < SLIGHT


def common_ground(votes: Sequence[Vote]) -> CommonGround | None:
    """Return how far the languages' own pluralities agree; `None` for too little to tell.

    The mean of Cohen's kappa (Educational and Psychological Measurement, 1960) over all pairs of
    languages. A language without a plurality on a question agrees with nobody there.
    """
    codes = list(dict.fromkeys(code for vote in votes for code in vote.by_language))
    if not can_tell(len(votes)) or len(codes) < 2:
        return None
    answers = np.array(
        [
            [UNREADABLE if (a := vote.by_language.get(code)) is None else a for code in codes]
            for vote in votes
        ]
    )
    drawn = np.random.default_rng(0).integers(0, len(votes), size=(RESAMPLES, len(votes)))
    kappas = _pairwise(answers)
    resampled = np.stack([_pairwise(answers[rows]) for rows in drawn])
    above = np.triu_indices(len(codes), 1)
    low, high = np.percentile(resampled[:, above[0], above[1]].mean(1), [2.5, 97.5])
    with_others = np.percentile(_of_each(resampled), 97.5, axis=0)
    lonely = [code for code, most in zip(codes, with_others, strict=True) if most < SLIGHT]
    return CommonGround(
        round(float(kappas[above].mean()), 6),
        round(float(low), 6),
        round(float(high), 6),
        tuple(lonely),
        len(votes),
    )


def _pairwise(answers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return Cohen's kappa of every two languages, (languages, languages); 1 on the diagonal."""
    size = int(max(answers.max(), 0)) + 1
    given = (answers[:, :, None] == np.arange(size)).astype(float)
    observed = np.einsum("qac,qbc->ab", given, given) / len(answers)
    shares = given.mean(0)
    expected = shares @ shares.T
    room = np.where(expected < 1, 1 - expected, 1.0)
    kappa: npt.NDArray[np.float64] = np.where(expected < 1, (observed - expected) / room, 1.0)
    np.fill_diagonal(kappa, 1.0)
    return kappa


def _of_each(kappas: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the mean agreement of each language with the others, (..., languages)."""
    others = kappas.shape[-1] - 1
    mean: npt.NDArray[np.float64] = (kappas.sum(-1) - 1) / others
    return mean
