"""The small random models of the tests of models, for those of training."""

from tests.models.conftest import small_gemma, tiny_gemma

__all__ = ["small_gemma", "tiny_gemma"]
