"""Read a run: how far it is, its votes and its scores."""

from calm.runs.folder import list_runs, open_run

for run in list_runs():
    print(run.name, run.status().state)

run = open_run("mine")
for vote in run.rows("votes"):
    print(vote.question_id, vote.winner, f"{vote.share:.2f}")
for score in run.rows("scores"):
    if score.language == "all":
        print(score.model, score.reading, score.metric, score.value, score.low, score.high)
