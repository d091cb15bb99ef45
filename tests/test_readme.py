"""The README cannot go stale."""

from tests.readme import README, renewed


def test_the_command_help_and_the_file_tree_are_those_of_the_code() -> None:
    text = README.read_text(encoding="utf-8")
    # Versions of Python wrap the same words in different places.
    assert text.split() == renewed(text).split(), "call `make readme`"


def test_it_has_the_two_commands_and_the_front_matter_of_a_space() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.startswith("---\ntitle: CALM Studio\n")
    assert "\nmake run " in text
    assert "\nmake test " in text
