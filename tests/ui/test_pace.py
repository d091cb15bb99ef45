"""How long a question has taken and will, as the questions before it took."""

from calm.asking.ask import Order
from calm.config import SamplingConfig
from calm.records import Question
from tests.free_makers import LEGS, growing
from ui.asking.pace import Paces, Stopwatch
from ui.asking.panel import vote_panel

ORDER = Order(
    Question("q", "en", LEGS["en"], ()), {}, ("en", "de", "fr"), SamplingConfig(num_samples=2)
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float) -> "Clock":
        self.now += seconds
        return self


def asked_once(clock: Clock, paces: Paces) -> list[str]:
    """Ask: 4 s to translate, 6 s to answer, 2 s to compare; return what is said after 1 s each."""
    watch, told = Stopwatch(ORDER, paces, clock), []
    for step, seconds in (("translating", 4), ("answering", 6), ("comparing", 2)):
        seen = growing(step, {"en": ["8"]}, at="de")
        watch.look(seen)
        clock.after(1)
        told.append(watch.look(seen))
        clock.after(seconds - 1)
    assert watch.look(growing("done", {"en": ["8"]})) == ""
    return told


def test_the_first_question_tells_how_long_it_has_taken_and_guesses_nothing() -> None:
    assert asked_once(Clock(), {}) == ["1 sec so far.", "5 secs so far.", "11 secs so far."]


def test_the_next_one_tells_how_long_it_will_take() -> None:
    clock, paces = Clock(), Paces()
    asked_once(clock, paces)
    assert asked_once(clock, paces) == [
        "1 sec so far. About 11 secs left.",
        "5 secs so far. About 7 secs left.",
        "11 secs so far. About 1 sec left.",
    ]


def test_where_it_takes_longer_than_before_nothing_is_promised() -> None:
    clock, paces = Clock(), Paces()
    asked_once(clock, paces)
    watch, seen = Stopwatch(ORDER, paces, clock), growing("comparing", {"en": ["8"]})
    watch.look(seen)
    clock.after(9)
    assert watch.look(seen) == "9 secs so far."


def test_a_question_that_was_stopped_teaches_nothing() -> None:
    clock, paces = Clock(), Paces()
    watch = Stopwatch(ORDER, paces, clock)
    watch.look(growing("answering", {"en": ["8"]}))
    clock.after(1)
    watch.look(growing("stopped", {"en": ["8"]}))
    assert paces == {}


def test_the_panel_says_how_many_languages_have_answered_and_the_time() -> None:
    seen = growing("answering", {"en": ["8", "8"], "fr": ["8", ""], "de": ["", ""]})
    shown = vote_panel(seen, clock="4 sec so far.")
    assert "The model is answering. 1 of 3 languages have answered. 4 sec so far." in shown
