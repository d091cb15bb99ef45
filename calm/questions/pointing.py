"""Choices that point at other choices: "both A and B", "none of the above".

Shuffled, they would point at others than were meant. A choice points when it consists of nothing
but letters of choices and words of its language's row below, and these point: two letters, a letter
and how many are meant, or how many and which. Any other word makes it an ordinary choice.
"""

import functools
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from calm.records import Question


@dataclass(frozen=True)
class Pointers:
    """How choices of one language point at others. Words are in small letters, with | between."""

    numbers: str
    """How many of the choices are meant: all, both, none, only."""
    places: str
    """Which are meant: the above, these."""
    others: str
    """What may stand between them: and, of the, answers, are correct."""
    spaced: bool = True
    """Whether spaces stand between words."""


POINTERS = {
    "en": Pointers(
        numbers="none|all|both|neither|either|any|each|every|only|just|same as|two|three"
        "|everything|nothing",
        places="above|foregoing|preceding|previous|aforementioned|above-mentioned|these|those"
        "|them|other|others|given|listed|mentioned|below|following|answers|options|choices"
        "|statements|alternatives|are correct|are true|are right|is correct|is true|are false"
        "|are wrong|are incorrect|apply",
        others="and|or|nor|but|not|of|the|a|in|is|are|option|options|choice|choices|answer"
        "|answers|statement|statements|alternative|alternatives|possibilities|ones?|correct"
        "|right|true|wrong|false|incorrect|apply|applies|were|was|would be|could be|may be|same"
        "|as|well|one|it|this|that",
    ),
    "zh": Pointers(
        numbers="都不|都不是|均不|均不是|全部|所有|都|均|皆|全|只有|仅|两者|二者|无一|没有"
        "|没有一个|任何|任何一个|一个都不|皆非|皆是|既|前",
        places="以上|上述|前述|前面|上面|这些|其他|其它|两者|二者|以下|下列|正确|对|错误|成立"
        "|适用|项",
        others="和|与|及|以及|或|或者|跟|同|的|是|非|不是|不|对|正确|错误|错|选项|答案|项|各项"
        "|说法|选择|两|个|三|中|之|一|且|、|同时|有|成立|可能|可以|适用|内容|情况|既不|也不|也"
        "|四|上",
        spaced=False,
    ),
    "de": Pointers(
        numbers="keine|keiner|keines|keins|alle|alles|beide|beides|weder|sowohl|nur|jede|jeder"
        "|jedes|nichts|sämtliche|zwei|drei|entweder",
        places="oben|obigen|obige|obengenannten|oben genannten|genannten|genannte|genanntes"
        "|vorstehenden|vorgenannten|vorherigen|vorangehenden|angegebenen|aufgeführten"
        "|aufgezählten|diese|dieser|dieses|diesen|davon|anderen|andere|hiervon|vorhergehenden"
        "|erwähnten|erwähnte|folgenden|antworten|optionen|aussagen|möglichkeiten|sind richtig"
        "|sind korrekt|sind wahr|sind falsch|ist richtig|ist korrekt|treffen zu|trifft zu"
        "|alledem|allen",
        others="und|oder|noch|als|auch|aber|nicht|der|die|das|den|von|ist|sind|antwort|antworten"
        "|antwortmöglichkeiten|möglichkeiten|option|optionen|aussage|aussagen|auswahl"
        "|alternativen|eine|einer|eines|richtig|korrekt|falsch|wahr|zutreffend|treffen|trifft|zu"
        "|stimmt|stimmen|wurde|wurden|dem",
    ),
    "es": Pointers(
        numbers="ninguna|ninguno|todas|todos|todo|ambas|ambos|ni|tanto|solo|sólo|solamente"
        "|únicamente|cualquiera|cada|las dos|los dos|nada|dos|tres",
        places="anteriores|anterior|mencionadas|mencionados|mencionado|precedentes|estas|estos"
        "|esas|esos|ellas|ellos|otras|otros|arriba|citadas|citados|señaladas|dichas|siguientes"
        "|indicadas|respuestas|opciones|alternativas|afirmaciones|son correctas|son correctos"
        "|son verdaderas|son ciertas|son falsas|es correcta|es verdadera|es correcto",
        others="y|e|o|u|ni|una|uno|pero|no|de|del|las|los|la|el|lo|como|es|son|opción|opciones"
        "|respuesta|respuestas|alternativa|alternativas|afirmación|afirmaciones|correcta"
        "|correctas|correcto|correctos|verdadera|verdaderas|falsas|falsa|incorrectas|incorrecta"
        "|a la vez|cumplen",
    ),
    "fr": Pointers(
        numbers="aucun|aucune|tous|toutes|tout|les deux|ni|seulement|seul|seule|uniquement|rien"
        "|n'importe laquelle|chacune|chacun|deux|trois|à la fois|l'ensemble",
        places="ci-dessus|précédentes|précédents|précédente|précédent|ce qui précède|mentionnées"
        "|mentionnés|susmentionnées|susmentionnés|ces|celles-ci|ceux-ci|autres|citées|cités"
        "|énumérées|proposées|proposés|indiquées|dessus|ci-dessous|d'entre elles|d'entre eux"
        "|réponses|options|choix|propositions|affirmations|sont correctes|sont vraies"
        "|sont exactes|sont justes|sont fausses|sont bonnes|est correcte|est vraie|est exacte"
        "|n' est correcte|n' est vraie|n' est exacte",
        others="et|ou|une|un|entre|mais|pas|non|ne|de|des|du|la|le|les|l'|d'|est|sont|réponse"
        "|réponses|option|options|choix|proposition|propositions|affirmation|affirmations"
        "|possibilités|ce|qui|correcte|correctes|correct|corrects|exacte|exactes|vraie|vraies"
        "|vrai|bonne|bonnes|juste|justes|fausse|fausses|faux|n'est|à|soit|n'",
    ),
    "it": Pointers(
        numbers="nessuna|nessuno|nessun|tutte|tutti|tutto|entrambe|entrambi|né|sia|solo|soltanto"
        "|solamente|ambedue|qualsiasi|niente|ognuna|due|tre",
        places="precedenti|precedente|sopra|suddette|suddetti|sopraccitate|sopracitate|elencate"
        "|indicate|menzionate|menzionati|queste|questi|quelle|altre|altri|di cui sopra|loro|esse"
        "|sopraelencate|seguenti|citate|proposte|risposte|opzioni|alternative|affermazioni"
        "|sono corrette|sono vere|sono giuste|sono esatte|sono false|è corretta|è vera|è giusta"
        "|è esatta",
        others="e|ed|o|una|uno|ma|non|che|di|delle|dei|degli|della|del|le|i|gli|la|il|lo|quanto"
        "|è|sono|risposta|risposte|opzione|opzioni|alternativa|alternative|affermazione"
        "|affermazioni|scelta|scelte|corretta|corrette|corretti|giusta|giuste|vera|vere|errata"
        "|errate|falsa|false|esatta|esatte|insieme",
    ),
    "ja": Pointers(
        numbers="すべて|全て|全部|両方|のみ|だけ|ない|なし|ありません|該当なし|いずれ|どれ"
        "|どちら|ひとつも|一つも|何れも|双方",
        places="上記|以上|前述|上|これら|それら|この中|その中|他|いずれ|どれ|どちら|選択肢|次"
        "|下記|何れ|正しい|当てはまら|当てはまる|あてはまら|あてはまる|該当",
        others="と|や|および|及び|または|又は|か|の|も|は|が|に|で|でも|である|です|ではない"
        "|ではありません|では|じゃない|正しい|正解|正しく|誤り|間違い|選択肢|答え|回答|もの|中"
        "|うち|該当|当てはまる|あてはまる|する|しない|しません|ます|両者|、|・|ない|なし"
        "|ありません|どれ|全て|すべて|ません",
        spaced=False,
    ),
    "nl": Pointers(
        numbers="geen|geen enkele|al|alle|alles|allemaal|beide|beiden|noch|zowel|alleen|enkel"
        "|slechts|elk|elke|niets|geen van beide|twee|drie|allebei",
        places="bovenstaande|bovengenoemde|bovenstaanden|hierboven|vorige|voorgaande|deze"
        "|genoemde|andere|hiervan|daarvan|vermelde|erboven|onderstaande|volgende|antwoorden"
        "|opties|stellingen|mogelijkheden|zijn juist|zijn correct|zijn goed|zijn waar"
        "|zijn onjuist|zijn fout|is juist|is correct|allen",
        others="en|of|een|één|als|maar|niet|van|de|het|is|zijn|antwoord|antwoorden|optie|opties"
        "|keuze|keuzes|mogelijkheden|stelling|stellingen|alternatieven|juist|juiste|correct"
        "|correcte|goed|fout|onjuist|waar|onwaar|bovendien|er|die|worden|staan",
    ),
    "pl": Pointers(
        numbers="żadna|żadne|żaden|żadnej|wszystkie|wszystko|oba|obie|obydwa|obydwie|ani|zarówno"
        "|tylko|jedynie|każda|każde|którakolwiek|nic|dwie|trzy",
        places="powyższych|powyższe|powyższa|powyżej|wymienionych|wymienione|poprzednich"
        "|poprzednie|podanych|podane|tych|te|nich|pozostałych|innych|wyżej|następujących"
        "|poniższych|odpowiedzi|opcje|stwierdzenia|są poprawne|są prawidłowe|są prawdziwe"
        "|są błędne|jest poprawna|jest prawidłowa|jest prawdziwa|nie jest poprawna",
        others="z|ze|i|jedna|oraz|lub|albo|jak|ale|nie|są|jest|odpowiedzi|odpowiedź|opcja|opcje"
        "|opcji|możliwości|stwierdzeń|stwierdzenia|poprawne|poprawna|poprawnych|prawidłowe"
        "|prawidłowa|prawdziwe|prawdziwa|błędne|nieprawidłowe|nieprawdziwe|słuszne|również",
    ),
    "pt": Pointers(
        numbers="nenhuma|nenhum|todas|todos|tudo|ambas|ambos|nem|tanto|só|somente|apenas"
        "|qualquer|cada|as duas|os dois|nada|duas|três",
        places="anteriores|anterior|acima|mencionadas|mencionados|citadas|citados|precedentes"
        "|estas|estes|essas|esses|destas|destes|dessas|delas|deles|outras|outros|referidas"
        "|seguintes|listadas|indicadas|abaixo|supracitadas|respostas|opções|alternativas"
        "|afirmações|estão corretas|são corretas|são verdadeiras|estão certas|estão erradas"
        "|são falsas|está correta|é verdadeira|é correta",
        others="e|ou|mas|não|uma|um|de|da|das|do|dos|as|os|a|o|como|quanto|é|são|estão|opção"
        "|opções|resposta|respostas|alternativa|alternativas|afirmação|afirmações|hipóteses"
        "|correta|corretas|correto|corretos|certa|certas|verdadeira|verdadeiras|falsas|falsa"
        "|erradas|errada|incorretas|que",
    ),
    "ru": Pointers(
        numbers="ничего|ни|ни один|ни одно|ни одна|все|всё|оба|обе|ни то ни другое|только|лишь"
        "|любой|любое|каждый|нет|ничто|два|три|и то и другое|никакой|никакие|как",
        places="вышеперечисленного|вышеперечисленных|вышеперечисленное|вышеперечисленные"
        "|перечисленного|перечисленных|перечисленное|перечисленные|вышеуказанного|вышеуказанных"
        "|вышеуказанное|вышеуказанные|указанного|указанных|указанные|приведённых|приведенных"
        "|предложенных|предыдущих|предыдущие|этого|этих|это|эти|них|выше|вышеупомянутого"
        "|вышеупомянутых|другие|других|вышесказанного|названного|названных|упомянутого"
        "|нижеследующих|ответы|ответов|варианты|вариантов|утверждения|утверждений|верны"
        "|правильны|неверны|не верен|не верны|не верно|не правильны",
        others="и|или|один|одно|но|не|из|так|а|вариант|варианта|вариантов|варианты|ответ|ответа"
        "|ответов|ответы|утверждения|утверждений|верно|верны|верен|верный|верные|правильно"
        "|правильны|правильный|правильного|неверно|неверны|неправильны|является|являются"
        "|подходит|подходят|пункты|сразу|вместе|то|другое|либо",
    ),
    "ar": Pointers(
        numbers="لا شيء|لا شئ|لاشيء|لا أحد|ليس|ليست|ليسا|أي|أيا|أيّ|جميع|كل|كلا|كلتا|كلاهما"
        "|كلتاهما|كلٌّ|فقط|معا|معًا|معاً|جميعها|كلها|لا|جميعهم",
        places="ما سبق|سبق|مما سبق|ممّا سبق|ما ذكر|مما ذكر|ذكر|أعلاه|المذكور|المذكورة|السابقة"
        "|السابق|هذه|هؤلاء|ذلك|منها|منهم|منهما|تقدم|ما تقدم|مما تقدم|الأخرى|التالية|التالي"
        "|الإجابات|الإجابتين|الإجابتان|إجابات|الخيارات|الخيارين|العبارات|صحيحة|صحيحان|صحيحتان"
        "|خاطئة|خاطئتان",
        others="من|و|واحد|واحدة|أو|ولا|ما|مما|في|هي|هو|كل من|الإجابات|الإجابة|إجابات|الخيارات"
        "|الخيار|الخيارين|الاختيارات|الأجوبة|العبارات|العبارة|الإجابتان|الإجابتين|صحيح|صحيحة"
        "|صحيحان|صحيحتان|الصحيحة|خاطئة|خطأ|غير|صواب|التي|أنه|ذكرت|كليهما|كلتيهما|اثنان|إما|واما"
        "|وإما",
    ),
    "vi": Pointers(
        numbers="không|không có|tất cả|cả|cả hai|cả ba|cả bốn|chỉ|đều|mọi|mỗi|bất kỳ|hai|ba"
        "|toàn bộ|không phải",
        places="trên|ở trên|nêu trên|kể trên|phía trên|này|đó|trước|khác|còn lại|dưới đây"
        "|sau đây|đã nêu|vừa nêu|đã cho|đều đúng|đều sai|đều chính xác|đáp án đúng|câu nào đúng"
        "|đáp án nào đúng|phương án nào đúng|câu đúng|các đáp án|các phương án",
        others="và|hoặc|hay|lẫn|nhưng|các|những|câu|câu nào|đáp án|phương án|lựa chọn|ý|trong"
        "|trong số|nào|là|đều|đúng|sai|chính xác|không|phải|câu trả lời|điều|cái|số|ai|gì|có"
        "|ý kiến|phát biểu|tùy chọn",
    ),
    "hi": Pointers(
        numbers="कोई नहीं|कोई भी नहीं|कोई भी|कोई|सभी|सब|दोनों|केवल|सिर्फ|सिर्फ़|न तो|न|ना|हर"
        "|प्रत्येक|एक भी|मात्र|सारे|नहीं",
        places="उपर्युक्त|उपरोक्त|ऊपर|ऊपर के|ऊपर दिए गए|ऊपर दिये गये|इनमें|इनमे|इन|ये|इसमें"
        "|उपरोक्त में|पूर्वोक्त|दिए गए|दिये गये|उक्त|निम्नलिखित|अन्य|विकल्प|विकल्पों|कथन|उत्तर"
        "|सही हैं|सत्य हैं|सही है|गलत हैं",
        others="और|एवं|तथा|या|व|से|में|मे|के|की|का|भी|नहीं|ही|विकल्प|विकल्पों|उत्तर|उत्तरों|कथन"
        "|कथनों|सही|गलत|ग़लत|सत्य|असत्य|है|हैं|लेकिन|पर|तो|न|वाले|में से|लागू|होते|होता|सभी",
    ),
    "sw": Pointers(
        numbers="hakuna|hakuna hata|yote|zote|wote|vyote|yoyote|zozote|hata|hata moja|pekee|tu"
        "|mawili|zote mbili|yote mawili|vyote viwili|wote wawili|kila|si|sio|wala|mbili|viwili",
        places="hapo juu|juu|ya juu|yaliyotajwa|zilizotajwa|waliotajwa|vilivyotajwa"
        "|yaliyotangulia|zilizotangulia|haya|hizi|hivi|hawa|hayo|hizo|mengine|zingine|hapa"
        "|zilizo|yaliyo|zilizopo|majibu|machaguo|kauli|ni sahihi|ni kweli|lililo sahihi"
        "|si sahihi|iliyo sahihi",
        others="na|au|wala|lakini|ya|za|wa|la|kati|katika|miongoni|mwa|kwa|hata|jibu|majibu"
        "|chaguo|machaguo|kauli|ni|sahihi|kweli|si|sio|yote|zote|zaidi|mojawapo|lililo|lolote"
        "|pia|moja|ama",
    ),
    "ur": Pointers(
        numbers="کوئی نہیں|کوئی بھی نہیں|کوئی بھی|کوئی|تمام|سب|سبھی|دونوں|صرف|نہ|نہ تو|ہر"
        "|ایک بھی|نہیں|فقط",
        places="مندرجہ بالا|مذکورہ بالا|درج بالا|بالا|مذکورہ|اوپر|اوپر کے|اوپر دیے گئے"
        "|اوپر دئیے گئے|ان|ان میں|یہ|اس|دیے گئے|مندرجہ ذیل|دیگر|آپشنز|جوابات|بیانات|درست ہیں"
        "|صحیح ہیں|درست ہے|غلط ہیں",
        others="اور|یا|و|سے|میں|کے|کی|کا|بھی|نہیں|ہی|آپشن|آپشنز|جواب|جوابات|بیان|بیانات|انتخاب"
        "|اختیارات|درست|صحیح|غلط|ہے|ہیں|لیکن|پر|تو|نہ|والے|سب",
    ),
}
LETTERS = {
    "": ("abcdefgh", "ABCDEFGH"),
    "zh": ("甲乙丙丁戊己庚辛",),
    "ja": ("アイウエオカキク", "イロハニホヘトチ"),
    "ru": ("абвгдежз", "АБВГДЕЖЗ"),
    "ar": ("أبجدهوزح", "ابتثجحخد"),
    "hi": ("कखगघङचछज", "अबसद"),
    "ur": ("ابجد",),
}
"""What numbers choices, in all languages and in one."""
NAMES = {"ur": ("الف", "بے", "جیم", "دال")}
"""Letters that are written as their names."""
AND = {"ar": "و"}
"""The word for "and" where it is written as one with the next."""
APART = re.compile(r"[\s,;、，；،؛۔।&()（）\[\].．。\"“”„«»'’`:：·・…]+")
"""What stands between the words of a choice."""
GAP = " "
ALIKE = str.maketrans("أإآیکہ", "اااي\u0643ه", "\u0640" + "".join(map(chr, range(0x64B, 0x653))))
"""Arabic and Urdu letters that are typed one for the other, and marks that are left out."""


