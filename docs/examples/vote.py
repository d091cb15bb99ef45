"""Read the answers out of responses, and let them vote."""

from calm.answers.choice import extract
from calm.records import Question, Response
from calm.voting.vote import vote

question = Question("gas", "en", "Which gas do plants take in?", ("oxygen", "carbon dioxide"))
texts = ("Answer: B", "They breathe in oxygen. Answer: A", "The answer is carbon dioxide.", "Hm.")
responses = [Response("gas", "en", n, "some-model", text, (0, 1)) for n, text in enumerate(texts)]
answered = list(extract(responses, {"gas": {"en": question}}))
print([(response.answer, response.how) for response in answered])

(decided,), weights = vote(answered, {"gas": len(question.choices)}, rule="plurality")
print(decided.winner, decided.share, decided.unreadable)
