"""Words of the page, problems and numbers, in the language of the reader."""
