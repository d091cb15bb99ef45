"""How answers are written: the patterns that `extract` reads by, built from the language table.

Marks, letters, words around an answer. What is a language's own stands in `languages.py`; here is
how it is looked for, and what is common to texts of all languages.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping

from calm.answers.doubts import DOUBTS
from calm.languages.scripts import HAN, INVISIBLE, KANA, KATAKANA
from calm.languages.table import LANGUAGES, Language, language

LATIN = "ABCDEFGH"
FULL_WIDTH = "ＡＢＣＤＥＦＧＨ"
CIRCLED = "ⒶⒷⒸⒹⒺⒻⒼⒽ"
SQUARED = "🅰🅱🅲🅳🅴🅵🅶🅷"
OTHER_LETTERS = {"hi": ("अबसद", "कखगघ"), "ur": ("ابجد",), "ru": ("АВС",)}
"""Letters beside a language's own that choices are numbered with."""
LOOKALIKES = {"А": 0, "В": 1, "С": 2, "Е": 4, "Α": 0, "Β": 1, "Ε": 4}
"""Cyrillic and Greek letters that are drawn like Latin ones."""

WORD = r"[^\W_]|[\u0300-\u036f\u064b-\u0655\u0670\u0900-\u0903\u093a-\u094f]"
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
OPTION = (
    r"option|choice|letter|answer|lettre|choix|réponse|antwort|buchstabe|möglichkeit|wahl|opción|"
    r"letra|respuesta|alternativa|opzione|scelta|lettera|risposta|opção|resposta|optie|keuze|"
    r"antwoord|opcja|opcją|opcję|odpowiedź|odpowiedzią|wariant|wariantem|alternativa|вариант|вариантом|ответ|ответом|буква|"
    r"الخيار|الاختيار|الحرف|الإجابة|الجواب|phương án|lựa chọn|đáp án|câu trả lời|विकल्प|उत्तर|जवाब|"
    r"chaguo|jibu|herufi|آپشن|جواب|انتخاب"
)
"""What a choice and an answer are called."""
BEST_OPTION = r"(?:most|best|correct|right)(?: [^\W\d_]+){0,2} (?:choice|option)"
"""An option that is announced as the answer; "option A is" only describes one."""
PREFACE = re.compile(
    r"(?:(?:in|at|on|im|am|auf|bei|beim|à|au|aux|dans|chez|en|al|alla|nel|nella|em|op|bij|в|на|ở|tại|"
    r"katika|kwenye)\s+)?"
    r"(?:(?:an?|the|le|la|les|un|une|der|die|das|ein|eine|el|los|las|una|il|lo|gli|uno|os?|as?|um|"
    r"uma|het|een|de|to|là|ni|for|für|pour|both|either)[^\S\n]+[\"“‘«„*_]*|l['’])?"
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
    rf"vậy|do đó|इसलिए|अतः|hivyo|kwa hiyo|لہذا|اس لیے)(?!{WORD})|"
    r"所以|因此|故|よって|したがって|だから|私は)"
    rf"[,、，]?{SPACE}*",
    re.IGNORECASE,
)
"""What may stand between the beginning of a sentence and the answer that it is about."""
GAP = r"(?: (?!(?-i:[A-HА-З])(?![^\W_]))[^\W\d_]+)"
"""A word between an announcement and its link, not a letter that is the answer itself."""
HINT = r"(?:\s?[(（][^()（）\n]{0,40}[)）][ \t*_]*)?"
"""What may stand in brackets between a label and its colon: "(A, B, C or D)"."""
FRAMED = ("ich würde",)
"""Labels that announce only together with what follows the answer."""
JOINER = re.compile(
    rf"[)）\]”\"]*[ \t*_]*(?:\\text\{{)?[ \t]*(?:[-=–]>|[→⇒,、，،;；/&+\-–]|"
    rf"(?<![^\W_])(?:and/or|and|or|und|oder|et|ou|y|o|e|ed|i|lub|en|of|и|или|و|أو|na|au|và|hoặc|और|"
    rf"या|اور|یا)(?!{WORD})|和|或者?|与|と|または|か)?[ \t*_]*\}}?[ \t*_\"“]*"
)
"""What stands between two answers that are given together."""
ENDING = re.compile(
    rf"(?:です|だ|である|है|ہے)?"
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
THAT = re.compile(
    r"\s*(?:that|dass|daß|que|qu['’]|che|dat|że|что|أن|rằng|कि|kwamba|کہ)\b", re.IGNORECASE
)
LEAD_WITHIN = re.compile(rf"(?<![^\W_])(?:{LEAD.pattern})", re.IGNORECASE)
ASKED = re.compile(
    r"[^.!?。！？؟।۔\n,，،;；:：()（）]{0,40}(?:[,，،、]\s*(?:[^\W\d_][\w'’\-]*\s?){1,4}\s?)?[?？؟]"
)
"""The end of a sentence that is a question."""
BARE_VERBS = ("选", "选择", "chọn", "Chọn")
FIRST_PERSON = re.compile(
    r"[\s\W]*(?:我|我们|本题|这题|此题|应该?|建议|只能|可以?|会|请|就|故|最终|综上|综合|因此|所以|"
    r"tôi|ta|nên|hãy|sẽ|vậy|do đó|[\s\W])*",
    re.IGNORECASE,
)
"""All that may stand in a clause whose bare verb of choosing is the model's own."""
CLAUSE_ENDS = re.compile(
    rf"(?:\s*(?:है|था|ہے|تھا|です|だ|でした|である|ist|is|mới đúng))?(?:{TAG}|[\s*_\"”’»）)\]}}])*"
    rf"(?:[.。．।۔!！,，、،;；(（\n]|$|\s[-–—]\s|\s+(?:{REASON})\b)|\s*\n",
    re.IGNORECASE,
)
FINAL = re.compile(
    rf"(?:{TAG}|[\s*_\"”»）)\]}}])*(?:\s+here)?"
    rf"(?:[.。．।۔!！]|\Z|\n|\s[-–—]\s|,?\s+(?:{REASON})\b)",
    re.IGNORECASE,
)
"""The end of a sentence behind an answer, or the reason for it."""
BEGINS_SENTENCE = re.compile(
    r"(?:(?:it|this|that|he|she)(?:['’]s|\s+(?:is|was|has|can))|"
    r"(?:they|these|all|the others)\s+are|"
    r"c['’](?:est|était)|(?:il|elle|cela|ça)\s+(?:est|a)|ce\s+sont|(?:es|das|dies|er|sie)\s+ist|"
    r"sie\s+sind|(?:questo|esso|essa)\s+è|è\s+(?:il|la|un|una|un['’])|"
    r"(?:esto|eso|es)\s+(?:es|el|la|un|una)|"
    r"(?:isso|isto|ele|ela)\s+é|é\s+(?:o|a|um|uma)|(?:dit|dat|het)\s+is|to\s+jest|jest\s+to|"
    r"это|он|она|đó\s+là|nó\s+là|यह|वह|hii\s+ni|hiyo\s+ni|یہ|وہ|هذا|هذه|إنه|إنها)(?!\w)|这是|它是|これは|それは",
    re.IGNORECASE,
)
"""How a sentence begins that is no name of a choice."""
AND_WHAT = re.compile(r",\s+(?!(?:which|who|that|das|die|der|qui|que|che|která|который)\b)\w+\s+\w")
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
NO_WORDS = {"no", "nein", "non", "não", "nie", "нет", "لا", "không", "नहीं", "hapana", "نہیں", "nee"}
YES_WORDS = {"yes", "ja", "sí", "si", "oui", "sì", "tak", "sim", "да", "نعم", "có", "हाँ", "ndiyo"}
YES_WORDS |= {"ہاں", "हां"}
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
    rf"[ \t]+(?!(?:{REASON}|it|they|he|she|there|this|that|you|we|i|es|das|is|est|è|é)\b){WORD}",
    re.IGNORECASE,
)
"""A word that goes on behind "no", so that it is no answer: "No idea"."""
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
KEY_FOLLOWS = re.compile(r"[\"”]?\s*[:：]")
"""What makes a denial the label of something else: "wrong: A"."""
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
        re.compile(
            _article(code) + words_pattern((choice.rstrip(".。") or choice), code), re.IGNORECASE
        )
        for choice in choices
    )


