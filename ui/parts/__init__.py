"""Parts that pages share: markup, events, rights, theme, models, drawings."""
