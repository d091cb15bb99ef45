"""Align a model on questions from memory."""

import calm

questions = [
    {"id": f"sum-{n}", "language": code, "text": f"{n} + {n} = ?", "choices": [f"{2 * n}", "0"]}
    for n in range(1, 31)
    for code in ("en", "de")
]
run = calm.align(
    questions, run="from-python", languages=["en", "de", "fr"], num_samples=3, report=print
)
print(run.to_pandas("scores").query("language == 'all'")[["model", "metric", "value"]])
