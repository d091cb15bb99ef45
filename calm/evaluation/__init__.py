"""Evaluation: what a model gets right, how far its languages agree, before and after."""
