"""How answers are written: the patterns that `extract` reads by, built from the language table.

Marks, letters, words around an answer. What is a language's own stands in `languages.py`; here is
how it is looked for, and what is common to texts of all languages.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping

from calm.languages import LANGUAGES, Language, language

LATIN = "ABCDEFGH"
FULL_WIDTH = "ＡＢＣＤＥＦＧＨ"
CIRCLED = "ⒶⒷⒸⒹⒺⒻⒼⒽ"

WORD = r"[^\W_]|[\u0300-\u036f\u064b-\u0655\u0670\u0900-\u0903\u093a-\u094f]"
"""A letter, a digit, or a vowel sign that belongs to the letter before it."""
HAN, KANA, KATAKANA = r"\u3400-\u9fff", r"\u3040-\u30ff", r"\u30a0-\u30ff"
INVISIBLE = r"\u061c\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff"
SPACE = rf"[\s{INVISIBLE}]"
MARKS = rf"\s*_`~#>$\"'“”‘’«»„「」『』【】\[\](){{}}（）<>《》〈〉{INVISIBLE}"
TAG = (
    r"(?-i:<b>(?=[^\n]{0,200}</b>)|</b>|</?(?:strong|i|em|u|p|span|div|br|code|mark|choice)\s*/?>)"
)
"""HTML around an answer; an upper case `<B>` is one."""
DECORATION = re.compile(
    rf"(?:{TAG}|[{MARKS}]|\\(?:boxed|text|mathrm|mathbf|textbf)\b|[-–—•✅👉]\s)*"
)
COLON = r"[:：﹕꞉=]"
AFTER_LETTER = re.compile(rf"(?:{TAG}|[{MARKS}.．。۔।:：、，,\-–—])*")
OPTION = (
    r"option|choice|letter|answer|lettre|choix|réponse|antwort|buchstabe|möglichkeit|wahl|opción|"
    r"letra|respuesta|alternativa|opzione|scelta|lettera|risposta|opção|resposta|optie|keuze|"
    r"antwoord|opcja|opcją|opcję|odpowiedź|odpowiedzią|вариант|вариантом|ответ|ответом|буква|"
    r"الخيار|الاختيار|الحرف|الإجابة|الجواب|phương án|lựa chọn|đáp án|câu trả lời|विकल्प|उत्तर|जवाब|"
    r"chaguo|jibu|herufi|آپشن|جواب|انتخاب"
)
"""What a choice and an answer are called."""
BEST_OPTION = r"(?:most|best|correct|right)(?: [^\W\d_]+){0,2} (?:choice|option)"
"""An option that is announced as the answer; "option A is" only describes one."""
PREFACE = re.compile(
    r"(?:(?:an?|the|le|la|les|un|une|der|die|das|ein|eine|el|los|las|una|il|lo|gli|uno|os?|as?|um|"
    r"uma|het|een|de|to|là|ni|for|für|pour|both|either)\s+[\"“‘«„*_]*|l['’])?"
    rf"(?:(?P<option>(?:{OPTION})\s+|选项|選択肢){DECORATION.pattern})?",
    re.IGNORECASE,
)
"""What may stand before an answer and does not belong to it: an article, the word "option"."""
REASON = (
    r"because|since|as|due|given|weil|da|denn|car|parce|puisque|porque|ya|pues|já|pois|perché|"
    r"poiché|dato|omdat|want|ponieważ|bo|gdyż|потому|так|поскольку|لأن|vì|bởi|क्योंकि|kwa|kwani|"
    r"کیونکہ|因为|因為|なぜなら"
)
RUNS_ON = re.compile(rf"[ \t]+(?!(?:{REASON})\b){WORD}", re.IGNORECASE)
"""What follows a capital that is a word of its sentence, not the letter of a choice."""
LEAD = re.compile(
    r"(?:(?:so|thus|therefore|hence|then|i think|i believe|also|daher|deshalb|somit|donc|ainsi|"
    r"quindi|dunque|entonces|por lo tanto|portanto|logo|dus|więc|zatem|значит|поэтому|итак|إذن|لذا|"
    r"vậy|do đó|इसलिए|अतः|hivyo|kwa hiyo|لہذا|اس لیے)\b|所以|因此|故|よって|したがって|だから|私は)"
    rf"[,、，]?{SPACE}*",
    re.IGNORECASE,
)
"""What may stand between the beginning of a sentence and the answer that it is about."""
WRONG = [
    "least likely ",
    "unlikely ",
    "if ",
    "if the ",
    "whether the ",
    "wrong ",
    "incorrect ",
    "falsche ",
    "mauvaise ",
    "誤った",
]
WRONG += ["不", "不正确", "不正确的", "错误", "错误的"]
"""What turns an announcement into its opposite when it stands before it."""
JOINER = re.compile(
    rf"[)）\]”\"]*[ \t*_]*(?:[,、，،;；/&+\-–]|"
    rf"(?<![^\W_])(?:and/or|and|or|und|oder|et|ou|y|o|e|ed|i|lub|en|of|и|или|و|أو|na|au|và|hoặc|और|"
    rf"या|اور|یا)(?!{WORD})|和|或者?|与|と|または|か)?[ \t*_]*"
)
"""What stands between two answers that are given together."""
ENDING = re.compile(
    rf"(?:です|だ|である|है|ہے)?(?:{TAG}|[\s{INVISIBLE}.。．۔।!！\"'”’»」』】*_`~)）\]}}$>])*"
)
"""What may follow an answer on its line."""
MARKED = (
    r"\\boxed\s*\{|<answer>|<\|?final_?answer\|?>|"
    r"\"(?:[a-z]+_)?(?:answer|choice|option|prediction|selection)(?:_[a-z]+)?\"\s*:"
)
"""Announcements that are marks of a format and no words of any language."""
END_OF_THOUGHT = re.compile(r"</think(?:ing)?>|\[/THINK\]|<\|channel\|>final<\|message\|>", re.I)
THOUGHT = re.compile(r"<think(?:ing)?>|\[THINK\]", re.I)
CLAUSE_END = re.compile(r"(?:[.!?。！？\n\r;；:：।؟]|(?<=\w\w)[,，、،])(?=\s|[^\W_])")
"""Where a clause ends, so that the next may begin with an answer; not within a list of letters."""

ALSO_EXPLAIN = ("説明", "理由", "解析", "Erläuterung", "Begründung", "Justification", "Reasoning")
PAIRS = ("'’", "یيى", "کك", "ہهة", "اأإآ")
"""Characters that are written for each other."""
SPACES = re.compile(rf"{SPACE}*")
AFTER_PHRASE = re.compile(
    rf"{SPACE}*(?:(?:therefore|thus|hence|clearly|likely|probably|definitely|also|somit|daher|"
    rf"donc|quindi|dunque|entonces|então|portanto|dus|zatem|więc)\b)?{SPACE}*[,、，:：]?{SPACE}*",
    re.IGNORECASE,
)
CHOOSING = {"elijo", "escojo", "elegiría", "scelgo", "sceglierei", "escolho", "wybieram", "выбираю"}
CHOOSING |= {"nachagua", "ningechagua", "أختار", "سأختار", "wybrałbym", "wybrałabym"}
"""Verbs that announce by themselves, as a phrase does."""
VERB_LAST = ("hi", "ur")
"""Languages in which the answer stands between its announcement and the link."""
LINES = re.compile(r"[^\r\n]+")
LABELLED = re.compile(rf"[{INVISIBLE}*_]*[.):：．、）>\]】](?!\d)|\s+[-–—]\s")
"""What stands between the letter and the text of one choice, and not within a sentence."""
NAME_ENDS = re.compile(r"[(（.。۔।;；,，!！?？\"*<>|、]|\s[-–—]\s")
GIVES_REASON = re.compile(rf"[,，]?\s*(?:{REASON})\b", re.IGNORECASE)
EXPLAINS = re.compile(rf"[,，;；]|(?:{REASON})\b|因|なぜ", re.IGNORECASE)
BEFORE_DENIAL = re.compile(rf"[{MARKS},，:：\-–—、.]*(?:(?:was|would be|est|ist|è|es|é)\s)?")
DENIAL_ENDS = re.compile(r"\s*(?:[.。!！,，;；]|$)")
NAMES_NEXT = re.compile(r"(?:[.):：]|\s*[(（])\s*\w|\s*$")
LETTER_NEXT = re.compile(r"[.):：）][ \t]*|[ \t]+")
BRACKETED = re.compile(r"[\s*_\"”»」]*[(（\[]\s*([^\W\d_])\s*[)）\]]")
IN_BRACKETS = re.compile(r"[ \t*_\"”」>.]*[(（\[][^)）\]\n]*")
WORD_GOES_ON = re.compile(
    rf"(?<=[{KATAKANA}])[{KATAKANA}]|(?<=[{HAN}])[{HAN}{KATAKANA}]"
    rf"|(?<![{HAN}{KANA}])(?![{HAN}{KANA}])(?:{WORD})|(?<=\d)[.,]\d"
)
"""What makes a choice's text the beginning of a longer word or number."""


