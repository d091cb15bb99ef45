"""A client: ask a question, align, and compare, over HTTP."""

import time

from gradio_client import Client

app = Client("http://127.0.0.1:7860")

choices = ["honey", "milk", "silk"]
asked = app.predict("What do bees make?", choices, "en", ["en", "fr", "de"], 4, api_name="/ask")
vote = asked["vote"]
if vote["winner"] is not None:
    print(choices[vote["winner"]], vote["share"], asked["verdict"])

app.predict("from-python", "built-in", ["en", "fr"], 0, preset="quick", api_name="/start_alignment")
while True:
    status = app.predict("from-python", api_name="/alignment_status")
    if status["state"] not in ("queued", "running"):
        break
    time.sleep(2)
print(status["state"], status["stage"])

compared = app.predict("from-python", api_name="/compare_run")
for row in compared["scores"]:
    if row["metric"] == "accuracy" and row["language"] == "all":
        print(row["model"], row["reading"], row["value"], row["low"], row["high"])