ARTICLES = {"ar": "ال"}
"""An article that is one word with its noun."""


def _article(code: str) -> str:
    return f"(?:{ARTICLES.get(code, '')})?"


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


ELIDED = r"['’ʼ＇‘`´]\w"
"""What follows a letter that stands for a word: "C'est", "D'accord"."""
GOES_ON = rf"{WORD}|{ELIDED}"


@functools.cache
def letter_pattern(code: str) -> re.Pattern[str]:
    """Match a letter that is no part of a word; Chinese and Japanese words follow without a gap."""
    row, also = language(code), "".join(OTHER_LETTERS.get(code, ()))
    own = re.escape(row.letters) + {"ar": "اإآ", "ru": "С"}.get(code, "".join(LOOKALIKES))
    kana = rf"[{own}](?!(?![でだのがと])(?:{WORD}))" if code == "ja" else rf"[{own}]ـ?(?!{GOES_ON})"
    latin = (
        rf"[{LATIN}{FULL_WIDTH}{CIRCLED}{SQUARED}]\ufe0f?(?!(?![{HAN}{KANA}])(?:{WORD})|{ELIDED})"
    )
    small = rf"[{LATIN.lower()}{own.lower()}{also}](?=[ \t*_]*(?:[.):）\]}}>\"”]|[\r\n]|$))"
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
    denying = {words_pattern(link, code) for code in codes for link in DOUBTS[code].negated_links}
    unspaced_links = {link for link in denying if unspaced(link)} or {"(?!)"}
    for row in (LANGUAGES[code] for code in codes):
        for label in (row.answer.lower(), *row.answer_labels):
            pattern = words_pattern(label, row.code)
            words.add(pattern)
            if label not in FRAMED and (
                " " in label
                or label.endswith(("是", "为", "は", "选", "选择"))
                or label in CHOOSING
            ):
                phrases.add(pattern)
        nouns |= {words_pattern(row.answer.lower(), row.code)}
        if row.code not in VERB_LAST:
            links |= {words_pattern(link, row.code) for link in row.links if not unspaced(link)}
    begins = rf"(?:(?<![^\W_])(?<![^\W_]_)|(?<=[{HAN}{KANA}])|(?<=\\n))"
    ends = rf"(?![^\W_])|(?<=[{HAN}{KANA}])"
    return re.compile(
        rf"{begins}(?:(?:{_longest_first(words)}){DECORATION.pattern}{HINT}{COLON}"
        rf"|[【\[](?:{_longest_first(words)})[】\]]|(?P<mark>{MARKED})"
        rf"|(?P<denied>(?:{_longest_first(nouns | words)})(?:{GAP}{{0,2}}? "
        rf"(?:{_longest_first(denying)})(?!{WORD})| ?(?:{_longest_first(unspaced_links)})))"
        rf"|(?P<phrase>(?:{_longest_first(nouns | phrases)}){GAP}{{0,4}}? "
        rf"(?:{_longest_first(links)})(?!{WORD})|(?:{_longest_first(phrases)})(?:{ends})))",
        re.IGNORECASE,
    )


