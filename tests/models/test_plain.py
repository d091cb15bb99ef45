"""The plain path: the same prompt and draw mean the same as on the fast one."""

from typing import Any

import pytest

from calm.models.decode import Decoder, Encoded
from calm.models.interface import Draw
from calm.models.plain import PlainDecoder
from calm.models.scoring import score_choices

CHOICES = ((40, 41, 42), (40, 41, 43, 44), (50,))
PROMPTS = [Encoded((5, 6, 7), (n, n + 1)) for n in range(20, 26)]


def never_ends(row: int, tokens: list[int]) -> bool:
    return False


@pytest.mark.parametrize(
    "draws",
    [
        [Draw(8)] * 6,
        [Draw(8, temperature=1.0, seed=(7, n)) for n in range(6)],
        [Draw(3 + n, temperature=0.7, top_p=0.8, seed=(n,)) for n in range(6)],
    ],
    ids=["greedy", "seeded", "nucleus"],
)
@pytest.mark.parametrize("choices", [(), CHOICES], ids=["free", "choices"])
def test_a_draw_gives_the_same_tokens_on_both_paths(
    tiny_model: Any, draws: list[Draw], choices: tuple[tuple[int, ...], ...]
) -> None:
    prompts = [Encoded(p.shared, p.rest, choices) for p in PROMPTS]
    fast, plain = (
        decoder(tiny_model).run(prompts, draws, never_ends, lambda: False)
        for decoder in (Decoder, PlainDecoder)
    )
    assert plain == fast
    if choices:
        assert {tuple(tokens) for tokens in plain} <= set(choices)


def test_it_tells_each_token_and_ends_a_row_when_told_to(tiny_model: Any) -> None:
    told: list[tuple[int, int]] = []

    def on_token(row: int, tokens: list[int]) -> bool:
        told.append((row, len(tokens)))
        return row == 0 and len(tokens) == 2

    got = PlainDecoder(tiny_model).run(PROMPTS[:2], [Draw(3)] * 2, on_token, lambda: False)
    assert told == [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3)]
    assert [len(tokens) for tokens in got] == [2, 3]


def test_it_stops_within_one_token_and_begins_no_other_row(tiny_model: Any) -> None:
    told: list[int] = []

    def on_token(row: int, tokens: list[int]) -> bool:
        told.append(row)
        return False

    got = PlainDecoder(tiny_model).run(PROMPTS, [Draw(9)] * 6, on_token, lambda: len(told) >= 3)
    assert told == [0, 0, 0]
    assert [len(tokens) for tokens in got] == [3, 0, 0, 0, 0, 0]


def test_what_comes_with_a_model_changes_no_draw(tiny_model: Any) -> None:
    before = PlainDecoder(tiny_model).run(PROMPTS, [Draw(6)] * 6, never_ends, lambda: False)
    tiny_model.generation_config.repetition_penalty = 9.0
    tiny_model.generation_config.eos_token_id = before[0][1]
    again = PlainDecoder(tiny_model).run(PROMPTS, [Draw(6)] * 6, never_ends, lambda: False)
    assert again == before
    assert tiny_model.generation_config.repetition_penalty == 9.0


def test_choices_score_the_same_on_both_paths(tiny_model: Any) -> None:
    choices = [CHOICES] * 6
    fast = score_choices(Decoder(tiny_model), PROMPTS, choices)
    plain = PlainDecoder(tiny_model).score(PROMPTS, choices)
    for row, own in zip(fast, plain, strict=True):
        assert row == pytest.approx(own, abs=1e-4)
