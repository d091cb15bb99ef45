"""What the page Ask shows, from records alone."""

import pytest

from calm.asking.asked import Asked, voted
from calm.records import Question, Response
from tests.ui.honey import EVIL, HONEY, asked, question
from ui.asking.cards import answer_cards, marked
from ui.asking.compare_views import both_models
from ui.asking.panel import agreement_in_words, share_in_words, vote_panel
from ui.asking.records import ThumbCount


def test_a_response_has_its_answer_marked():
    assert marked("I think: honey.", (9, 14)) == "I think: <mark>honey</mark>."


def test_a_response_without_an_answer_is_shown_unmarked():
    assert marked("no idea", None) == "no idea"


def test_a_marked_response_cannot_smuggle_markup():
    shown = marked(f"{EVIL} honey {EVIL}", (29, 34))
    assert "<img" not in shown
    assert "<mark>honey</mark>" in shown


@pytest.mark.parametrize("field", ["text", "choices", "response", "reason", "loading"])
def test_words_of_people_and_models_are_escaped_wherever_they_stand(field: str):
    text = EVIL if field == "text" else "What?"
    choices = (EVIL, "b") if field == "choices" else ("a", "b")
    version = Question("q", "en", text, choices, 0)
    said = EVIL if field == "response" else choices[0]
    row = Response("q", "en", 0, "m", said, (0, 1), 0, (0, len(said)))
    left_out = {"fr": EVIL} if field == "reason" else {}
    fields = {"versions": (version,), "left_out": left_out, "responses": (row,)}
    seen, waiting = voted(Asked("done", "m", **fields)), Asked("waiting", "m", versions=(version,))
    shown = vote_panel(seen) + answer_cards(seen) + both_models([("m", seen)])
    shown += vote_panel(waiting, EVIL)
    assert "<img" not in shown


def test_arabic_is_written_from_right_to_left_and_says_its_language():
    cards = answer_cards(asked({"ar": [0]}))
    assert '<p class="question" lang="ar" dir="rtl">ماذا تصنع النحل؟</p>' in cards
    assert '<ol class="responses" lang="ar" dir="rtl">' in cards


def test_a_language_that_disagrees_is_named():
    seen = asked({"en": [0, 0], "fr": [1, 1], "ar": [0, 0]})
    assert agreement_in_words(seen) == "2 of 3 languages agree. French says “milk”."


def test_a_language_without_a_single_answer_is_named_as_such():
    seen = asked({"en": [0, 0], "fr": [0, 1], "ar": [0, 0]})
    assert agreement_in_words(seen) == "2 of 3 languages agree. French has no single answer."


def test_full_agreement_is_said():
    assert agreement_in_words(asked({"en": [0], "fr": [0]})) == "All 2 languages agree."


def test_the_card_of_a_language_that_disagrees_says_so_and_no_other_does():
    cards = answer_cards(asked({"en": [0, 0], "fr": [1, 1], "ar": [0, 0]}))
    assert cards.count("disagrees with the vote") == 1
    assert '<article class="card differs" id="card-fr">' in cards


def test_a_tie_is_a_result():
    seen = asked({"en": [0], "fr": [1]})
    assert "No winner: the vote is tied" in vote_panel(seen)
    assert share_in_words(asked({"en": [0], "fr": [1]})) == (
        "“honey” and “milk” have 1 vote each of 2. Too few votes to tell."
    )


def test_unreadable_responses_are_counted_and_shown():
    words = share_in_words(asked({"en": [0, 0, None], "fr": [0, None, None]}))
    assert words == "3 of 6 votes (50%). 3 responses state no answer."


def test_nothing_readable_is_said():
    seen = asked({"en": [None], "fr": [None]})
    assert "No answer could be read" in vote_panel(seen)


def test_the_winner_is_shown_in_every_language():
    panel = vote_panel(asked({"en": [0], "fr": [0], "ar": [0]}))
    for code in HONEY:
        assert HONEY[code][1][0] in panel


def test_the_set_s_own_answer_is_shown_when_the_vote_differs():
    assert "The question set says" in vote_panel(asked({"en": [1], "fr": [1]}))
    assert "says the same" in vote_panel(asked({"en": [0], "fr": [0]}))


@pytest.mark.parametrize(
    ("source", "words"),
    [("google", "translated by Google"), ("model", "translated by the model itself")],
)
def test_a_translated_question_says_by_whom(source: str, words: str):
    seen = asked({"fr": [0]}, versions=(question("fr", source),))
    assert words in answer_cards(seen)


def test_an_original_question_says_nothing_about_translation():
    assert "translated" not in answer_cards(asked({"fr": [0]}))


def test_thumbs_show_the_tally_and_this_browser_s_own_ballot():
    cards = answer_cards(asked({"en": [0]}), {"en": ThumbCount(3, 1, "down")})
    assert 'data-language="en" data-opinion="up" aria-pressed="false"' in cards
    assert 'data-opinion="down" aria-pressed="true" aria-label="English: thumbs down, 1' in cards


def test_no_vote_is_shown_before_all_have_answered():
    panel = vote_panel(asked({"en": [0]}, step="answering"))
    assert "The model is answering." in panel
    assert "votes" not in panel


def test_every_answer_stands_beside_its_words_in_the_reader_s_language():
    cards = answer_cards(asked({"en": [0], "fr": [0, None]}))
    french = cards[cards.index('id="card-fr"') :]
    honey = '<span class="mine" lang="en" dir="ltr">honey</span>'
    assert f"<li>du miel {honey}</li><li>?</li>" in french
    assert f"du miel</span> {honey}</p>" in french
    assert '<p class="question mine" lang="en" dir="ltr">What do bees make?</p>' in french
    assert "mine" not in cards[: cards.index('id="card-fr"')]


def test_without_a_translation_for_the_reader_this_is_said():
    cards = answer_cards(asked({"fr": [0], "ar": [0]}))
    assert '<div class="mine"><p class="note info"' in cards
    assert "No translation of this question into English exists" in cards


def test_a_card_names_its_language_by_code_by_itself_and_for_the_reader():
    cards = answer_cards(asked({"en": [0], "fr": [0]}))
    assert 'aria-hidden="true">fr</span> <span lang="fr" dir="ltr">Français</span>' in cards
    assert cards.count("<small>") == 1
    assert "<small>French</small>" in cards


def test_the_vote_shows_how_consistent_the_languages_are():
    panel = vote_panel(asked({"en": [0, 0], "fr": [1, 1], "ar": [0, 0]}))
    assert "1 of 3 pairs of languages give the same answer" in panel