LEADS_DE = (
    "also|daher|deshalb|deswegen|somit|folglich|demnach|damit|dann|hier|dadurch|so|demzufolge"
)
LEADS_NL = "dus|daarom|daardoor|dan|hier|derhalve|bijgevolg|zodoende"
FRAMES = {
    "en": (
        (
            r"(?:which|this|that|it)\s+makes",
            r"\s+the\s+(?:best|correct|right)\s+(?:answer|choice|option)",
        ),
    ),
    "de": (
        (
            rf"(?:{LEADS_DE})\s+(?:ist|wäre)",
            r"\s+(?:(?:die\s+)?(?:richtige|korrekte|beste|gesuchte|zutreffende)\s+"
            r"(?:antwort|option|wahl|lösung)|richtig|korrekt|die\s+(?:antwort|lösung))(?!\w)",
        ),
        (
            r"(?<=[,\w]\s)(?:ist|lautet|wäre)\s+(?:somit\s+|also\s+|daher\s+)?(?:die\s+)?"
            r"(?:(?:richtige|korrekte|beste)\s+)?(?:antwort|lösung)(?!\s+(?:ist|lautet))",
            r"(?!\w)(?!\s+(?:nicht|richtig|korrekt|falsch))",
        ),
        (
            r"(?:dass|daß|weil|da)\s+(?:die\s+)?(?:(?:richtige|korrekte|beste)\s+)?(?:antwort|lösung)",
            r"\s+(?:ist|lautet|sein\s+muss|sein\s+dürfte)(?!\w)",
        ),
        (
            r"ich\s+würde(?:\s+(?:mich\s+für|hier|daher|also))?",
            r"\s+(?:wählen|nehmen|sagen|tippen|entscheiden|antworten|ankreuzen|auswählen)(?!\w)"
            r"|\s*(?:[.!]|$)",
        ),
    ),
    "nl": (
        (
            rf"(?:{LEADS_NL})\s+is(?:\s+(?:optie|antwoord))?",
            r"\s+(?:(?:het|de)\s+(?:juiste|correcte|goede|beste)\s+(?:antwoord|optie|keuze)|juist|"
            r"correct|goed|het\s+antwoord)(?!\w)",
        ),
        (
            r"(?:dat|omdat)\s+(?:het\s+)?(?:(?:juiste|correcte|goede|beste)\s+)?antwoord",
            r"\s+(?:is|luidt|moet\s+zijn)(?!\w)",
        ),
        (
            r"(?<=[,\w]\s)(?:is|luidt)\s+het\s+(?:(?:juiste|correcte|goede|beste)\s+)?antwoord",
            r"(?!\w)(?!\s+(?:niet|juist|correct|fout))",
        ),
        (r"ik\s+zou(?:\s+voor)?", r"\s+(?:kiezen|zeggen|nemen|gaan)(?!\w)"),
    ),
    "hi": (
        (r"(?:सही\s+|अंतिम\s+)?(?:उत्तर|जवाब|विकल्प)", r"\s+(?:है|होगा|ही)"),
        (r"मैं", r"\s+(?:को\s+|का\s+)?(?:चयन|चुनता|चुनती|चुनूँगा|चुनूंगा|चुनूंगी)(?!\s+नहीं)"),
    ),
    "ur": (
        (r"(?:صحیح\s+|درست\s+)?(?:جواب|آپشن)", r"\s+(?:ہے|ہوگا|ہی)"),
        (r"میں", r"\s+(?:کو\s+|کا\s+)?(?:چنوں|چنتا|منتخب|انتخاب)(?!\s+نہیں)"),
    ),
}
"""Announcements around an answer: what stands before it and what must follow."""


