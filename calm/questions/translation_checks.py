"""What a translation service gives that is no translation: refused here, with the reason.

A service returns error pages, notices, the text as it was, half of it, or another language, all as
if they were translations. A name, a formula or a number that stays as it is, is right: what cannot
be told from a good translation is taken. The words of each
language are in its file.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from calm.languages.meaning import meaning
from calm.languages.table import all_words, language
from calm.messages import Message, message
from calm.questions.translated_language import is_foreign, is_told_apart
from calm.questions.translated_text import (
    END,
    KEPT,
    WORD,
    Pair,
    has_words,
    is_sentence,
    only_words,
    without_names,
    wording_of,
)

MARKUP = re.compile(r"</?[A-Za-z!?][^<>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w+);|```")
BLANK = re.compile(r"[_＿](?:\s?[_＿])*|\.{4,}|…{2,}|[（(][\s_　…]*[）)]|\[\s*\]|［\s*］")
UNDERSCORES = re.compile(r"_{2,}|＿+")
FILLERS = re.compile(
    r"\W*(?:ns|n/a|undefined|null|nan|none|todo|tbd|placeholder|untranslated|lorem ipsum.*"
    r"|no translation|translated text)\W*",
    re.IGNORECASE,
)
CROSSES = re.compile(r"\b[xX]{3,}\b|[?？]{3,}")
CAPITALS = re.compile(r"[A-Z]{1,2}")
ABBREVIATIONS = {"TV", "PC", "CD", "WC"}
"""What languages call a television or a toilet; other capitals for a plain word are no words."""
GARBLED = re.compile("\ufffd|[Ãã][\x80-\xbf]|Â[\xa0-\xbf]|(?:[ÐÑØÙ][\x80-\xbf\u2018-\u2122]){2}|â€")

NOTICE = re.compile(
    r"mymemory|<!doctype|<html|too many requests|server error|bad gateway|gateway time-?out"
    r"|service unavailable|distinct languages|automated queries|unusual traffic|langpair"
    r"|rate limit|quota exceeded|(?:source|target) language|http/?\s?[1-5]\d\d"
    r"|traceback \(|\w(?:Error|Exception|NotFound)\b"
    r"|^\W*\{\s*[\"']\w+[\"']\s*:|as an ai\b"
    r"|^\W*[45]\d\d (?:Bad|Forbidden|Not|Too|Unauth|Internal|Service|Gateway|Request)"
)
STATUS = re.compile(
    r"\W*(?:oops|loading|bad request|(?:page |text |translation )?not found|payment required"
    r"|moved permanently|connection (?:refused|reset|closed|error|timed out)|text too long"
    r"|(?:unknown|invalid|unsupported|missing|expired) (?:language|text|request|token|key)"
    r"|(?:empty|no) (?:text|response|results?|data)|i'm not a robot|google translate"
    r"|deepl(?: translator)?|(?:nginx|apache)\S*)\W*",
    re.IGNORECASE,
)
"""What a notice is as a whole."""
NOTE = re.compile(r"\b(?:note|n\.b|nb|explanation)\s*[:：]", re.IGNORECASE)
LIST_LABEL = re.compile(r"(?:[A-Ha-h]|\d{1,2})\s?[.):：]\s*\S")
NUMBER = re.compile(r"\d+(?:[.,'’٫٬ \u00a0\u202f]\d{3}(?!\d)|[.,٫/:]\d+)*")
SCALES = re.compile("|".join(sorted(all_words("translation", "scales"))), re.IGNORECASE)
HAN_NUMBER = re.compile("[〇零一二三四五六七八九]{3,}")
HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
LONG_NUMBER = 4
"""Digits that nobody writes as a word: years."""

SHORTEST, LONGEST = 0.2, 4.0
"""Times the length that is expected, below or above which a text is not the whole or more."""
LONG_ENOUGH = 15
"""Letters of a text whose translation can be too short."""
ROOM = 60
"""Letters that any text may become."""


def fault(
    texts: Sequence[str], translated: Sequence[str], from_code: str, to_code: str
) -> Message | None:
    """Return why the tidy translations of a question and its choices cannot be used, or `None`."""
    for text, given in zip(texts, translated, strict=True):
        pair = Pair(text, given, from_code, to_code)
        for name, holds in FAULTS.items():
            if holds(pair):
                return message(f"translation.{name}")
    if _is_answered(texts, translated, to_code):
        return message("translation.answered")
    if len(_folded(translated[1:])) < len(_folded(texts[1:])):
        return message("translation.same-choices")
    if is_told_apart(_new_words(texts, translated, from_code, to_code), to_code):
        return message("translation.foreign")
    if _are_left(texts[1:], translated[1:], from_code, to_code):
        return message("translation.choice-left")
    return None


def _is_notice(pair: Pair) -> bool:
    """Tell whether a text speaks of errors, requests and limits, of which the original does not."""
    if NOTICE.search(pair.given) or NOTICE.search(pair.given.casefold()):
        return not NOTICE.search(pair.text) and not NOTICE.search(pair.text.casefold())
    if STATUS.fullmatch(pair.given):
        return not STATUS.fullmatch(pair.text)
    if _notice_words(pair.text, pair.from_code):
        return False
    words = wording_of(pair.to_code)
    return bool(words.error.search(pair.given)) or _notice_words(pair.given, pair.to_code) > 1


def _notice_words(text: str, code: str) -> int:
    """Return how many words a text has of those that notices consist of, in one language."""
    return max(len({*wording_of(c).notices.findall(text.casefold())}) for c in (code, "en"))


def _is_marked_up(pair: Pair) -> bool:
    return bool(Counter(MARKUP.findall(pair.given)) - Counter(MARKUP.findall(pair.text)))


def _is_garbled(pair: Pair) -> bool:
    return bool(GARBLED.search(pair.given)) and not GARBLED.search(pair.text)


def _is_filler(pair: Pair) -> bool:
    """Tell whether a word stands for a text that is not there."""
    given = pair.given
    if given[:1].casefold() == pair.text[:1].casefold() and len(given) < len(pair.text) + 2:
        return False  # the Thai town of Nan
    if FILLERS.fullmatch(given):
        return meaning(given, pair.to_code).number is None  # "null" is German for zero
    if CROSSES.search(given) and not CROSSES.search(pair.text):
        return True
    plain = pair.text == pair.text.lower() and len(pair.text) > 3
    return bool(plain and CAPITALS.fullmatch(given) and given not in ABBREVIATIONS)


def _has_other_places(pair: Pair) -> bool:
    before, after = (
        Counter(re.sub(r"\s", "", place) for place in KEPT.findall(text))
        for text in (pair.text, pair.given)
    )
    return before != after


def _is_without_words(pair: Pair) -> bool:
    if not has_words(pair.text) or has_words(pair.given):
        return False
    digits = sum(map(str.isdigit, pair.given))
    if not digits or len(pair.text) > LONG_ENOUGH * 2:
        return True
    # A number may be written in digits; 403 stands for no other word.
    number = meaning(pair.text, pair.from_code).number
    return digits > 2 and number is None and len(pair.text.split()) == 1


def _lost_a_blank(pair: Pair) -> bool:
    wanted = len(UNDERSCORES.findall(pair.text))
    if not wanted:
        return bool(UNDERSCORES.search(pair.given))
    return len(BLANK.findall(pair.given)) < min(wanted, len(BLANK.findall(pair.text)))


def _is_repeated(pair: Pair) -> bool:
    return _repeats(pair.given) and not _repeats(pair.text)


def _repeats(text: str) -> bool:
    """Tell whether a word comes three times in a row, a letter five times, or a clause twice."""
    words = only_words(text)
    if any(len({*words[n : n + 3]}) == 1 and has_words(words[n]) for n in range(len(words) - 2)):
        return True
    if re.search(r"([^\W\d_])\1{4}|([\u3400-\u9fff])\2{3}|([^\W\d_]{2,12})\3{3}", text.casefold()):
        return True
    if len(words) >= 8 and Counter(words).most_common(1)[0][1] * 2 > len(words):
        return True
    letters = "".join(c for c in text.casefold() if c.isalnum())
    half = re.fullmatch(r"(.{6,}?)\1+", letters)
    return bool(half) or bool(re.search(r"(.{9,60}?)\1\1", letters))


def _is_explained(pair: Pair) -> bool:
    """Tell whether a label or a word about the translation stands before it, or after it."""
    words = wording_of(pair.to_code)
    if words.label.match(pair.given) and not wording_of(pair.from_code).label.match(pair.text):
        return not re.search("[:：]", pair.text)
    if LIST_LABEL.match(pair.given) and not LIST_LABEL.match(pair.text):
        return not pair.text[:1].isdigit()
    return bool(NOTE.search(pair.given)) and not NOTE.search(pair.text)


def _is_unchanged(pair: Pair) -> bool:
    """Tell whether a sentence stayed as it was; a name or a word of its own may."""
    if only_words(pair.text) != only_words(pair.given):
        return False
    words = WORD.findall(pair.text)
    if pair.text.isupper():
        return len(words) > 3
    plain = [len(word) for word in words if word.islower() and len(word) > 1]
    # "Gone with the Wind" is a name: none of its plain words has a meaning of its own.
    return len(words) > 2 and len(plain) > 1 and (max(plain) > 4 or bool(END.search(pair.text)))


def _is_half_left(pair: Pair) -> bool:
    """Tell whether words of the original stand in the translation, more than a name would."""
    here, there = language(pair.from_code).script, language(pair.to_code).script
    if here != "Latin":
        return False
    kept = _copied(pair)
    if there == "Latin":
        return kept >= (4 if pair.from_code == "en" else 6)
    return kept >= 2


def _copied(pair: Pair) -> int:
    """Return how many different plain words in a row are those of the original."""
    plain = " ".join(pair.text.split())
    longest = 0
    run: list[str] = []
    for word in WORD.findall(pair.given):
        run = [*run, word] if word.islower() and len(word) > 1 else []
        while run and not re.search(rf"\b{re.escape(' '.join(run))}\b", plain):
            run = run[1:]
        longest = max(longest, len({*run}))
    return longest


def _has_other_numbers(pair: Pair) -> bool:
    """Tell whether a number became another one, or a year is gone."""
    before, after = _numbers(pair.text), _numbers(pair.given)
    lost, new = before - after, after - before
    if not lost or SCALES.search(pair.text) or SCALES.search(pair.given):
        return False
    if re.search(r"\d\s?[ap]\.?m\b", pair.text):  # 3 pm is 15 o'clock
        return False
    if any(old.endswith(number) and len(number) > 1 for old in lost for number in new):
        return False  # the 1990s may be "the years 90"
    return bool(new) or any(len(old) >= LONG_NUMBER for old in lost)


def _numbers(text: str) -> Counter[str]:
    plain = HAN_NUMBER.sub(lambda found: found[0].translate(HAN_DIGITS), KEPT.sub(" ", text))
    found = NUMBER.findall(unicodedata.normalize("NFKC", plain))
    return Counter("".join(str(unicodedata.digit(c)) for c in n if c.isdigit()) for n in found)


def _is_cut(pair: Pair) -> bool:
    """Tell whether a text is broken off: far too short, or ending in a word that goes on."""
    before, after = _size(pair.text, pair.from_code), _size(pair.given, pair.to_code)
    if before >= LONG_ENOUGH and is_sentence(pair):
        low = SHORTEST if END.search(pair.text) else SHORTEST / 3
        if after < low * before:
            return True
    if pair.given.endswith(("…", "...", ",", "，", "、", "(", "-")) and not (
        pair.text.endswith(pair.given[-1]) or pair.text.endswith(("…", "...", ",", "-", ":", "_"))
    ):
        return True
    if not END.search(pair.text) or END.search(pair.given):
        return False
    return bool(wording_of(pair.to_code).open_end.search(pair.given.casefold()))


def _is_too_long(pair: Pair) -> bool:
    before, after = _size(pair.text, pair.from_code), _size(pair.given, pair.to_code)
    return after > max(ROOM, before * LONGEST) or (
        len(pair.text.split()) == 1
        and language(pair.from_code).spaced
        and len(pair.given.split()) > 6
    )


def _size(text: str, code: str) -> float:
    """Return a text's length as if it were English, in letters and digits."""
    return sum(map(str.isalnum, text)) / language(code).translation.density


