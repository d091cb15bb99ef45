"""The gauges, on answers made by hand."""

from calm.fixing.gauges import efficacy, generality, locality
from calm.probes import Probed
from calm.records import Evaluation, ModelRole


def answered(name: str, code: str, model: ModelRole, answer: int | None) -> Evaluation:
    return Evaluation(name, code, model, "response", "", answer)


def both(name: str, code: str, before: int | None, after: int | None) -> list[Evaluation]:
    return [answered(name, code, "base", before), answered(name, code, "aligned", after)]


ROWS = [*both("a", "en", 1, 1), *both("a", "de", 0, 1), *both("b", "en", None, 0)]


def test_efficacy_is_the_share_that_says_what_was_taught() -> None:
    found = {g.language: (g.before, g.after, g.n) for g in efficacy(ROWS, {"a": 1, "b": 2})}
    assert found == {"all": (0.333333, 0.666667, 3), "en": (0.5, 0.5, 2), "de": (0.0, 1.0, 1)}


def test_generality_keeps_other_wordings_and_other_languages_apart() -> None:
    found = list(generality(ROWS, {"a": 1, "b": 0}, ["en"]))
    assert {(g.of, g.language, g.after, g.n) for g in found} == {
        ("reworded", "all", 1.0, 2),
        ("reworded", "en", 1.0, 2),
        ("languages", "all", 1.0, 1),
        ("languages", "de", 1.0, 1),
    }


def test_locality_tells_unchanged_right_and_kept_and_free_answers() -> None:
    texts = [
        Probed("free", "", item, "en", model, text, None, {})
        for item, model, text in (
            *(("x", "base", "1"), ("x", "aligned", "1")),
            *(("y", "base", "1"), ("y", "aligned", "2")),
            ("z", "base", "only one"),
        )
    ]
    found = {
        (g.of, g.language): (g.before, g.after, g.n)
        for g in locality(ROWS, {"a": 1, "b": None}, texts)
    }
    assert found["unchanged", "all"] == (1.0, 0.333333, 3)
    assert found["right", "all"] == (0.5, 1.0, 2), "where the right answer is known"
    assert found["kept", "all"] == (1.0, 1.0, 1)
    assert found["continuations", "all"] == (1.0, 0.5, 2)


def test_what_only_one_model_answered_counts_for_nothing() -> None:
    assert list(efficacy([answered("a", "en", "base", 1)], {"a": 1})) == []