@functools.cache
def frames(codes: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return the two halves of the announcements that these languages put around an answer."""
    return tuple(
        (
            re.compile(rf"(?<![^\W_])(?:{before})(?!{WORD}){SPACE}+", re.IGNORECASE),
            re.compile(behind, re.IGNORECASE),
        )
        for code in codes
        for before, behind in FRAMES.get(code, ())
    )


@functools.cache
def stems(code: str) -> tuple[str, ...]:
    """Return labels of which one is part of every announcement in this language."""
    labels = [LANGUAGES[code].answer.lower(), *LANGUAGES[code].answer_labels]
    return tuple(a for a in labels if not any(b in a for b in labels if b != a))


@functools.cache
def verdict_words(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(verdict for code in codes for verdict in LANGUAGES[code].verdicts)


VAGUE = {
    "en": ("is right", "is correct"),
    "de": ("ist richtig", "ist korrekt"),
    "fr": ("est juste", "est correct", "est correcte"),
    "nl": ("is goed", "is juist", "is correct"),
    "it": ("è giusto", "è giusta", "è corretto", "è corretta"),
    "es": ("es correcto", "es correcta"),
    "pt": ("está certa", "está correto", "está correta", "é correto", "é correta"),
    "ru": ("верно", "правильно", "верен"),
    "vi": ("đúng", "là đúng"),
    "hi": ("सही है", "सही होगा"),
    "ur": ("درست ہے", "صحیح ہے"),
    "ar": ("صحيح", "صحيحة"),
    "pl": ("jest poprawna", "jest poprawne", "jest właściwa", "jest prawidłowa"),
    "sw": ("ni sahihi",),
}
"""Verdicts that mean something else where the sentence goes on: "is right behind the door"."""
JOINS = r"and|but|so|und|aber|et|mais|e|ma|y|pero|mas|en|maar|i|ale|и|а|но|và|và|और|na|اور|و"
NOT_TAKEN_BACK = r"(?!\s*(?:とは|わけでは|かどうか|ではな|ではあり|吗|嗎|[?？]))"
"""What must not follow a verdict in a language without spaces: it would question or deny it."""


@functools.cache
def verdict_pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = {words_pattern(verdict, code) for code in codes for verdict in LANGUAGES[code].verdicts}
    vague = {words_pattern(verdict, code) for code in codes for verdict in VAGUE.get(code, ())}
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
        rf"{begins}(?:{_longest_first(words)})(?:(?!{WORD})|(?<=[{HAN}{KANA}]))", re.IGNORECASE
    )


def _longest_first(patterns: Iterable[str]) -> str:
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))


def place_of(letter: str, row: Language) -> int | None:
    upper = letter[0].upper()
    upper = {"ا": "أ", "إ": "أ", "آ": "أ"}.get(upper, upper)
    for letters in (
        row.letters,
        LATIN,
        FULL_WIDTH,
        CIRCLED,
        SQUARED,
        *OTHER_LETTERS.get(row.code, ()),
    ):
        if upper in letters:
            return letters.index(upper)
    return LOOKALIKES.get(upper)


def unspaced(text: str) -> bool:
    return bool(re.search(rf"[{HAN}{KANA}]", text))
