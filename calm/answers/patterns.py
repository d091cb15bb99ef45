"""How answers are written: the patterns that `extract` reads by, built from the language table.

Marks, letters, words around an answer. What is a language's own stands in its file; here is how it
is looked for, and what is common to texts of all languages.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping

from calm.languages.scripts import GLUED, HAN, INVISIBLE, KANA, SIGNS
from calm.languages.table import LANGUAGES, all_words, either, language


def unspaced(text: str) -> bool:
    """Tell whether a text has characters that are written without spaces between words."""
    return bool(re.search(rf"[{GLUED}]", text))


def _words(*keys: str) -> tuple[str, str]:
    """Return patterns of all languages' words around answers, those with spaces between first."""
    words = all_words("sentences", *keys)
    glued = frozenset(filter(unspaced, words))
    return either(words - glued), either(glued)


APOSTROPHE = "'"
WORD = rf"[^\W_]|{SIGNS}"
"""A letter, a digit, or a vowel sign that belongs to the letter before it."""
SPACE = rf"[\s{INVISIBLE}]"
MARKS = rf"\s*_`~#>$\"'“”‘’«»„「」『』【】\[\](){{}}（）<>《》〈〉{INVISIBLE}"
TAG = (
    r"(?-i:<b>(?=[^\n]{0,200}</b>)|</b>|</?(?:strong|i|em|u|p|span|div|br|code|mark|choice)\s*/?>)"
)
"""HTML around an answer; an upper case `<B>` is one."""
TICK = r"[✅✔☑✓🎯🏆⭐]\ufe0f?"
DECORATION = re.compile(
    rf"(?:{TAG}|[{MARKS}]|\\(?:(?:boxed|fbox|text|mathrm|mathbf|textbf)\b|[()\[\]])|[-–—•]\s|"
    rf"{TICK}|[👉➡💡]\ufe0f?)*"
)
COLON = r"[:：﹕꞉=]"
AFTER_LETTER = re.compile(rf"(?:{TAG}|[{MARKS}.．。۔।:：、，,\-–—])*")
OPTION, OPTION_GLUED = _words("options")
"""What a choice and an answer are called."""
BEST_OPTION = r"(?:most|best|correct|right)(?: [^\W\d_]+){0,2} (?:choice|option)"
"""An option that is announced as the answer; "option A is" only describes one."""
BEFORE = all_words("sentences", "before_answer")
PREFACE = re.compile(
    rf"(?:(?:{_words('prepositions')[0]})\s+)?"
    rf"(?:(?:{either(w for w in BEFORE if not w.endswith(APOSTROPHE))})[^\S\n]+[\"“‘«„*_]*|"
    rf"{either(w for w in BEFORE if w.endswith(APOSTROPHE))})?"
    rf"(?:(?P<option>(?:{OPTION})\s+|{OPTION_GLUED}){DECORATION.pattern})?",
    re.IGNORECASE,
)
"""What may stand before an answer and does not belong to it: an article, the word "option"."""
REASON = either(all_words("sentences", "reasons"))
RUNS_ON = re.compile(rf"[ \t]+(?!(?:{REASON})\b){WORD}", re.IGNORECASE)
"""What follows a capital that is a word of its sentence, not the letter of a choice."""
LEAD_SPACED, LEAD_GLUED = _words("lead_ins")
LEAD = re.compile(rf"(?:(?:{LEAD_SPACED})(?!{WORD})|{LEAD_GLUED})[,、，]?{SPACE}*", re.IGNORECASE)
"""What may stand between the beginning of a sentence and the answer that it is about."""
GAP = r"(?: (?!(?-i:[A-HА-З])(?![^\W_]))[^\W\d_]+)"
"""A word between an announcement and its link, not a letter that is the answer itself."""
HINT = r"(?:\s?[(（][^()（）\n]{0,40}[)）][ \t*_]*)?"
"""What may stand in brackets between a label and its colon: "(A, B, C or D)"."""
FRAMED = all_words("sentences", "framed_labels")
"""Labels that announce only together with what follows the answer."""
AND, AND_GLUED = _words("conjunctions")
AND_JOINED = either(all_words("sentences", "joined_conjunctions"))
JOINER = re.compile(
    rf"[)）\]”\"]*[ \t*_]*(?:\\text\{{)?[ \t]*(?:[-=–]>|[→⇒,、，،;；/&+\-–]|"
    rf"(?<![^\W_])(?:{AND})(?!{WORD})|{AND_GLUED}|{AND_JOINED})?[ \t*_]*\}}?[ \t*_\"“]*"
)
"""What stands between two answers that are given together."""
ENDING = re.compile(
    rf"(?:{either(all_words('sentences', 'copulas'))})?"
    rf"(?:{TAG}|[\s{INVISIBLE}.。．۔।!！\"'”’»」』】*_`~)）\]}}$>]|\\[)\]]|{TICK})*"
)
"""What may follow an answer on its line."""
KEY_BEFORE = (
    r"(?:(?:final|correct|best|my|your|the|selected|chosen|predicted|model|right|most_likely)_?)?"
)
KEY_BEHIND = r"(?:_?(?:letter|choice|option|text|key|label|id|value|is))?"
MARKED = (
    r"\\?\b(?:boxed|fbox)\s*\{|<(?:answer|output|solution)>|<\|?final_?answer\|?>|"
    rf"\"{KEY_BEFORE}(?:answer|choice|option|prediction|selection|selected|chosen){KEY_BEHIND}\"\s*:"
    r"(?:\s*\{\s*\"(?:letter|label|key|option|choice|id|answer)\"\s*:)?"
)
"""Announcements that are marks of a format and no words of any language."""