@functools.lru_cache(maxsize=8192)
def choice_patterns(choices: tuple[str, ...], code: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns of the choices' words, in any kind of apostrophe, digit and letter case."""
    return tuple(
        re.compile(_article(code) + _words((choice.rstrip(".。") or choice), code), re.IGNORECASE)
        for choice in choices
    )


def _article(code: str) -> str:
    """Return a pattern of an article that is one word with its noun."""
    return "(?:ال)?" if code == "ar" else ""


def _words(text: str, code: str) -> str:
    """Return a pattern of a text's words, however they are spaced, composed or pointed."""
    digits = {d: f"[{d}{own}]" for d, own in zip("0123456789", language(code).digits, strict=True)}
    return rf"{SPACE}+".join("".join(_character(c, digits) for c in w) for w in text.split())


def _character(character: str, digits: Mapping[str, str]) -> str:
    if character in digits:
        return digits[character]
    for alike in PAIRS:
        if character in alike:
            return f"[{alike}]"
    apart = unicodedata.normalize("NFD", character)
    return f"(?:{character}|{apart})" if apart != character else re.escape(character)


@functools.cache
def letter_pattern(code: str) -> re.Pattern[str]:
    """Match a letter that is no part of a word; Chinese and Japanese words follow without a gap."""
    own = re.escape(language(code).letters) + ("اإآ" if code == "ar" else "")
    kana = rf"[{own}](?!(?![でだのがと])(?:{WORD}))" if code == "ja" else rf"[{own}]ـ?(?!{WORD})"
    latin = rf"[{LATIN}{FULL_WIDTH}{CIRCLED}](?!(?![{HAN}{KANA}])(?:{WORD})|['’]\w)"
    small = rf"[{LATIN.lower()}{own.lower()}](?=[ \t*_]*(?:[.):）\]}}>\"”]|[\r\n]|$))"
    return re.compile(rf"{kana}|{latin}|{small}")


@functools.cache
def any_letter(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{letter_pattern(code).pattern})")


@functools.cache
def glued_letters(code: str) -> re.Pattern[str]:
    """Match letters that are given together without a gap, in their order: "BC"."""
    rising = "".join(f"{letter}?" for letter in language(code).letters)
    latin = "".join(f"{letter}?" for letter in LATIN)
    return re.compile(rf"(?=\w\w)(?:{latin}|{rising})(?!{WORD})")


@functools.cache
def announcement(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Match an announcement of an answer in these languages.

    A single word announces only with a colon; a phrase such as "the answer is" also without.
    """
    words, phrases, nouns, links = set(), set(), {BEST_OPTION}, set()
    for row in (LANGUAGES[code] for code in codes):
        for label in (row.answer.lower(), *row.answer_labels):
            pattern = _words(label, row.code)
            words.add(pattern)
            if (
                " " in label
                or label.endswith(("是", "为", "は", "选", "选择"))
                or label in CHOOSING
            ):
                phrases.add(pattern)
        nouns |= {_words(row.answer.lower(), row.code)}
        if row.code not in VERB_LAST:
            links |= {_words(link, row.code) for link in row.links if not unspaced(link)}
    no_denial = "".join(f"(?<!{word})" for word in WRONG)
    begins = rf"(?:(?<![^\W_])|(?<=[{HAN}{KANA}])){no_denial}"
    ends = rf"(?![^\W_])|(?<=[{HAN}{KANA}])"
    return re.compile(
        rf"{begins}(?:(?:{_longest_first(words)}){DECORATION.pattern}{COLON}"
        rf"|[【\[](?:{_longest_first(words)})[】\]]|{MARKED}"
        rf"|(?P<phrase>(?:{_longest_first(nouns | phrases)})(?: [^\W\d_]+){{0,3}}? "
        rf"(?:{_longest_first(links)})(?!{WORD})|(?:{_longest_first(phrases)})(?:{ends})))",
        re.IGNORECASE,
    )


@functools.cache
def stems(code: str) -> tuple[str, ...]:
    """Return labels of which one is part of every announcement in this language."""
    labels = [LANGUAGES[code].answer.lower(), *LANGUAGES[code].answer_labels]
    return tuple(a for a in labels if not any(b in a for b in labels if b != a))


@functools.cache
def verdict_words(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(verdict for code in codes for verdict in LANGUAGES[code].verdicts)


NOT_TAKEN_BACK = r"(?!\s*(?:とは|わけでは|かどうか|ではな|ではあり|吗|嗎|[?？]))"
"""What must not follow a verdict in a language without spaces: it would question or deny it."""


@functools.cache
def verdict_pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = {_words(verdict, code) for code in codes for verdict in LANGUAGES[code].verdicts}
    return re.compile(
        rf"(?:{_longest_first(words)})(?!{WORD})(?!\s*[?？؟])|"
        rf"(?:{_longest_first({w for w in words if unspaced(w)} or {'(?!)'})}){NOT_TAKEN_BACK}",
        re.IGNORECASE,
    )


@functools.cache
def link(code: str) -> re.Pattern[str]:
    return _of_both("links", code, "")


@functools.cache
def denial_pattern(code: str) -> re.Pattern[str]:
    return _of_both("denials", code, "")


@functools.cache
def refusal(code: str) -> re.Pattern[str]:
    return _of_both("refusals", code, "")


@functools.cache
def refusing_sentence(code: str) -> re.Pattern[str]:
    """Match a sentence that begins with a refusal."""
    return _of_both("refusals", code, r"(?:\A|[.!?,。！？，\n])[ \t\"*]{0,3}")


@functools.cache
def explanation_label(code: str) -> re.Pattern[str]:
    """Match the label of an explanation at the beginning of a line."""
    labels = {LANGUAGES[code].explanation, LANGUAGES["en"].explanation, *ALSO_EXPLAIN}
    return re.compile(rf"[*_# ]*(?:{_longest_first(labels)})[*_ ]*{COLON}[*_ ]*", re.IGNORECASE)


def _of_both(field: str, code: str, begins: str) -> re.Pattern[str]:
    rows = (LANGUAGES[code], LANGUAGES["en"])
    words = {_words(word, row.code) for row in rows for word in getattr(row, field)}
    return re.compile(
        rf"{begins}(?:{_longest_first(words)})(?:(?!{WORD})|(?<=[{HAN}{KANA}]))", re.IGNORECASE
    )


def _longest_first(patterns: Iterable[str]) -> str:
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))


def place_of(letter: str, row: Language) -> int | None:
    upper = letter[0].upper()
    upper = {"ا": "أ", "إ": "أ", "آ": "أ"}.get(upper, upper)
    for letters in (row.letters, LATIN, FULL_WIDTH, CIRCLED):
        if upper in letters:
            return letters.index(upper)
    return None


def unspaced(text: str) -> bool:
    return bool(re.search(rf"[{HAN}{KANA}]", text))