def _new_words(
    texts: Sequence[str], translated: Sequence[str], from_code: str, to_code: str
) -> str:
    """Return what is said in other words than the originals, the question and its choices together.

    Choices that are names say nothing of the language.
    """
    both = enumerate(zip(texts, translated, strict=True))
    pairs = (Pair(t, g, from_code, to_code) for n, (t, g) in both if not n or t.islower())
    return " ".join(map(without_names, pairs))


def _is_answered(texts: Sequence[str], translated: Sequence[str], code: str) -> bool:
    question, given = texts[0], translated[0]
    if not has_words(question):
        return False
    choices = [only_words(choice) for choice in translated[1:] if has_words(choice)]
    if only_words(given) in choices and only_words(question) not in map(only_words, texts[1:]):
        return True
    label = wording_of(code).answer.match(given)
    return bool(label) and not END.search(given.rstrip("。.۔।!")) and question.endswith("?")


def _folded(choices: Sequence[str]) -> set[str]:
    return {choice.casefold().rstrip(".。 ") or choice for choice in choices}


def _are_left(
    texts: Sequence[str], translated: Sequence[str], from_code: str, to_code: str
) -> bool:
    """Tell whether a plain word stayed in a script that the language is not written in.

    Between languages of one script a word may be the same.
    """
    if language(from_code).script == language(to_code).script:
        return False
    return any(
        text.islower() and text.isalpha() and len(text) > 2 and text == given.casefold()
        for text, given in zip(texts, translated, strict=True)
    )


FAULTS: dict[str, Callable[[Pair], bool]] = {
    "no-words": _is_without_words,
    "notice": _is_notice,
    "filler": _is_filler,
    "marked-up": _is_marked_up,
    "garbled": _is_garbled,
    "other-places": _has_other_places,
    "lost-blank": _lost_a_blank,
    "repeated": _is_repeated,
    "unchanged": _is_unchanged,
    "explained": _is_explained,
    "foreign": is_foreign,
    "half-left": _is_half_left,
    "other-numbers": _has_other_numbers,
    "cut": _is_cut,
    "too-long": _is_too_long,
}
"""Why a text is refused, as the messages `translation.*` say, and what tells it; the first that
holds is said."""
