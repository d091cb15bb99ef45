"""What is counted or measured: units and currencies, one name for each however it is written.

The names come from CLDR (through Babel), the words that people use beside them from
the language's file.
"""

import functools
import re
from collections.abc import Iterator

from calm.languages.answer_words import answer_words
from calm.languages.cldr import unit_locales
from calm.languages.spellings import folded, singular
from calm.languages.table import language

SHARED = {
    "length-millimeter": "mm",
    "length-centimeter": "cm",
    "length-decimeter": "dm",
    "length-meter": "m",
    "length-kilometer": "km",
    "mass-milligram": "mg",
    "mass-gram": "g",
    "mass-kilogram": "kg",
    "mass-tonne": "t",
    "volume-milliliter": "ml",
    "volume-centiliter": "cl",
    "volume-liter": "l",
    "volume-cubic-centimeter": "cm3",
    "volume-cubic-meter": "m3",
    "volume-cubic-kilometer": "km3",
    "area-square-centimeter": "cm2",
    "area-square-meter": "m2",
    "area-square-kilometer": "km2",
    "area-hectare": "ha",
    "speed-kilometer-per-hour": "km/h",
    "speed-meter-per-second": "m/s",
    "speed-mile-per-hour": "mph",
    "temperature-celsius": "°c",
    "temperature-fahrenheit": "°f",
    "angle-degree": "°",
    "concentr-percent": "%",
    "concentr-permille": "‰",
    "energy-kilojoule": "kj",
    "energy-kilocalorie": "kcal",
    "energy-kilowatt-hour": "kwh",
    "power-watt": "w",
    "power-kilowatt": "kw",
    "frequency-hertz": "hz",
    "frequency-kilohertz": "khz",
    "frequency-megahertz": "mhz",
    "frequency-gigahertz": "ghz",
    "digital-kilobyte": "kb",
    "digital-megabyte": "mb",
    "digital-gigabyte": "gb",
    "digital-terabyte": "tb",
}
"""Units of CLDR that have one sign in all languages."""
OWN = (
    *("second", "minute", "hour", "day", "week", "month", "year"),
    *("millisecond", "microsecond", "nanosecond"),
)
OWN_UNITS = (
    *(f"duration-{name}" for name in OWN),
    *(f"length-{name}" for name in ("inch", "foot", "yard", "mile", "nautical-mile", "light-year")),
    *("mass-ounce", "mass-pound", "area-acre", "volume-gallon", "speed-knot"),
)
"""Units that go by their name in each language."""
CURRENCIES = (
    *("USD", "EUR", "GBP", "JPY", "CNY", "INR", "RUB", "CHF", "PLN", "BRL", "VND", "PKR", "TZS"),
    *("KES", "UGX", "AED", "SAR", "EGP", "MXN", "ARS", "CLP", "KRW", "AUD", "CAD", "NZD", "HKD"),
    *("SEK", "NOK", "DKK", "CZK", "HUF", "TRY", "UAH", "ILS", "ZAR", "THB", "IDR", "SGD"),
)
SYMBOLS = {
    "$": "USD",
    "us$": "USD",
    "us $": "USD",
    "$us": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "zł": "PLN",
    "₫": "VND",
    "r$": "BRL",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "rmb": "CNY",
}
"""Signs of currencies that mean the same in all languages."""
COUNTS = (5, 1, 2, 3, 11, 1.5)
"""Counts that bring out every plural form of a name."""


@functools.cache
def measures(code: str) -> dict[str, str]:
    """Return the name of each measure by the words for it, in one spelling.

    The name is that of CLDR, or the code of a currency; of a unit in `OWN_UNITS`, its name in the
    language. A word for two measures goes by itself, or is none where CLDR alone has it.
    """
    found: dict[str, set[str]] = {}
    for words, name in (*_units(code), *_currencies(code)):
        if words:
            found.setdefault(words, set()).add(name)
    known = {words: next(iter(names)) for words, names in found.items() if len(names) == 1}
    known |= {_key(sign, code): unit for unit, sign in SHARED.items()}
    ours: dict[str, set[str]] = {}
    for name, written in answer_words(code).measures.items():
        key = _key(name, code)
        for words in (key, *written):
            ours.setdefault(_key(words, code), set()).add(known.get(key, name))
    known |= {w: next(iter(names)) if len(names) == 1 else w for w, names in ours.items()}
    return known


def _units(code: str) -> Iterator[tuple[str, str]]:
    from babel.units import format_unit

    def names(unit: str) -> Iterator[str]:
        for locale in unit_locales(code):
            for length in ("long", "short"):
                for count in COUNTS:
                    shown = format_unit(count, unit, length, locale=locale)
                    if unit not in shown:  # there is no such form
                        yield _key(re.sub(r"[\d.,٫]+", "", shown), code)

    for unit in (*SHARED, *OWN_UNITS):
        forms = list(names(unit))
        for form in forms:
            yield form, unit if unit in SHARED else forms[0]


def _currencies(code: str) -> Iterator[tuple[str, str]]:
    from babel.numbers import get_currency_name, get_currency_symbol

    for symbol, currency in SYMBOLS.items():
        yield _key(symbol, code), currency
    for currency in CURRENCIES:
        yield currency.lower(), currency
        for locale in unit_locales(code)[:1]:
            yield _key(get_currency_symbol(currency, locale), code), currency
        for locale in unit_locales(code):
            for count in COUNTS:
                yield _key(get_currency_name(currency, count, locale), code), currency


def _key(words: str, code: str) -> str:
    """Return a text as the words beside a number are compared."""
    key = singular(folded(words, code), code)
    return key if language(code).spaced else key.replace(" ", "")
