"""Training: DPO on 200 real pairs for two epochs, the reference model's pass included.

`python -m benchmarks.training [--write]`. Both train the same LoRA over the model that is
not quantised, with as many pairs an optimizer step; the peer is TRL's DPOTrainer as it is, on fewer
pairs, accumulating its default batch of eight, since it needs 12 GB for 48 at once.
"""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.peers import PlainModel
from benchmarks.rounds import AS_USUAL, Clock, Contender, Measured, run
from benchmarks.workload import gold_pairs
from calm.config import SHIPPED_MODEL, TrainConfig
from calm.models.causal_lm import CausalLM
from calm.models.loading import load_model
from calm.models.shared_prefixes import build_prefix_trees
from calm.records import Faster, PreferencePair
from calm.training.dpo import train_adapter
from calm.training.dpo_rows import QuestionSampler

AS_A_JOB = {"OMP_WAIT_POLICY": "PASSIVE"}
"""As `calm.runs.jobs` starts an alignment."""
SETTINGS = TrainConfig(num_train_epochs=2, per_device_train_batch_size=48, min_steps=1)


def ours(pairs: int, precision: Faster) -> Measured:
    model = load_model(SHIPPED_MODEL, precision)
    rows = gold_pairs(pairs)
    losses: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        train_adapter(
            model,
            rows,
            replace(SETTINGS, precision=precision),
            Path(folder),
            lambda logs, *_: losses.append(logs["loss"]),
        )
        seconds = clock.seconds()
    work = _tokens(model, rows) | {"losses": [losses[0], losses[-1]]}
    return Measured(len(rows) * 2, seconds, work)


def _tokens(model: CausalLM, rows: list[PreferencePair]) -> dict[str, int]:
    """Return how much there is to compute: tokens of the trees, completion tokens, steps."""
    size = SETTINGS.per_device_train_batch_size
    sampler = QuestionSampler([row.question_id for row in rows], SETTINGS.seed)
    found = {"tree_tokens": 0, "row_tokens": 0, "completion_tokens": 0, "steps": 0}
    for _ in range(int(SETTINGS.num_train_epochs)):
        order = list(sampler)
        for start in range(0, len(order), size):
            ids = []
            for place in order[start : start + size]:
                prompt = model.tokenizer(rows[place].prompt)["input_ids"]
                for side in (rows[place].chosen, rows[place].rejected):
                    end = model.tokenizer(side + "\n", add_special_tokens=False)["input_ids"]
                    found["completion_tokens"] += len(end)
                    ids.append(prompt + end)
            forest = build_prefix_trees(ids, max(map(len, ids)))
            found["tree_tokens"] += int(forest.places.unique().numel())
            found["row_tokens"] += sum(map(len, ids))
            found["steps"] += 1
    return found


def plain_trl(pairs: int, precision: Faster) -> Measured:
    """Train with what TRL's own example would: a model, pairs, a LoraConfig."""
    from datasets import Dataset
    from peft import LoraConfig
    from trl import DPOConfig, DPOTrainer

    plain = PlainModel(precision)
    rows = gold_pairs(pairs)
    losses: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        trainer: Any = DPOTrainer(
            model=plain.model,
            args=DPOConfig(
                output_dir=folder,
                beta=SETTINGS.beta,
                learning_rate=SETTINGS.learning_rate,
                lr_scheduler_type="cosine",
                warmup_steps=SETTINGS.warmup_ratio,
                num_train_epochs=SETTINGS.num_train_epochs,
                per_device_train_batch_size=8,
                gradient_accumulation_steps=SETTINGS.per_device_train_batch_size // 8,
                gradient_checkpointing=False,
                bf16=precision == "bf16",
                use_cpu=True,
                logging_steps=1,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
            processing_class=plain.tokenizer,
            train_dataset=Dataset.from_list([_as_text(row) for row in rows]),
            peft_config=LoraConfig(
                r=SETTINGS.lora_r,
                lora_alpha=SETTINGS.lora_alpha,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            ),
        )
        trainer.train()
        trainer.save_model(folder)
        seconds = clock.seconds()
        losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    return Measured(len(rows) * 2, seconds, {"losses": [losses[0], losses[-1]]})


def _as_text(row: PreferencePair) -> dict[str, str]:
    """Return a pair as TRL's example data has it; both sides end their line, as ours do."""
    return {"prompt": row.prompt, "chosen": row.chosen + "\n", "rejected": row.rejected + "\n"}


FEW = 8

CONTENDERS = (
    Contender("ours", "ours", ours, 200, environment=AS_A_JOB),
    Contender("ours-few", "ours, as few pairs as the peer", ours, FEW, environment=AS_A_JOB),
    Contender("trl", "TRL 1.16 `DPOTrainer` as it is", plain_trl, FEW, "better", AS_USUAL, trial=4),
)

if __name__ == "__main__":
    run("training", "pairs", CONTENDERS)
