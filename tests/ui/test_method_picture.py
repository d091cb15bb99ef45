"""The picture of the method."""

import pytest

from ui.method_picture import method_picture


@pytest.mark.parametrize("upright", [True, False])
def test_the_picture_of_the_method_has_every_step(upright: bool):
    picture = method_picture(upright)
    for step in ("question", "languages", "samples", "vote", "pairs", "DPO", "adapter"):
        assert f">{step}</text>" in picture
