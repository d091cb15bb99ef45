"""What the page shows of a question without choices."""

import re

from calm.voting.groups import Pivoted
from tests.free_makers import found as asked
from tests.free_makers import growing, pivot
from tests.ui.honey import EVIL
from ui.asking.cards import answer_cards
from ui.asking.panel import vote_panel


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def test_the_banner_says_the_largest_group_its_share_and_how_many_languages_agree() -> None:
    shown = words(vote_panel(asked({"en": ["8", "8"], "de": ["8"], "fr": ["6"]})))
    assert shown.startswith("8 3 of 4 votes (75%). Too few votes to tell. 2 of 3 languages agree.")


def test_a_tie_has_no_winner() -> None:
    shown = words(vote_panel(asked({"en": ["8"], "de": ["6"]})))
    assert shown.startswith("No winner: the vote is tied “6” and “8” have 1 vote each of 2.")


def test_each_group_names_its_words_by_language_and_who_translated_them() -> None:
    shown = vote_panel(asked({"en": ["bees"], "zh": ["蜜蜂"]}, pivot("zh", "蜜蜂", "bee")))
    assert "Chinese 蜜蜂" in words(shown)
    assert 'title="bee: translated by the model itself, there and back"' in shown


def test_what_could_not_be_compared_is_listed_with_its_reason() -> None:
    tried = Pivoted(None, None, "no way back", ("quack", "Quak"))
    shown = words(
        vote_panel(asked({"en": ["bees", ""], "de": ["Quux", "Quux"]}, {("de", "Quux"): tried}))
    )
    assert "3 responses could not be compared." in shown
    assert "German Quux ×2 The model translated it as “quack” and that back as “Quak”" in shown
    assert "English It says nothing." in shown


def test_many_groups_fold_away() -> None:
    shown = vote_panel(asked({"en": [str(n) for n in range(12)]}))
    assert "4 more groups" in shown
    assert shown.count('<i class="swatch none"') == 4 + 1  # and English, which is tied


def test_a_card_shows_each_response_with_its_answer_marked_and_its_group() -> None:
    shown = answer_cards(asked({"en": ["It is 8. I counted.", "8"], "fr": ["8"], "de": ["6"]}))
    assert "It is <mark>8</mark>. I counted." in shown
    assert shown.count('id="card-') == 3
    assert "disagrees with the vote" in words(shown)


def test_while_it_is_asked_the_cards_fill_and_the_banner_says_what_is_done() -> None:
    seen = growing("answering", {"en": ["8"], "fr": ["", ""]})
    assert "The model is answering." in vote_panel(seen)
    assert 'aria-busy="true"' in answer_cards(seen)
    assert "swatch" not in answer_cards(seen)
    translating = growing("translating", {"en": ["8"]}, at="fr")
    assert "Putting the question into French." in vote_panel(translating)


def test_a_language_left_out_is_said_with_its_reason() -> None:
    shown = vote_panel(asked({"en": ["8"]}, left_out={"sw": "No words."}))
    assert "Swahili is left out. No words." in shown


def test_what_models_and_people_write_can_only_be_read() -> None:
    said = {"en": [EVIL], "de": [EVIL], "fr": ["or"]}
    tried = {("fr", "or"): Pivoted(None, None, "no way back", (EVIL, EVIL))}
    tried |= {("de", EVIL): Pivoted(EVIL, "model")}
    seen = asked(said, tried, left_out={"sw": EVIL})
    assert "<img" not in vote_panel(seen) + answer_cards(seen)


def test_the_cards_name_their_language_as_those_with_choices_do() -> None:
    assert '<span class="badge" aria-hidden="true">de</span>' in answer_cards(asked({"de": ["6"]}))


def test_the_banner_shows_how_consistent_the_languages_are() -> None:
    shown = words(vote_panel(asked({"en": ["8"], "de": ["8"], "fr": ["6"]})))
    assert "1 of 3 pairs of languages give the same answer" in shown


def test_one_language_alone_agrees_with_nobody() -> None:
    assert "Only one language was asked." in words(vote_panel(asked({"en": ["8", "8"]})))


def test_an_answer_stands_beside_the_reader_s_words_for_it_where_there_are_any() -> None:
    shown = answer_cards(asked({"en": ["bees"], "zh": ["蜜蜂"]}, pivot("zh", "蜜蜂", "bee")))
    assert shown.count('<span class="mine" lang="en" dir="ltr">bees<') == 2
    assert '<p class="question mine" lang="en"' in shown


def test_without_any_words_in_the_reader_s_language_this_is_said() -> None:
    assert "No translation of this question into English" in answer_cards(asked({"de": ["Haus"]}))
