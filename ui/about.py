"""The page `About`: the method in a picture, its source, its limits, the model's licence."""

import gradio as gr

from ui.method_picture import method_picture

TEXT = """
## What this does

A question whose answer does not depend on culture has the same answer in every language; a
language model often gives different ones. CALM Studio asks the model several times in each
language, reads the answer out of every response, and counts them all: the **vote**. Where a
language disagrees with the vote, its responses become training pairs. Those that agree with the
vote are *chosen*, the others *rejected*. Direct preference optimisation (DPO) then trains a small
LoRA adapter over the 4-bit model, and the same held-out questions are asked before and after.
Nobody has to say which answer is right.

## The paper

The method is CALM: Wang et al., *Calm: Unleashing the Cross-Lingual Self-Aligning Ability of
Language Model Question Answering*, Findings of NAACL 2025, arXiv 2501.18457. This program is an
independent implementation.

## What it cannot do

- **Votes are noisy.** The majority can be wrong in every language at once. A larger vote share is
  right more often, so only votes above a share are trained on, and an answer that a response
  does not state is counted as unreadable, never guessed.
- **One language can beat the vote.** On the authors' own samples English alone is right more often
  than all six languages together. The vote lifts the others and may pull the strongest down: look
  at each language alone.
- **Numbers need their intervals.** A hundred questions cannot show a change of less than about nine
  points. Every change here carries a 95% interval; one that includes zero shows nothing.
- **Answers are not advice.** The model that ships is very small and often wrong.
- **People's ballots are opinions.** A browser has one ballot on each thing it judges, which is no
  proof of a person.
- **What is asked here is kept.** The last 10,000 questions with their answers, so that their links
  work, without a name or an address.

## The model that ships

Gemma 3 270M (base), under the
[Gemma Terms of Use](https://ai.google.dev/gemma/terms). Start the app with `CALM_MODEL` set to a
model of the Hugging Face Hub, or to a folder, to use another.
"""


def about_page() -> None:
    """Lay the page out."""
    gr.HTML(
        f"<div class='about'>{method_picture(upright=False)}{method_picture(upright=True)}</div>",
        elem_id="about-picture",
        apply_default_css=False,
    )
    gr.Markdown(TEXT, elem_id="about-text")
