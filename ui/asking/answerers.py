"""Who can be asked: the model itself, and the model with the adapter of a finished run."""

from dataclasses import dataclass
from pathlib import Path

from calm.errors import CalmError
from calm.model_names import aligned_name, called
from calm.runs.folder import Run, list_runs
from ui.parts.models import Models

BASE = ":base"
"""The key of the model without any adapter; no run can have this name."""


@dataclass(frozen=True)
class Answerer:
    """One that answers."""

    key: str
    """A run's name, or `BASE`."""
    name: str
    """What it is called on cards and ballots."""
    adapter: Path | None
    """Its LoRA adapter; None for the base model."""


def answerers(models: Models) -> list[Answerer]:
    """Return who can be asked: the base model, then adapters, the newest first.

    An adapter is that of a run which was measured, with the model that is here. Nobody can be
    asked where the app was started without a model.
    """
    if models.is_absent:
        return []
    adapted = [
        Answerer(run.name, aligned_name(models.called, run.name), run.adapter)
        for run in list_runs()
        if run.has("comparisons") and is_of(run, models) and run.adapter.is_dir()
    ]
    return [Answerer(BASE, models.called, None), *adapted]


def models_of_others(models: Models) -> list[str]:
    """Return the models that finished runs here have adapters of, other than the one that is here.

    Nobody can ask them before they are loaded.
    """
    runs = (run for run in list_runs() if run.has("comparisons") and run.adapter.is_dir())
    return sorted({called(run.config.model) for run in runs if not is_of(run, models)})


def is_of(run: Run, models: Models) -> bool:
    """Tell whether the run is one of the model that is here."""
    return called(run.config.model) == models.called


def answerer(models: Models, key: str) -> Answerer:
    """Return who has that key; raises CalmError where nobody has, or there is no model."""
    if models.is_absent:
        raise CalmError("model.none-to-ask")
    for found in answerers(models):
        if found.key == key:
            return found
    raise CalmError("model.unknown-choice", name=key)


def two_answerers(models: Models, first: str, second: str) -> tuple[Answerer, Answerer]:
    """Return two of them; raises CalmError for one and the same, and where there is no such one."""
    both = answerer(models, first), answerer(models, second)
    if first == second:
        raise CalmError("model.same-twice")
    return both
