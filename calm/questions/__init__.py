"""Questions: where they come from, what they may hold, their prompts and their translations."""
