"""CALM Studio: cross-lingual consistency of language models, from a question to an adapter.

The story, one stage a line; each is a module, a function, a command and a file in the run folder:

questions  what is asked, in every language                      questions.jsonl
translate  versions in languages that a question lacks           translations.jsonl
           and those that nobody could make                      untranslated.jsonl
sample     several responses to each question in each language   responses.jsonl
extract    the answer read out of each response, or none         answers.jsonl
vote       the answer that most responses give, and its share    votes.jsonl
pairs      chosen agrees with the vote, rejected does not        pairs.jsonl
train      DPO on a LoRA adapter over the 4-bit base             adapter/, metrics.jsonl
evaluate   accuracy and consistency, base and aligned            evaluations.jsonl, scores.jsonl
compare    question by question, before and after                comparisons.jsonl

The method is CALM (Wang et al., Findings of NAACL 2025, arXiv 2501.18457).
"""

__version__ = "0.1.0"
