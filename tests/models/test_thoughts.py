"""Thoughts are told from answers by the marks around them."""

import pytest

from calm.models.thoughts import open_thought


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("", ""),
        ("Answer: A", ""),
        ("<think>", "<think>"),
        ("<think>\nIt may be B", "<think>"),
        ("<think>\nIt may be B</think>\nAnswer: B", ""),
        ("It may be B</think>\nAnswer: B", ""),
        ("<think>B?</think>A<think>or C", "<think>"),
        ("<Thinking>我想是B", "<Thinking>"),
        ("[THINK]Peut-être B", "[THINK]"),
        ("[THINK]Peut-être B[/THINK]Réponse : B", ""),
        ("◁think▷多分B", "◁think▷"),
        ("<|START_THINKING|>ربما ب", "<|START_THINKING|>"),
        ("<|START_THINKING|>ربما ب<|END_THINKING|>الإجابة: ب", ""),
        ("<|channel|>analysis<|message|>Vielleicht B", "<|channel|>analysis"),
        ("<|channel|>analysis<|message|>B?<|channel|>final<|message|>Antwort: B", ""),
        ("<|channel>thought\nB?", "<|channel>thought"),
        ("<|channel>thought\nB?<channel|>B", ""),
        ("I think < that > B", ""),
    ],
)
def test_a_thought_is_open_until_it_is_ended(text: str, mark: str) -> None:
    assert open_thought(text) == mark
