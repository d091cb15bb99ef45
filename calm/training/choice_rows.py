"""Questions with choices as rows of token ids, and the log-probability of each choice.

The methods that need no vote (`calm.training.choice_objectives`) look at all choices of a question
in several languages. Each language's choices follow the same prompt, so that what they share is
computed once; the output head is read once for every beginning, not once for every choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from calm.config import PromptFormat
from calm.models.causal_lm import CausalLM
from calm.models.encoding import Tokens
from calm.models.head import head_at
from calm.questions.prompts import answer_text, choice_order, prompt_for
from calm.records import Question


@dataclass(frozen=True)
class ChoiceRow:
    """A question in one language: its prompt, and every choice behind it."""

    question_id: str
    language: str
    prompt: Tokens
    choices: tuple[Tokens, ...]

    @property
    def rows(self) -> list[Tokens]:
        """What goes through the model: the prompt with each choice but for its last token."""
        return [self.prompt + choice[:-1] for choice in self.choices]

    @property
    def length(self) -> int:
        """How many tokens the longest row has."""
        return len(self.prompt) + max(map(len, self.choices))


def choice_row(
    language_model: CausalLM, question: Question, wanted: PromptFormat, seed: int
) -> ChoiceRow:
    """Return a question as the model is trained on it: prompt and choices as token ids.

    What ends an answer belongs to a choice, as in pairs: without it answers would grow longer.
    """
    order = choice_order(seed, question, 0)
    prompt = prompt_for(language_model, question, order, wanted).text
    encoding = language_model.encoding
    said = [answer_text(question, index) for index in range(len(question.choices))]
    context, sides = encoding.answers(prompt, [encoding.answer_text(prompt, text) for text in said])
    return ChoiceRow(question.id, question.language, context, sides)


def choice_log_probs(model: Any, rows: Sequence[ChoiceRow]) -> list[torch.Tensor]:
    """Return the summed log-probability of each choice, in nats: a tensor (choices,) a row.

    Gradients flow through them. Where `calm.models.shared_prefixes` is at work, beginnings that
    rows share are computed once.
    """
    texts = [list(text) for row in rows for text in row.rows]
    read, wanted = _places(rows)
    width = max(map(len, texts))
    ids = torch.zeros(len(texts), width, dtype=torch.long)
    mask = torch.zeros(len(texts), width, dtype=torch.long)
    for place, text in enumerate(texts):
        ids[place, : len(text)] = torch.tensor(text)
        mask[place, : len(text)] = 1
    device = next(model.parameters()).device
    with head_at(model, *torch.tensor(read, device=device).T):
        logits = model(
            input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False
        ).logits[0]
    flat = [place for row in wanted for choice in row for place in choice]
    where, tokens = torch.tensor(flat, device=device).T
    single = _LogProbs.apply(logits, where, tokens)
    sizes = [len(choice) for row in wanted for choice in row]
    sums = torch.stack([part.sum() for part in single.split(sizes)])
    return list(sums.split([len(row) for row in wanted]))


class _LogProbs(torch.autograd.Function):
    """Log-probabilities of some tokens, with one tensor of the vocabulary's size on the way back.

    What torch derives by itself makes three of them: for a vocabulary of 262,144 that is most of
    the memory of a step, and much of its time.
    """

    @staticmethod
    def forward(
        ctx: Any, logits: torch.Tensor, where: torch.Tensor, tokens: torch.Tensor
    ) -> torch.Tensor:
        """Return log p(token) at places of `logits`, (places, vocabulary): (tokens,), in fp32."""
        whole = logits.float().logsumexp(-1)
        ctx.save_for_backward(logits, whole, where, tokens)
        return logits[where, tokens].float() - whole[where]

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        logits, whole, where, tokens = ctx.saved_tensors
        (given,) = gradients
        at_place = torch.zeros_like(whole).index_add_(0, where, given)
        found = (logits - whole[:, None]).exp_().mul_(-at_place[:, None])
        found.index_put_((where, tokens), given.to(found.dtype), accumulate=True)
        return found.to(logits.dtype), None, None


def _places(
    rows: Sequence[ChoiceRow],
) -> tuple[list[tuple[int, int]], list[list[list[tuple[int, int]]]]]:
    """Return the places to read the head at, and what is looked up for each choice of each row.

    A place is a row of the batch and a column; what is looked up are pairs of a place's number and
    a token. Choices that begin alike are predicted from the same places.
    """
    read: list[tuple[int, int]] = []
    wanted: list[list[list[tuple[int, int]]]] = []
    batch_row = 0
    for row in rows:
        known: dict[Tokens, int] = {}
        found = []
        for choice in row.choices:
            looked_up = []
            for count, token in enumerate(choice):
                begun = choice[:count]
                if begun not in known:
                    known[begun] = len(read)
                    read.append((batch_row, len(row.prompt) + count - 1))
                looked_up.append((known[begun], token))
            found.append(looked_up)
            batch_row += 1
        wanted.append(found)
    return read, wanted
