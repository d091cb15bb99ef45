"""One question through the model, with choices and without, and the store of those asked."""