CLAUSE_END = re.compile(r"(?:[.!?。！？\n\r;；:：।؟]|(?<=\w\w)[,，、،])(?=\s|[^\W_])")
"""Where a clause ends, so that the next may begin with an answer; not within a list of letters."""

SENTENCE_CUT = re.compile(r"[.!?](?=\s|$)|[。！？؟।۔\n;；:：]")
"""Where a sentence ends, or a part of it that says something of its own."""
COMMA = re.compile(r"[,，、،]\s*|\s[-–—]\s")
THAT = re.compile(rf"\s*(?:{either(all_words('sentences', 'that'))})\b", re.IGNORECASE)
LEAD_WITHIN = re.compile(rf"(?<![^\W_])(?:{LEAD.pattern})", re.IGNORECASE)
ASKED = re.compile(
    r"[^.!?。！？؟।۔\n,，،;；:：()（）]{0,40}(?:[,，،、]\s*(?:[^\W\d_][\w'’\-]*\s?){1,4}\s?)?[?？؟]"
)
"""The end of a sentence that is a question."""
BARE_VERBS = all_words("sentences", "bare_verbs")
FIRST_PERSON = re.compile(
    rf"[\s\W]*(?:{either(all_words('sentences', 'own_clause'))}|[\s\W])*", re.IGNORECASE
)
"""All that may stand in a clause whose bare verb of choosing is the model's own."""
CLAUSE_ENDS = re.compile(
    rf"(?:\s*(?:{either(all_words('sentences', 'closings'))}))?(?:{TAG}|[\s*_\"”’»）)\]}}])*"
    rf"(?:[.。．।۔!！,，、،;；(（\n]|$|\s[-–—]\s|\s+(?:{REASON})\b)|\s*\n",
    re.IGNORECASE,
)
FINAL = re.compile(
    rf"(?:{TAG}|[\s*_\"”»）)\]}}])*(?:\s+here)?"
    rf"(?:[.。．।۔!！]|\Z|\n|\s[-–—]\s|,?\s+(?:{REASON})\b)",
    re.IGNORECASE,
)
"""The end of a sentence behind an answer, or the reason for it."""
OPENINGS = sorted(all_words("sentences", "openings"))
BEGINS_SENTENCE = re.compile(
    rf"(?:{'|'.join(o for o in OPENINGS if not unspaced(o))})(?!\w)|"
    rf"{'|'.join(filter(unspaced, OPENINGS)) or '(?!)'}",
    re.IGNORECASE,
)
"""How a sentence begins that is no name of a choice."""
AND_WHAT = re.compile(rf",\s+(?!(?:{either(all_words('sentences', 'relatives'))})\b)\w+\s+\w")
STATEMENT_ENDS = re.compile(r"\n|[.。．۔।!！](?=[\s*_]*)|[(（]|\s[-–—]\s")
"""What ends a statement behind its letter, where a sentence follows it."""
SENTENCE_GOES_ON = re.compile(
    rf"[ \t*_]*:?[ \t*_]+(?!(?:{REASON})\b){WORD}|[{HAN}{KANA}]", re.IGNORECASE
)
ARITHMETIC = re.compile(r"\s*[+*×·/÷^=−–—-]\s*[\d(]|\s*[+*×·/÷^=]")
SUM = re.compile(
    r"(?=[^=\n]{0,60}\d)[\d.,()\s+*×·/÷^²³−–—x-]{3,80}=(?:[\d.,()\s+*×·/÷^²³−–—x-]{1,80}=)*"
)
"""A sum up to its last sign of equality."""
NO_WORDS = all_words("sentences", "no")
YES_WORDS = all_words("sentences", "yes")
YES_COMMA = re.compile(r"[*_\"]*\s*(?:[,.،۔।!]|$)")
"""What must follow a "yes" or a "no" that a response begins with."""
TICKED = re.compile(r"[✅✔☑✓√]")
CELL = re.compile(r"[\s|>*\-–—•]*")
JUDGED = re.compile(r"[\s|*_.:\-–—(]*[✅✔☑✓√][^\n]{0,20}")
"""A tick behind a choice, in a list or in the next cell of a table."""
STRUCK = re.compile(r"[\s\-–—•*]*~~[^~\n]+~~[\s.]*")
"""A line that is struck out."""
NUMBERING = re.compile(r"\s*1[.)]\s+(?=[A-H](?!\w))")
"""The number of an item that is a letter."""
SENTENCE_ENDED = re.compile(r"[.!。！।۔]\s*")
NO_WHAT = re.compile(
    rf"[ \t]+(?!(?:{REASON}|{either(all_words('sentences', 'after_no'))})\b){WORD}", re.IGNORECASE
)
"""A word that goes on behind "no", so that it is no answer: "No idea"."""
ALSO_EXPLAIN = all_words("sentences", "headings")
PAIRS = ("'’", "یيى", "کك", "ہهة", "اأإآ")
"""Characters that are written for each other."""
SPACES = re.compile(rf"{SPACE}*")
AFTER_PHRASE = re.compile(
    rf"{SPACE}*(?:(?:{either(all_words('sentences', 'adverbs'))})\b)?{SPACE}*[,、，:：]?{SPACE}*",
    re.IGNORECASE,
)
CHOOSING = all_words("sentences", "choosing_verbs")
"""Verbs that announce by themselves, as a phrase does."""
LINES = re.compile(r"[^\r\n]+")
LABELLED = re.compile(rf"[{INVISIBLE}*_]*[.):：．、）>\]】](?!\d)|\s+[-–—]\s")
"""What stands between the letter and the text of one choice, and not within a sentence."""
NAME_ENDS = re.compile(r"[(（.。۔।;；,，!！?？\"*<>|、]|\s[-–—]\s")
GIVES_REASON = re.compile(rf"[,，]?\s*(?:{REASON})\b", re.IGNORECASE)
EXPLAINS = re.compile(
    rf"[,，;；]|(?:{REASON})\b|{either(all_words('sentences', 'reason_stems'))}", re.IGNORECASE
)
BEFORE_DENIAL = re.compile(
    rf"[{MARKS},，:：\-–—、.]*(?:(?:{either(all_words('sentences', 'denial_links'))})\s)?"
)
KEY_FOLLOWS = re.compile(r"[\"”]?\s*[:：]")
"""What makes a denial the label of something else: "wrong: A"."""
DENIAL_ENDS = re.compile(r"\s*(?:[.。!！,，;；]|$)")
NAMES_NEXT = re.compile(r"(?:[.):：]|\s*[(（])\s*\w|\s*$")
LETTER_NEXT = re.compile(r"[.):：）][ \t]*|[ \t]+")
BRACKETED = re.compile(r"[\s*_\"”»」]*[(（\[]\s*([^\W\d_])\s*[)）\]]")
IN_BRACKETS = re.compile(r"[ \t*_\"”」>.]*[(（\[][^)）\]\n]*")


