"""Stage `extract`: read the answer out of a response, where it stands, and how it is stated.

An answer is read only where it is stated: an announcement ("Answer:", "the correct answer is",
`\\boxed{`) is followed by a choice or its letter, a verdict ("is correct") follows one, or a line
is nothing else. A letter and a text that contradict each other state nothing, nor do two answers
in one statement, nor an answer that is taken back at once. Of several statements the last counts: a
model may correct itself. What it thinks before `</think>` is not what it says. Anything else is
`None`, never a guess.

The time it takes grows with the text's length and no faster: announcements are found in one pass,
and what follows each is read within a window as long as the question's own choices require.
"""

import dataclasses
import difflib
import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from calm.languages import LANGUAGES, Language, language
from calm.records import HowRead, Question, Response

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
BEFORE_VERDICT = 200
"""How far back from a verdict its answer may begin, in characters."""
AROUND_CHOICES = 240
"""How much is read around an announced answer beside the choices' own length, in characters."""
WORDS_TO_SPARE = 3
"""How many words, or characters of Chinese and Japanese, a line that is a name and no sentence may
have more than the longest choice."""
SIMILAR = 0.75
"""How alike a text and a choice are that count as spellings of the same; `difflib`'s ratio."""

PAIRS = ("'’", "یيى", "کك", "ہهة", "اأإآ")
"""Characters that are written for each other."""


@dataclass(frozen=True)
class Stated:
    """What a response states: the choice, where it stands, and how, or why it states none."""

    answer: int | None
    span: tuple[int, int] | None
    how: HowRead


@dataclass(frozen=True)
class Asked:
    """The question as the model saw it, and its versions in other languages."""

    question: Question
    order: Sequence[int]
    versions: Sequence[Question]

    @property
    def reach(self) -> int:
        """How far a statement may reach, in characters."""
        return 2 * max(map(len, self.question.choices), default=0) + AROUND_CHOICES


@dataclass(frozen=True)
class Named:
    """A choice's text found in a response; several choices where they have the same text."""

    choices: frozenset[int]
    span: tuple[int, int]


def extract(
    responses: Iterable[Response], groups: Mapping[str, Mapping[str, Question]]
) -> Iterator[Response]:
    """Yield the responses with their answers read."""
    for response in responses:
        versions = groups[response.question_id]
        stated = read_answer(
            response.text,
            versions[response.language],
            response.choice_order,
            [other for code, other in versions.items() if code != response.language],
        )
        yield dataclasses.replace(
            response, answer=stated.answer, answer_span=stated.span, how=stated.how
        )


def read_answer(
    text: str, question: Question, order: Sequence[int], versions: Sequence[Question] = ()
) -> Stated:
    """Return what a response states, where, and how; the span is `None` where the answer is.

    `order` is how the choices were shown: it turns a letter into a choice. `versions` are the
    question in other languages: a choice that is given in one of them is read too.
    """
    begin = _said_from(text)
    if begin is None:
        return Stated(None, None, "unstated")
    if DECORATION.fullmatch(text, begin):
        return Stated(None, None, "empty")
    asked = Asked(question, order, versions)
    stated = _last_stated(text, begin, asked) or _alone_on_a_line(text, begin, asked)
    if stated is None:
        refuses = _refuses(question.language).search(text[begin:])
        return Stated(None, None, "refusal" if refuses else "unstated")
    return stated if stated.answer is not None else Stated(None, None, stated.how)


def _said_from(text: str) -> int | None:
    """Return where the answer begins, after the model's thinking; `None` where it never does."""
    ends = [match.end() for match in END_OF_THOUGHT.finditer(text)]
    begin = ends[-1] if ends else 0
    return None if THOUGHT.search(text, begin) else begin


def _last_stated(text: str, begin: int, asked: Asked) -> Stated | None:
    """Return the last statement that is announced or judged; the later one where both are."""
    code = asked.question.language
    folded = text[begin:].lower()
    codes = tuple(
        row.code
        for row in LANGUAGES.values()
        if row.code in (code, "en") or any(label in folded for label in _stems(row.code))
    )
    announced = _last(
        _announcement(codes).finditer(text, begin),
        lambda match: _announced(text, match, asked),
    )
    judged = None
    if any(verdict in folded for verdict in _verdict_words(codes)):
        judged = _last(
            _verdict(codes).finditer(text, begin), lambda match: _judged(text, match, begin, asked)
        )
    found = [stated for stated in (announced, judged) if stated]
    return max(found, key=lambda stated: stated.span or (0, 0), default=None)


