"""How far the languages agree on one question, in numbers and drawn."""

import pytest

from ui.parts.gauge import agreeing_pairs, consistency_gauge


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({"en": 0, "fr": 0, "ar": 0}, (3, 3)),
        ({"en": 0, "fr": 0, "ar": 1}, (1, 3)),
        ({"en": 0, "fr": None, "ar": None}, (0, 3)),
        ({"en": 0}, (0, 0)),
    ],
)
def test_pairs_agree_that_give_the_same_answer(own: dict[str, int | None], found: tuple[int, int]):
    assert agreeing_pairs(own) == found


def test_the_number_that_is_drawn_can_also_be_read():
    gauge = consistency_gauge({"en": 0, "fr": 0, "ar": 1})
    assert 'stroke-dasharray="33 200"' in gauge
    assert "Consistency" in gauge
    assert "1 of 3 pairs of languages give the same answer" in gauge


def test_no_agreement_leaves_the_dial_empty():
    assert "dasharray" not in consistency_gauge({"en": 0, "fr": 1})


def test_one_language_has_nobody_to_agree_with():
    assert consistency_gauge({"en": 0}) == ""
