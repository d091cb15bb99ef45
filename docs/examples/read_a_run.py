"""Read a run: how far it is, its votes and its scores."""

import calm

run = calm.load_run("mine")
print(run.name, run.status().state)
for vote in run.rows("votes"):
    print(vote.question_id, vote.winner, f"{vote.share:.2f}")
scores = run.to_pandas("scores")
print(scores[scores.language == "all"][["model", "reading", "metric", "value", "low", "high"]])