def _last(
    matches: Iterator[re.Match[str]], read: Callable[[re.Match[str]], Stated | None]
) -> Stated | None:
    return next(filter(None, map(read, reversed(list(matches)))), None)


def _announced(text: str, match: re.Match[str], asked: Asked) -> Stated | None:
    at = _end(AFTER_PHRASE if match["phrase"] else SPACES, text, match.end())
    window = text[at : at + asked.reach]
    stated = _statement(window, asked, match["phrase"] is not None)
    if stated is None:
        inner = _end(DECORATION, window, 0)
        if not _refusal(asked.question.language).match(window, inner):
            return None
        stated = Stated(None, (inner, inner), "refusal")
    return _moved(stated, at)


def _judged(text: str, match: re.Match[str], begin: int, asked: Asked) -> Stated | None:
    """Read the answer that a clause begins with and that its verdict ends."""
    back = max(begin, match.start() - BEFORE_VERDICT)
    window = text[back : match.start()]
    starts = [cut.end() for cut in CLAUSE_END.finditer(window)]
    for start in [0, *starts] if back == begin else starts:
        at = _end(SPACES, window, start)
        while (after := _end(LEAD, window, at)) > at:
            at = after
        stated = _statement(window[at:], asked, in_sentence=True)
        if stated and stated.span and not _rest(window, at + stated.span[1]):
            return _moved(stated, back + at)
    return None


def _rest(window: str, start: int) -> str:
    return window[_end(ENDING, window, start) :]


def _alone_on_a_line(text: str, begin: int, asked: Asked) -> Stated | None:
    """Read the lines that are nothing but a choice, its letter, or both; they must agree."""
    found = []
    for line in LINES.finditer(text, begin):
        if line.end() - line.start() > asked.reach:
            continue
        label = _explanation(asked.question.language).match(line[0])
        at = label.end() if label else 0
        at = _end(SPACES, line[0], at)
        stated = _statement(line[0][at:], asked, in_sentence=False)
        if stated is None or stated.span is None:
            continue
        if label and stated.how not in ("letter and text", "several"):
            continue
        end = _end(ENDING, line[0], at + stated.span[1])
        reasoned = stated.how == "letter and text" and GIVES_REASON.match(line[0], end)
        if end == len(line[0]) or reasoned or stated.how == "several":
            found.append(_moved(stated, line.start() + at))
    if not found:
        return None
    answers = {stated.answer for stated in found}
    return found[-1] if len(answers) == 1 else Stated(None, found[-1].span, "several")


def _statement(window: str, asked: Asked, in_sentence: bool) -> Stated | None:
    """Read the letter, the choice, or the letter and the choice that `window` begins with.

    `in_sentence` tells that the place is in the middle of a sentence: a capital there is a letter
    of a choice even if words follow. At the beginning of one it may be a word ("A person who").
    """
    code = asked.question.language
    begin = _end(DECORATION, window, 0)
    inner = _end(PREFACE, window, begin)
    named = next(filter(None, (_named(window, at, asked) for at in (0, begin, inner))), None)
    places = (inner, begin) if _is_option(window, begin) else (begin, inner)
    letter = next(filter(None, (_letter(code).match(window, at) for at in places)), None)
    place = _place(letter[0], language(code)) if letter else None
    stated = _by_text(window, named, asked) if named else None
    if letter and place is not None and place < len(asked.order):
        if named is None or named.span[1] <= letter.end():
            stated = _lettered(window, letter, asked.order[place], asked, in_sentence)
        if named and stated and stated.span == named.span and stated.answer not in named.choices:
            return Stated(None, named.span, "contradiction")
    elif named is None and (glued := _glued(code).match(window, begin)):
        return Stated(None, glued.span(), "several")
    if stated is None or stated.span is None:
        return stated
    if _goes_on(window, stated, asked):
        return Stated(None, stated.span, "several")
    if stated.answer is not None and _taken_back(window, stated.span[1], code):
        return Stated(None, stated.span, "contradiction")
    return stated


def _is_option(window: str, start: int) -> bool:
    """Tell whether the word "option" stands there, so that an "A" before it is an article."""
    preface = PREFACE.match(window, start)
    return bool(preface and preface["option"])


