"""Fix it now: single questions are taught the answer that the languages agree on, all else kept.

An edit is a question in several languages and the choice that it is taught (`calm.fixes`); a patch
is a run whose adapter is trained on all its edits together. What they did is told by three gauges,
the field's own for knowledge editing: efficacy, generality, locality.
"""
