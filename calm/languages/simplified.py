"""Chinese in simplified characters, one for one, so that places in the text stay where they are."""

import functools

FIRST, LAST = 0x3400, 0x9FFF
"""The Unicode blocks of Chinese characters that are converted."""


def simplified(text: str) -> str:
    """Return the text with every traditional character as its simplified one."""
    return text.translate(_simpler())


@functools.cache
def _simpler() -> dict[int, str]:
    from opencc import OpenCC

    characters = [chr(place) for place in range(FIRST, LAST + 1)]
    simpler = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, simpler, strict=True)
    return {ord(one): other for one, other in pairs if one != other and len(other) == 1}