def _by_text(window: str, named: Named, asked: Asked) -> Stated:
    """Read a choice's text; a letter in brackets behind it must agree: "bank (A)"."""
    only = len(named.choices) == 1
    if lettered := BRACKETED.match(window, named.span[1]):
        place = _place(lettered[1], language(asked.question.language))
        if place is not None and place < len(asked.order):
            shown, span = asked.order[place], (named.span[0], lettered.end(1))
            if shown in named.choices:
                return Stated(shown, span, "letter and text")
            return Stated(None, span, "contradiction")
    answer = next(iter(named.choices)) if only else None
    return Stated(answer, named.span, "text" if only else "several")


def _lettered(
    window: str, letter: re.Match[str], answer: int, asked: Asked, in_sentence: bool
) -> Stated | None:
    """Read a letter with the text behind it, if there is one: the two must agree."""
    after = _end(AFTER_LETTER, window, letter.end())
    named = _named(window, after, asked)
    if named:
        span = (letter.start(), named.span[1])
        if answer in named.choices:
            return Stated(answer, span, "letter and text")
        return Stated(None, span, "contradiction")
    stated = Stated(answer, letter.span(), "letter")
    if RUNS_ON.match(window, letter.end()) and (not in_sentence or letter[0].islower()):
        return stated if _goes_on(window, stated, asked) else None
    if LABELLED.match(window, letter.end()) and _names_another(window, after, answer, asked):
        return Stated(None, (letter.start(), after), "contradiction")
    return stated


def _names_another(window: str, after: int, answer: int, asked: Asked) -> bool:
    """Tell whether what stands behind a letter, on its line, names something else than its choice.

    It does if it is as short as a choice and unlike this one, or says that there is no answer. A
    longer text, a reason, or one in another script is no name of a choice and contradicts nothing.
    """
    code, choices = asked.question.language, asked.question.choices
    if "\n" in window[:after].lstrip():
        return False
    line = window[after:].partition("\n")[0]
    if _refusal(code).match(line):
        return True
    name = NAME_ENDS.split(line, maxsplit=1)[0].strip()
    own = choices[answer]
    if (
        not name
        or EXPLAINS.match(line)
        or _linked(code).fullmatch(name)
        or _plain(own) in _plain(line)
    ):
        return False
    lengths = [len(c) if _unspaced(name) else len(c.split()) for c in (name, *choices)]
    spare = WORDS_TO_SPARE if len(name) == len(line.strip()) else 0
    if lengths[0] > max(lengths[1:]) + spare:
        return False
    if _scripts(name).isdisjoint(_scripts(own)):
        return False
    return not _alike(name, own)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _alike(name: str, choice: str) -> bool:
    """Tell whether two names are spellings of one: nearly the same, or one inside the other."""
    one, two = _plain(name), _plain(choice)
    if one in two or two in one:
        return True
    ratio = difflib.SequenceMatcher(None, one, two, autojunk=False).ratio()
    return one[:1] == two[:1] and ratio >= SIMILAR


def _unspaced(text: str) -> bool:
    return bool(re.search(rf"[{HAN}{KANA}]", text))


def _scripts(text: str) -> set[str]:
    """Return the scripts of a text's letters, by the first word of each letter's Unicode name."""
    names = {unicodedata.name(c, "?").split()[0] for c in text if c.isalpha()}
    return {"CJK" if name in ("HIRAGANA", "KATAKANA") else name for name in names}


def _goes_on(window: str, stated: Stated, asked: Asked) -> bool:
    """Tell whether another answer follows in the same statement, as in "A or C"."""
    assert stated.span is not None
    end = stated.span[1]
    joiner = JOINER.match(window, end)
    place = joiner.end() if joiner else end
    code = asked.question.language
    if stated.how == "letter" and place == end:
        place = _end(LETTER_NEXT, window, end)
    if place == end:
        return False
    named = _named(window, place, asked)
    if named and stated.answer not in named.choices and named.span[0] == place:
        return True
    letter = _letter(code).match(window, place)
    if letter is None or _place(letter[0], language(code)) is None:
        return False
    if stated.how == "letter" and window[end:place].strip() not in (".", ":", ")"):
        return True
    if stated.how == "letter":
        return bool(ENDING.fullmatch(window, letter.end()))
    return bool(NAMES_NEXT.match(window, letter.end()))


def _taken_back(window: str, end: int, code: str) -> bool:
    """Tell whether a denial follows at once, or in the brackets that follow at once."""
    denial = _denial(code)
    if denial.match(window, _end(BEFORE_DENIAL, window, end)):
        return True
    bracket = IN_BRACKETS.match(window, end)
    if not bracket:
        return False
    ended = any(DENIAL_ENDS.match(bracket[0], found.end()) for found in denial.finditer(bracket[0]))
    return ended and not _any_letter(code).search(bracket[0], 1)