def points_at_choices(choice: str, question: Question) -> bool:
    """Tell whether a choice points at others of its question, in its own language or in English."""
    codes = dict.fromkeys((question.language, "en"))
    return any(_points(choice, code, len(question.choices)) for code in codes)


def points(question: Question) -> bool:
    """Tell whether any choice of a question points at others, so that they keep their places."""
    return any(points_at_choices(choice, question) for choice in question.choices)


def _points(choice: str, code: str, count: int) -> bool:
    words, letters = _vocabulary(code), _letters(code, count)
    rest = _parts(_plain(choice), code)
    found: list[frozenset[str]] = []
    named: list[str] = []
    while rest:
        size = next((n for n in range(len(rest), 0, -1) if _joined(rest[:n]) in words), 0)
        if rest[0] in letters and (rest[0].isupper() or not size):
            if not POINTERS[code].spaced and rest[1:2] and rest[1] in letters:
                return False  # the beginning of a word
            named.append(rest[0].casefold())
            size = 1
        elif size:
            found.append(words[_joined(rest[:size])])
        elif rest[0] == GAP:
            size = 1
        else:
            return False
        rest = rest[size:]
    numbers = [kinds for kinds in found if "numbers" in kinds]
    places = [kinds for kinds in found if "places" in kinds]
    if named:
        return len(set(named)) > 1 or bool(numbers)
    return bool(numbers and places) and (len(numbers) > 1 or numbers != places)


