"""The picture of the method."""

from ui.parts.picture import DRAWINGS, METHOD, method_picture


def test_the_picture_of_the_method_has_every_step_with_its_drawing():
    picture = method_picture()
    for step in ("question", "languages", "samples", "vote", "pairs", "DPO", "adapter"):
        assert f"<b>{step}</b>" in picture
    assert picture.count("<svg") == len(METHOD) == len(DRAWINGS)
