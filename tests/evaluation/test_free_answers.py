"""What can be told of free answers: the choice in them, their language, and what they repeat."""

import pytest

from calm.evaluation.free_answers import choices_in, free_answer, is_in_language, repetition
from calm.records import Question

OXYGEN = Question("o", "en", "Which gas keeps people alive?", ("oxygen", "neon", "heavy neon"), 0)
SPIDER = Question("s", "en", "How many legs does a spider have?", ("6", "8", "18"), 1)
VERSIONS = {
    "en": Question("b", "en", "Which animal makes honey?", ("ant", "bee", "cow"), 1),
    "fr": Question("b", "fr", "Quel animal fait le miel ?", ("fourmi", "abeille", "vache"), 1),
    "ja": Question("b", "ja", "はちみつを作る動物はどれですか？", ("アリ", "ミツバチ", "ウシ"), 1),
    "zh": Question("b", "zh", "哪种动物会酿蜜？", ("蚂蚁", "蜜蜂", "奶牛"), 1),
    "ar": Question("b", "ar", "أي حيوان يصنع العسل؟", ("النملة", "النحلة", "البقرة"), 1),
}


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (OXYGEN, " oxygen", 0),
        (OXYGEN, "It is Oxygen, of course.", 0),
        (OXYGEN, "heavy neon", 2),
        (OXYGEN, "neon or oxygen", None),
        (OXYGEN, "deoxygenated", None),
        (OXYGEN, "Argon.", None),
        (OXYGEN, "", None),
        (OXYGEN, "<think>oxygen", None),
        (SPIDER, "eight", 1),
        (SPIDER, "18", 2),
        (SPIDER, "1888", None),
        (VERSIONS["fr"], "L'abeille.", 1),
        (VERSIONS["ja"], "ミツバチです。", 1),
        (VERSIONS["zh"], "是蜜蜂。", 1),
        (VERSIONS["ar"], "إنها النحلة", 1),
    ],
)
def test_the_choice_that_stands_alone_in_an_answer_is_read(
    question: Question, text: str, answer: int | None
) -> None:
    assert free_answer(text, question) == answer


def test_of_choices_that_overlap_the_longer_one_stands_there() -> None:
    assert choices_in("heavy neon and heavy neon", OXYGEN) == {2}


@pytest.mark.parametrize(
    ("code", "text", "is_in"),
    [
        ("en", "bee", True),
        ("en", "abeille", False),
        ("fr", "abeille", True),
        ("fr", "bee", False),
        ("fr", "The animal that makes honey is certainly the small yellow insect", False),
        ("fr", "C'est un petit insecte jaune et noir qui vit dans une ruche", True),
        ("ja", "bee", False),
        ("ja", "the insects", False),
        ("ja", "DNA", True),
        ("ja", "ミツバチ", True),
        ("ja", "蜜蜂", False),
        ("ja", "東京", True),
        ("ja", "蜜蜂是一种会酿蜜的昆虫", False),
        ("zh", "ミツバチです", False),
        ("zh", "一种昆虫", True),
        ("ar", "النحلة", True),
        ("ar", "bee", False),
        ("en", "النحلة", False),
        ("en", "пчела", False),
        ("en", "", True),
    ],
)
def test_an_answer_in_another_language_is_told(code: str, text: str, is_in: bool) -> None:
    assert is_in_language(text, VERSIONS[code], list(VERSIONS.values())) == is_in


@pytest.mark.parametrize(
    ("text", "code", "share"),
    [
        ("a bee", "en", 0.0),
        ("the bee makes the honey", "en", 0.0),
        ("no no no no no no", "en", 2 / 3),
        ("一二三四一二三四", "zh", 1 / 5),
        ("はははははは", "ja", 2 / 3),
    ],
)
def test_repeated_pieces_of_four_are_a_share_of_all(text: str, code: str, share: float) -> None:
    assert repetition(text, code) == pytest.approx(share)
