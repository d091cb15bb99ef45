"""The model that a run's adapter fits: what others find it under, and whose licence holds for both.

A run knows its model by a name or folder of this machine. Elsewhere only its name on the Hugging
Face Hub means something; a packaged model stands there as the original that it was made of.
"""

import re
from dataclasses import dataclass

from calm.errors import CalmError
from calm.model_names import called
from calm.models.catalogue import LISTED
from calm.models.shipped import MODELS, Packaged
from calm.runs.folder import Run

GEMMA_UNDER_TERMS = re.compile(r"google/gemma-[1237]\D", re.IGNORECASE)
"""Gemma 1 to 3; later ones have another licence."""
HUB_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


@dataclass(frozen=True)
class Licence:
    """What the base's licence asks of an adapter."""

    hub_id: str
    """As a model card's metadata names it; empty where it is not known."""
    words: str
    """`{made}` stands for what it was made into: an adapter, or a merged model."""
    notice: str = ""
    """What has to lie beside the adapter, word by word, as a file `NOTICE`."""


GEMMA = Licence(
    "gemma",
    "The base is under the [Gemma Terms of Use](https://ai.google.dev/gemma/terms). This {made} "
    "is a model derivative in their sense: these terms, with the use restrictions of their section "
    "3.2 and the [Prohibited Use Policy](https://ai.google.dev/gemma/prohibited_use_policy), hold "
    "for it and for whoever gets it from you. Pass this file and `NOTICE` on with it. What Gemma "
    "answers was changed: these weights are added to those that Google published.",
    "Gemma is provided under and subject to the Gemma Terms of Use found at "
    "ai.google.dev/gemma/terms\n",
)
LICENCES = {
    "Gemma Terms of Use": GEMMA,
    "Apache-2.0": Licence(
        "apache-2.0",
        "The base is under the [Apache License 2.0](https://www.apache.org/licenses/LICENSE-2.0), "
        "and so is this {made}.",
    ),
    "CC-BY-NC-4.0": Licence(
        "cc-by-nc-4.0",
        "The base is under [CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/), which "
        "allows no commercial use. That holds for this {made} too.",
    ),
}
UNKNOWN = Licence(
    "",
    "This {made} is made of its base and goes by its licence, which CALM Studio does not know: "
    "read the base's own card before you pass this on.",
)


@dataclass(frozen=True)
class AdapterBase:
    """The model that an adapter is loaded on."""

    name: str
    """Its id on the Hub, or the name of a folder of one's own."""
    revision: str
    """The Hub's commit that it was trained on; empty where the base was not fetched from there."""
    is_on_hub: bool
    packaged: Packaged | None
    """The packaged copy that it was trained on, `None` for every other model."""
    licence: Licence


def adapter_base(run: Run) -> AdapterBase:
    """Return the model that the run's adapter fits.

    Raises CalmError where that is itself an adapter merged into its base: nobody could load it
    under one name.
    """
    record, name = run.model_record(), called(run.config.model)
    if name.endswith("/adapter") or (record and record.base):
        raise CalmError("export.adapter-of-adapter", run=run.name, model=name)
    packaged = MODELS.get(name)
    if packaged is not None:
        known = LICENCES.get(packaged.licence, UNKNOWN)
        return AdapterBase(packaged.hub_twin, "", True, packaged, known)
    revision = record.files.get("revision", "") if record else ""
    is_on_hub = HUB_ID.fullmatch(name) is not None
    return AdapterBase(name, revision, is_on_hub, None, _licence_of(name))


def _licence_of(name: str) -> Licence:
    if GEMMA_UNDER_TERMS.match(name):
        return GEMMA
    found = next((model.licence for model in LISTED if model.name == name), "")
    return LICENCES.get(found, UNKNOWN)
