"""A run's adapter as a folder that needs no PEFT: merged into its base, or for llama.cpp.

Beside the weights lie a model card, an example prompt and, where the base's licence asks for one, a
notice, as with the adapter itself (see `calm.exchange.adapter_package`).
"""

import shutil
import tempfile
from pathlib import Path

from calm.errors import CalmError
from calm.exchange.adapter_base import AdapterBase, adapter_base
from calm.exchange.adapter_card import adapter_card
from calm.exchange.adapter_code import PROMPT, Form, example_of
from calm.exchange.adapter_package import has_adapter
from calm.runs.folder import Run
from calm.runs.jobs import check_idle


def write_model(run: Run, form: Form, folder: Path, hub_name: str = "") -> None:
    """Write the model of a finished run to a new folder, which only ever appears whole.

    `merged` is a folder for transformers, `gguf-lora` has a GGUF file of the adapter alone,
    `gguf` one of the whole model. `hub_name` is the repository of the Hub that it is for. Raises
    CalmError while the run is being aligned, where it has no adapter or that fits no such file,
    where the base cannot be had, and where there is something at that place already.
    """
    check_idle(run)
    if not has_adapter(run):
        raise CalmError(
            "export.nothing-yet", folder=run.folder, what="adapter", stage="train", run=run.name
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CalmError("export.folder-taken", folder=folder)
    base = adapter_base(run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write_weights(run, base, form, work)
        for name, text in _texts(run, base, form, hub_name).items():
            (work / name).write_text(text, encoding="utf-8")
        work.chmod(0o755)
        work.replace(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _texts(run: Run, base: AdapterBase, form: Form, hub_name: str) -> dict[str, str]:
    texts = {
        "README.md": adapter_card(run, base, hub_name, form),
        PROMPT: example_of(run).prompt,
    }
    return texts | ({"NOTICE": base.licence.notice} if base.licence.notice else {})


def _write_weights(run: Run, base: AdapterBase, form: Form, folder: Path) -> None:
    record, model = run.model_record(), run.config.model
    files = record.files if record else {}
    if form == "merged":
        from calm.models.merging import write_merged

        write_merged(model, files, run.adapter, folder)
        return
    if form == "gguf" and base.packaged is None:
        raise CalmError("export.no-gguf-of-base", model=base.name, run=run.name)
    from calm.models.gguf_files import read_layers, write_lora, write_whole_model

    layers = read_layers(model, files, run.adapter)
    if base.packaged is not None and form == "gguf":
        write_whole_model(base.packaged, layers, run.name, folder / f"{run.name}.gguf")
    else:
        write_lora(layers, run.name, folder / f"{run.name}-lora.gguf")