def _parts(plain: str, code: str) -> list[str]:
    """Return the words of a text; of a language without spaces, its signs and the gaps between."""
    apart = [part for part in APART.split(plain) if part]
    return apart if POINTERS[code].spaced else list(GAP.join(apart))


def _joined(parts: list[str]) -> str:
    return " ".join(parts).casefold()


def _plain(text: str) -> str:
    seen = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return "".join(seen).translate(ALIKE)


@functools.cache
def _vocabulary(code: str) -> dict[str, frozenset[str]]:
    """Return the words of a row, their parts set apart by spaces, and what each may be."""
    row = POINTERS[code]
    kinds: dict[str, set[str]] = defaultdict(set)
    for kind in ("numbers", "places", "others"):
        for phrase in getattr(row, kind).split("|"):
            kinds[_joined(_parts(_plain(phrase), code))].add(kind)
    return {phrase: frozenset(found) for phrase, found in kinds.items()}


@functools.cache
def _letters(code: str, count: int) -> frozenset[str]:
    """Return how the letters that number `count` choices are written."""
    rows = (*LETTERS[""], *LETTERS.get(code, ()), NAMES.get(code, ()))
    found = {_plain(letter) for row in rows for letter in row[:count]}
    return frozenset(found | {AND.get(code, "") + letter for letter in found})
