"""LoRA adapters as they lie in folders: which are loaded beside a model, and by what name."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft import PeftConfig, PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file

from calm.errors import CalmError
from calm.model_names import SETTINGS, WEIGHTS, called, hub_name

SOUND_BEGINNINGS = (True, False, "gaussian", "orthogonal")
"""Ways to begin a LoRA that leave the base weights alone. PiSSA, OLoRA and others change them."""

TRAINED = "default"
"""What PEFT calls an adapter that is being trained: its folder then holds no other."""


def check_adapter(folder: Path, model: Any) -> None:
    """Raise CalmError unless `folder` holds a LoRA adapter, as safetensors, that fits `model`."""
    made_for = _own_name(str(adapter_settings(folder).get("base_model_name_or_path")))
    here = _own_name(str(model.name_or_path))
    if made_for != here:
        raise CalmError("adapter.other-model", folder=_shown(folder), made_for=made_for, here=here)


def _own_name(model: str) -> str:
    """Return a model's name without its owner: the same model may come from a folder or the Hub."""
    shown = called(model.rstrip("/"))
    return shown if shown.endswith("/adapter") else Path(shown).name


def _shown(folder: Path) -> str:
    """Return what a person knows a folder by: one of the Hub's cache by its name on the Hub."""
    return hub_name(folder) or str(folder)


def adapter_settings(folder: Path) -> dict[str, Any]:
    """Return what `adapter_config.json` says.

    Raises CalmError unless `folder` holds a LoRA adapter as safetensors.
    """
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        settings = None
    if not isinstance(settings, dict):
        raise CalmError("adapter.none", folder=_shown(folder))
    if settings.get("peft_type") != "LORA":
        raise CalmError("adapter.no-lora", folder=_shown(folder), kind=settings.get("peft_type"))
    if not (folder / WEIGHTS).is_file():
        raise CalmError("adapter.no-safetensors", folder=_shown(folder))
    return settings


def load_beside(model: Any, peft: Any, folder: Path, name: str) -> Any:
    """Load the adapter in `folder` beside `model`, switched off; return the PEFT model.

    `peft` is the PEFT model around `model`, `None` before the first adapter. Raises CalmError
    where the adapter does not fit or cannot be read; model and adapters are then as they were.
    """
    weights = _read_weights(folder)
    with _kept_as_it_is(model, peft, name, folder):
        config = _settings_beside(folder)
        if peft is None:
            peft = PeftModel(model, config, adapter_name=name, autocast_adapter_dtype=False)
        else:
            peft.add_adapter(name, config, autocast_adapter_dtype=False)
        _check_weights(folder, peft, weights, name)
        set_peft_model_state_dict(peft, weights, adapter_name=name)
        peft.eval()
        peft.base_model.disable_adapter_layers()
    return peft


def begin_from(peft: Any, folder: Path, name: str = "default") -> None:
    """Put the weights of the adapter in `folder` in the place of those of an adapter of `peft`.

    Raises CalmError where they do not fit or cannot be read.
    """
    weights = _read_weights(folder)
    _check_weights(folder, peft, weights, name)
    set_peft_model_state_dict(peft, weights, adapter_name=name)


def is_still(peft: Any, folder: Path, name: str = "default") -> bool:
    """Tell whether an adapter of `peft` has the very weights that lie in `folder`."""
    now = get_peft_model_state_dict(peft, adapter_name=name, save_embedding_layers=False)
    return all(torch.equal(now[key].cpu(), given) for key, given in _read_weights(folder).items())


