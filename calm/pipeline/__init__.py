"""The stages in their order, a stop before training, and what both will cost."""
