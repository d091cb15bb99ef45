"""A choice is found in another spelling, and never where another word stands."""

import pytest

from calm.answers.respelt import spelt_at
from calm.languages.simplified import simplified

SAME = [
    ("CO2", "CO₂"),
    ("x^2", "x²"),
    ("well-known", "well‑known"),
    ("café", "cafe"),
    ("cafe", "café"),
    ("Straße", "Strasse"),
    ("Äpfel", "Aepfel"),
    ("cœur", "coeur"),
    ("ёлка", "елка"),
    ("مدرسة", "مَدْرَسَة"),
    ("ताँबा", "तांबा"),
    ("col\u200bours", "colours"),
    ("colours", "col\u00adours"),
    ("1440", "1,440"),
    ("125000", "1,25,000"),
    ("1500", "1.500"),
    ("2,5", "2.5"),
    ("12", "१२"),
    ("-5", "−5"),
    ("-5", "- 5"),
    ("-5", "minus 5"),
    ("-5", "moins 5"),
    ("-5", "负5"),
    ("ＤＮＡ", "DNA"),
    ("l'eau", "l’eau"),
]
OTHERS = [
    ("5", "-5"),
    ("-5", "5"),
    ("15", "1.5"),
    ("1440", "144"),
    ("लोहा", "लोहे"),
    ("mercury", "mercur"),
    ("が", "か"),
]


@pytest.mark.parametrize(("choice", "written"), SAME)
def test_a_choice_is_found_in_another_spelling_and_to_its_end(choice: str, written: str) -> None:
    assert spelt_at(f"Answer: {written}. So", 8, (choice,)) == {0: 8 + len(written)}


@pytest.mark.parametrize(("choice", "written"), OTHERS)
def test_another_word_or_number_is_no_spelling_of_a_choice(choice: str, written: str) -> None:
    assert spelt_at(written, 0, (choice,)) == {}


def test_the_article_of_a_choice_may_be_another_where_there_is_one() -> None:
    assert spelt_at("La bibliothèque", 3, ("une bibliothèque",)) == {0: 15}
    assert spelt_at("bibliothèque", 0, ("une bibliothèque",)) == {}


def test_traditional_characters_become_simplified_ones_in_the_same_places() -> None:
    assert simplified("答案：圖書館，不是銀行。A") == "答案：图书馆，不是银行。A"
    assert simplified("a\nb") == "a\nb"