@functools.lru_cache(maxsize=8192)
def choice_patterns(choices: tuple[str, ...], code: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns of the choices' words, in any kind of apostrophe, digit and letter case."""
    return tuple(
        re.compile(
            _article(code) + words_pattern((choice.rstrip(".。") or choice), code), re.IGNORECASE
        )
        for choice in choices
    )


def _article(code: str) -> str:
    return f"(?:{language(code).sentences.joined_article})?"


def words_pattern(text: str, code: str) -> str:
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
def announcement(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Match an announcement of an answer in these languages.

    A single word announces only with a colon; a phrase such as "the answer is" also without.
    """
    words, phrases, nouns, links = set(), set(), {BEST_OPTION}, set()
    denying = {
        words_pattern(link, code) for code in codes for link in LANGUAGES[code].doubts.negated_links
    }
    unspaced_links = {link for link in denying if unspaced(link)} or {"(?!)"}
    for row in (LANGUAGES[code] for code in codes):
        for label in (row.answer.lower(), *row.answer_labels):
            pattern = words_pattern(label, row.code)
            words.add(pattern)
            if label not in FRAMED and (
                " " in label or label.endswith(row.sentences.label_ends) or label in CHOOSING
            ):
                phrases.add(pattern)
        nouns |= {words_pattern(row.answer.lower(), row.code)}
        if not row.sentences.verb_last:
            links |= {words_pattern(link, row.code) for link in row.links if not unspaced(link)}
    begins = rf"(?:(?<![^\W_])(?<![^\W_]_)|(?<=[{GLUED}])|(?<=\\n))"
    ends = rf"(?![^\W_])|(?<=[{GLUED}])"
    return re.compile(
        rf"{begins}(?:(?:{_longest_first(words)}){DECORATION.pattern}{HINT}{COLON}"
        rf"|[【\[](?:{_longest_first(words)})[】\]]|(?P<mark>{MARKED})"
        rf"|(?P<denied>(?:{_longest_first(nouns | words)})(?:{GAP}{{0,2}}? "
        rf"(?:{_longest_first(denying)})(?!{WORD})| ?(?:{_longest_first(unspaced_links)})))"
        rf"|(?P<phrase>(?:{_longest_first(nouns | phrases)}){GAP}{{0,4}}? "
        rf"(?:{_longest_first(links)})(?!{WORD})|(?:{_longest_first(phrases)})(?:{ends})))",
        re.IGNORECASE,
    )


@functools.cache
def frames(codes: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return the two halves of the announcements that these languages put around an answer."""
    return tuple(
        (
            re.compile(rf"(?<![^\W_])(?:{frame.before})(?!{WORD}){SPACE}+", re.IGNORECASE),
            re.compile(frame.behind, re.IGNORECASE),
        )
        for code in codes
        for frame in LANGUAGES[code].sentences.frames
    )


@functools.cache
def stems(code: str) -> tuple[str, ...]:
    """Return labels of which one is part of every announcement in this language."""
    labels = [LANGUAGES[code].answer.lower(), *LANGUAGES[code].answer_labels]
    return tuple(a for a in labels if not any(b in a for b in labels if b != a))


@functools.cache
def verdict_words(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(verdict for code in codes for verdict in LANGUAGES[code].verdicts)


JOINS = either(all_words("sentences", "clause_conjunctions"))
UNDONE = "|".join(sorted(all_words("sentences", "verdict_undone")))
NOT_TAKEN_BACK = rf"(?!\s*(?:{UNDONE}|[?？]))"
"""What must not follow a verdict in a language without spaces: it would question or deny it."""


@functools.cache
def verdict_pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = {words_pattern(verdict, code) for code in codes for verdict in LANGUAGES[code].verdicts}
    vague = {
        words_pattern(verdict, code)
        for code in codes
        for verdict in LANGUAGES[code].sentences.vague_verdicts
    }
    glued = {word for word in words if unspaced(word)}
    none = {"(?!)"}
    vague_ends = rf"(?=\s*(?:[^\w\s?？؟]|$)|\s+(?:{REASON}|{JOINS}|here)\b)"
    return re.compile(
        rf"(?<!['’ʼ＇‘`´])(?:(?:{_longest_first(vague or none)})(?!{WORD}){vague_ends}|"
        rf"(?:{_longest_first(words - vague)})(?!{WORD})(?!\s*[?？؟])|"
        rf"(?:{_longest_first(glued or none)}){NOT_TAKEN_BACK})",
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
    words = {words_pattern(word, row.code) for row in rows for word in getattr(row, field)}
    return re.compile(
        rf"{begins}(?:{_longest_first(words)})(?:(?!{WORD})|(?<=[{GLUED}]))", re.IGNORECASE
    )


def _longest_first(patterns: Iterable[str]) -> str:
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))
