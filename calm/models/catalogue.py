"""Models to choose from: those that come as packages, and a short list that suits the machine.

Any other causal language model can be named as well. Sizes and licences are those of the models'
own cards; the memory is reckoned from the parameters, not measured.
"""

from dataclasses import dataclass

from calm.config import SHIPPED_MODEL
from calm.model_names import PACKAGED

GIB = 1 << 30
BYTES_TO_ANSWER = 2.4
"""For each parameter: two bytes of bf16, and room for what is computed."""
BYTES_TO_TRAIN = 0.9
"""For each parameter of a 4-bit base: its half byte, scales, and the layers that stay whole."""
AROUND_TRAINING = 2 * GIB
"""What activations and the adapter's optimiser take beside the base."""


@dataclass(frozen=True)
class ListedModel:
    """One model to choose."""

    name: str
    """What it is loaded by: a packaged model's name or an id of the Hugging Face Hub."""
    parameters: float
    """In billions."""
    licence: str
    is_gated: bool = False
    """Whether the Hub gives it only to who has agreed to its terms (`hf auth login`)."""
    only_english: bool = False

    @property
    def is_packaged(self) -> bool:
        """Whether it comes with the app; others are fetched from the Hub."""
        return self.name in PACKAGED

    @property
    def bytes_to_answer(self) -> int:
        return int(self.parameters * 1e9 * BYTES_TO_ANSWER)

    @property
    def bytes_to_train(self) -> int:
        return int(self.parameters * 1e9 * BYTES_TO_TRAIN) + AROUND_TRAINING


LISTED = (
    ListedModel(SHIPPED_MODEL, 0.27, "Gemma Terms of Use"),
    ListedModel("smollm2-135m-instruct", 0.135, "Apache-2.0", only_english=True),
    ListedModel("Qwen/Qwen3-0.6B", 0.6, "Apache-2.0"),
    ListedModel("google/gemma-3-1b-it", 1.0, "Gemma Terms of Use", is_gated=True),
    ListedModel("Qwen/Qwen3-1.7B", 1.7, "Apache-2.0"),
    ListedModel("HuggingFaceTB/SmolLM3-3B", 3.1, "Apache-2.0"),
    ListedModel("Qwen/Qwen3-4B-Instruct-2507", 4.0, "Apache-2.0"),
    ListedModel("CohereLabs/aya-expanse-8b", 8.0, "CC-BY-NC-4.0", is_gated=True),
    ListedModel("Qwen/Qwen3-8B", 8.2, "Apache-2.0"),
)


def suitable(memory: int) -> list[ListedModel]:
    """Return the models that can answer and be trained in so many bytes, packaged ones first."""
    return [
        model
        for model in LISTED
        if model.is_packaged or model.bytes_to_answer + model.bytes_to_train <= memory
    ]
