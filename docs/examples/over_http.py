"""Ask the app a question, and what an alignment would cost."""

from gradio_client import Client

app = Client("http://127.0.0.1:7860")
choices = ["honey", "milk", "silk"]
asked = app.predict("What do bees make?", choices, "en", ["en"], 4, api_name="/ask")
print(choices[asked["vote"]["winner"]], asked["vote"]["share"], asked["id"])

cost = app.predict("built-in", ["en", "fr"], 40, preset="quick", api_name="/estimate_alignment")
print(cost["amount"], cost["seconds"])
