"""The only place that imports torch, transformers, trl, peft, datasets and deep_translator."""
