"""Answers: responses are sampled, and what each of them answers is read."""