def _named(text: str, start: int, asked: Asked) -> Named | None:
    """Return the longest choice that stands at `start`: in the own language, else in another."""
    for version in (asked.question, *asked.versions):
        ends = {}
        for index, pattern in enumerate(_choices(version.choices, version.language)):
            match = pattern.match(text, start)
            if match and not WORD_GOES_ON.match(text, match.end()):
                ends[index] = match.end()
        if ends:
            longest = max(ends.values())
            same = frozenset(index for index, end in ends.items() if end == longest)
            return Named(same, (start, longest))
    return None


def _place(letter: str, row: Language) -> int | None:
    upper = letter[0].upper()
    upper = {"ا": "أ", "إ": "أ", "آ": "أ"}.get(upper, upper)
    for letters in (row.letters, LATIN, FULL_WIDTH, CIRCLED):
        if upper in letters:
            return letters.index(upper)
    return None


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _moved(stated: Stated, by: int) -> Stated:
    if stated.span is None:
        return stated
    return dataclasses.replace(stated, span=(stated.span[0] + by, stated.span[1] + by))


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
def _choices(choices: tuple[str, ...], code: str) -> tuple[re.Pattern[str], ...]:
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
def _letter(code: str) -> re.Pattern[str]:
    """Match a letter that is no part of a word; Chinese and Japanese words follow without a gap."""
    own = re.escape(language(code).letters) + ("اإآ" if code == "ar" else "")
    kana = rf"[{own}](?!(?![でだのがと])(?:{WORD}))" if code == "ja" else rf"[{own}]ـ?(?!{WORD})"
    latin = rf"[{LATIN}{FULL_WIDTH}{CIRCLED}](?!(?![{HAN}{KANA}])(?:{WORD})|['’]\w)"
    small = rf"[{LATIN.lower()}{own.lower()}](?=[ \t*_]*(?:[.):）\]}}>\"”]|[\r\n]|$))"
    return re.compile(rf"{kana}|{latin}|{small}")


@functools.cache
def _any_letter(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{_letter(code).pattern})")


@functools.cache
def _glued(code: str) -> re.Pattern[str]:
    """Match letters that are given together without a gap, in their order: "BC"."""
    rising = "".join(f"{letter}?" for letter in language(code).letters)
    latin = "".join(f"{letter}?" for letter in LATIN)
    return re.compile(rf"(?=\w\w)(?:{latin}|{rising})(?!{WORD})")


@functools.cache
def _announcement(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Match an announcement of an answer in these languages.

    A single word announces only with a colon; a phrase such as "the answer is" also without.
    """
    words, phrases, nouns, links = set(), set(), {OPTION}, set()
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
            links |= {_words(link, row.code) for link in row.links if not _unspaced(link)}
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
def _stems(code: str) -> tuple[str, ...]:
    """Return labels of which one is part of every announcement in this language."""
    labels = [LANGUAGES[code].answer.lower(), *LANGUAGES[code].answer_labels]
    return tuple(a for a in labels if not any(b in a for b in labels if b != a))


@functools.cache
def _verdict_words(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(verdict for code in codes for verdict in LANGUAGES[code].verdicts)


@functools.cache
def _verdict(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = {_words(verdict, code) for code in codes for verdict in LANGUAGES[code].verdicts}
    return re.compile(
        rf"(?:{_longest_first(words)})(?!{WORD})(?!\s*[?？؟])|"
        rf"(?:{_longest_first({w for w in words if _unspaced(w)} or {'(?!)'})})",
        re.IGNORECASE,
    )


@functools.cache
def _linked(code: str) -> re.Pattern[str]:
    return _of_both("links", code, "")


@functools.cache
def _denial(code: str) -> re.Pattern[str]:
    return _of_both("denials", code, "")


@functools.cache
def _refusal(code: str) -> re.Pattern[str]:
    return _of_both("refusals", code, "")


@functools.cache
def _refuses(code: str) -> re.Pattern[str]:
    """Match a sentence that begins with a refusal."""
    return _of_both("refusals", code, r"(?:\A|[.!?,。！？，\n])[ \t\"*]{0,3}")


@functools.cache
def _explanation(code: str) -> re.Pattern[str]:
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
