"""Every family of decoders goes the fast way or the plain way, and is never wrong."""

import pytest

from tests.models.families import CASES, FAMILIES, TRICKY, Verdict, verdict

ENCODERS = ("bert", "roberta", "electra")
OFTEN = [case for case in CASES if case[0] in TRICKY]
SELDOM = [case for case in CASES if case[0] not in TRICKY]
FAST = ("llama", "gemma2", "gpt_oss", "xglm", "gptj", "mixtral", "deepseek_v3")
"""Families that must not fall back to the plain way."""


def assert_right(family: str, found: Verdict) -> None:
    if family in ENCODERS:
        assert "looks ahead" in found.why
        assert found.decode == "refused"
        return
    assert found.wrong == ()
    ways = {found.decode, found.scores, found.training}
    assert ways <= {"fast", "plain", "none"}
    assert bool(found.why) == (ways != {"fast"})
    if family in FAST:
        assert ways == {"fast"}, found.why


def test_there_are_at_least_sixty_families() -> None:
    assert len(set(FAMILIES) - set(ENCODERS)) >= 60


@pytest.mark.parametrize(("family", "attention"), OFTEN)
def test_a_family_that_is_easily_taken_wrong_is_right_or_refused(
    family: str, attention: str
) -> None:
    assert_right(family, verdict(family, attention))


@pytest.mark.slow
@pytest.mark.parametrize(("family", "attention"), SELDOM)
def test_every_other_family_is_right_or_refused(family: str, attention: str) -> None:
    assert_right(family, verdict(family, attention))
