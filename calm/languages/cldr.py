"""The locales of CLDR, through Babel, that a language's names of months and units come from."""

import functools

from calm.languages.table import language


@functools.cache
def date_locales(code: str) -> tuple[str, ...]:
    """Return the locales with a language's names of months; none where CLDR does not know it."""
    return language(code).codes.date_locales or _own(code)


@functools.cache
def unit_locales(code: str) -> tuple[str, ...]:
    """Return the locales with a language's names of units and currencies, in the same way."""
    return language(code).codes.unit_locales or _own(code)


def _own(code: str) -> tuple[str, ...]:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(code, sep="-")
    except UnknownLocaleError:
        return ()
    return (code.replace("-", "_"),)