@contextmanager
def train_beside(model: Any, peft: Any, settings: PeftConfig) -> Iterator[Any]:
    """Give the PEFT model around `model` with a new adapter in use, to be trained in the block.

    `peft` is as in `load_beside`. The adapter is taken off and forgotten when the block ends.
    """
    if peft is None:
        peft = PeftModel(model, settings, adapter_name=TRAINED, autocast_adapter_dtype=False)
    else:
        peft.add_adapter(TRAINED, settings, autocast_adapter_dtype=False)
    try:
        peft.base_model.enable_adapter_layers()
        peft.set_adapter(TRAINED)
        yield peft
    finally:
        others = [name for name in peft.peft_config if name != TRAINED]
        if others:
            peft.set_adapter(others[0], inference_mode=True)
        peft.delete_adapter(TRAINED)
        peft.eval()
        peft.base_model.disable_adapter_layers()


def merged(model: Any, folder: Path) -> Any:
    """Return `model` with the adapter in `folder` added to its weights for good.

    Raises CalmError where the adapter does not fit or cannot be read; `model` is of no use then.
    """
    weights = _read_weights(folder)
    try:
        config = PeftConfig.from_pretrained(folder)
        config.inference_mode = True
        peft = PeftModel(model, config, autocast_adapter_dtype=False)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _does_not_fit(folder, error) from error
    _check_weights(folder, peft, weights, "default")
    set_peft_model_state_dict(peft, weights, adapter_name="default")
    return peft.merge_and_unload(safe_merge=True)


def _settings_beside(folder: Path) -> Any:
    config = PeftConfig.from_pretrained(folder)
    if config.bias != "none" or config.init_lora_weights not in SOUND_BEGINNINGS:
        raise CalmError("adapter.changes-base", folder=_shown(folder), by=config.init_lora_weights)
    config.inference_mode = True
    return config


def _read_weights(folder: Path) -> dict[str, torch.Tensor]:
    try:
        weights = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise CalmError("adapter.damaged", folder=_shown(folder), reason=error) from None
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise CalmError("adapter.no-numbers", folder=_shown(folder))
    return weights


def _check_weights(folder: Path, peft: Any, weights: Mapping[str, torch.Tensor], name: str) -> None:
    """Raise CalmError unless the weights are those that the adapter's settings ask for."""
    wanted = get_peft_model_state_dict(peft, adapter_name=name, save_embedding_layers=False)
    asked = {key: tuple(tensor.shape) for key, tensor in wanted.items()}
    given = {key: tuple(tensor.shape) for key, tensor in weights.items()}
    other = [key for key in {**asked, **given} if asked.get(key) != given.get(key)]
    if other:
        key = other[0]
        raise CalmError(
            "adapter.weights-unfit",
            folder=_shown(folder),
            count=len(other),
            example=key,
            given=str(given.get(key, "-")),
            needed=str(asked.get(key, "-")),
        )


def _does_not_fit(folder: Path, error: Exception) -> CalmError:
    return CalmError("adapter.unfit", folder=_shown(folder), reason=error)


@contextmanager
def _kept_as_it_is(model: Any, peft: Any, name: str, folder: Path) -> Iterator[None]:
    """Put back everything that PEFT wrapped or added, where the block fails.

    PEFT replaces layers one by one and leaves those that it has replaced when a later step fails:
    the base model would answer through a half-loaded adapter from then on.
    """
    parts = [(part, dict(part._modules)) for part in model.modules()]
    trainable = [(weights, weights.requires_grad) for weights in model.parameters()]
    try:
        yield
    except Exception as error:
        if peft is not None and name in peft.peft_config:
            peft.delete_adapter(name)
        for part, own in parts:
            part._modules.clear()
            part._modules.update(own)
        for weights, flag in trainable:
            weights.requires_grad_(flag)
        if peft is not None:
            peft.base_model.disable_adapter_layers()
        else:
            vars(model).pop("peft_config", None)
        if isinstance(error, CalmError):
            raise
        raise _does_not_fit(folder, error) from error


def adapter_name(folder: Path) -> str:
    """Return a name for the adapter as it is now: one trained anew in its place is another."""
    weights = folder / WEIGHTS
    made = weights.stat().st_mtime_ns if weights.is_file() else 0
    return hashlib.sha256(f"{folder.resolve()}/{made}".encode()).hexdigest()[:16]
