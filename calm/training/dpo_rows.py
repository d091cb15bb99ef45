"""Preference pairs as the rows that DPO is trained on: token ids, and the order they come in."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from datasets import Dataset, disable_progress_bars
from torch.utils.data import Sampler

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.messages import Message, message
from calm.models.causal_lm import CausalLM
from calm.models.encoding import Encoding, Tokens
from calm.records import PreferencePair
from calm.training.dpo_weights import WEIGHT


@dataclass(frozen=True)
class TokenPair:
    """A preference pair as the token ids that it is trained on."""

    question_id: str
    prompt: Tokens
    chosen: Tokens
    rejected: Tokens
    share: float = 1.0
    """That of its vote."""

    @property
    def rows(self) -> tuple[Tokens, Tokens]:
        """What goes through the model."""
        return self.prompt + self.chosen, self.prompt + self.rejected

    @property
    def length(self) -> int:
        return max(map(len, self.rows))


def token_pairs(
    encoding: Encoding, pairs: Sequence[PreferencePair], shares: Sequence[float] = ()
) -> list[TokenPair]:
    """Return the pairs as token ids, in their order; without `shares` each is 1."""
    return [
        TokenPair(pair.question_id, *encoding.row(pair.prompt, pair.chosen, pair.rejected), share)
        for pair, share in zip(pairs, shares or [1.0] * len(pairs), strict=True)
    ]


def fitting(
    language_model: CausalLM,
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    report: Callable[[Message], None],
    shares: Sequence[float] = (),
) -> list[TokenPair]:
    """Return the pairs that are not too long, with their shares, and report how many are.

    Raises CalmError where none is left.
    """
    rows = token_pairs(language_model.encoding, pairs, shares)
    given = (config.max_length, language_model.most_tokens)
    most = min((limit for limit in given if limit is not None), default=None)
    kept = [row for row in rows if most is None or row.length <= most]
    if not kept:
        raise CalmError(
            "pairs.too-long", count=len(rows), most=most, shortest=min(row.length for row in rows)
        )
    if len(kept) < len(rows):
        left_out = len(rows) - len(kept)
        report(message("log.pairs-left-out", count=left_out, total=len(rows), most=most))
    return kept


def preference_dataset(rows: Sequence[TokenPair], weights: Sequence[float] = ()) -> Dataset:
    """Return the pairs as TRL's own preference data after it has been made token ids.

    Where there are `weights`, they are a column besides.
    """
    disable_progress_bars()
    made = Dataset.from_list(
        [
            {"prompt_ids": row.prompt, "chosen_ids": row.chosen, "rejected_ids": row.rejected}
            for row in rows
        ]
    )
    return made.add_column(WEIGHT, list(weights)) if weights else made


class QuestionSampler(Sampler[int]):
    """Yields the places of all pairs, those of one question together, anew in every epoch.

    The first `epochs` orders are left out: they were gone through before.
    """

    def __init__(self, question_ids: Sequence[str], seed: int, epochs: int = 0) -> None:
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, identity in enumerate(question_ids):
            self._places[identity].append(place)
        self._chance = random.Random(seed)
        for _ in range(epochs):
            self._order()

    def __len__(self) -> int:
        return sum(map(len, self._places.values()))

    def __iter__(self) -> Iterator[int]:
        return (place for identity in self._order() for place in self._places[identity])

    def _order(self) -> list[str]:
        order = list(self._places)
        self._chance.shuffle(order)
        return order
