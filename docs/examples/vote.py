"""Read the answers out of responses, and let them vote."""

import calm

gas = {"id": "gas", "text": "Which gas do plants take in?", "choices": ["oxygen", "carbon dioxide"]}
texts = ["Answer: B", "They breathe in oxygen. Answer: A", "The answer is carbon dioxide.", "Hm."]
responses = [{"question_id": "gas", "language": "en", "text": text} for text in texts]
voted = calm.vote(responses, [gas], rule="plurality")
print([(response.answer, response.how) for response in voted.responses])

(decided,) = voted.votes
print(decided.winner, decided.share, decided.unreadable)
