"""The vote across languages: rules, groups of free answers, the gate."""
