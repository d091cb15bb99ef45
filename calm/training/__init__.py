"""Training: preference pairs become a LoRA adapter."""
