"""What a short answer says, however it is written: the form in which answers are compared.

Two wordings that differ in letter case, accents, articles, punctuation, plural, in simplified or
traditional characters, or in how a number is written have the same `Meaning`. `calm.free_answers`
compares meanings across languages.
"""

import functools
import json
import re
import unicodedata
from dataclasses import dataclass
from importlib import resources

from calm.answer_patterns import HAN, INVISIBLE, KANA


@dataclass(frozen=True)
class Meaning:
    """What an answer says, however it is written."""

    words: str
    """Its words in lower case, without articles; the number among them left out."""
    number: float | None = None
    """The one number that it states; `None` where there is none, or several."""


@dataclass(frozen=True)
class AnswerWords:
    """A language's own words around short answers."""

    instruction: str
    """What a chat model is told: a few words, no explanation."""
    leads: tuple[str, ...]
    """Articles and prepositions that may stand before an answer."""
    counters: tuple[str, ...]
    """What follows a number in Chinese and Japanese and says no unit."""
    yes: tuple[str, ...]
    no: tuple[str, ...]
    numbers: dict[str, int]
    """Number words from 0 to 100, in the form of `_folded`."""
    scales: dict[str, int]
    """Words for a thousand, a million, a thousand million."""


DECIMAL_COMMA = ("de", "es", "fr", "it", "nl", "pl", "pt", "ru", "vi")
NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-−]?)(?P<digits>\d{1,3}(?:[ ']\d{3})+(?!\d)|\d(?:[\d.,٫٬']*\d)?)"
    rf"(?![^\W{HAN}{KANA}])"
)
HAN_NUMBER = re.compile("[零〇一二两兩三四五六七八九十百千万萬亿億]+")
HAN_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
HAN_DIGITS = {d: n for n, d in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
POLITE = re.compile("(?:です|でした|である|だ|になります|になる)$")
NOT_WORDS = re.compile(r"[^\w\s%°\u0300-\u036f\u0900-\u0903\u093a-\u094f]|_")
ARABIC = str.maketrans("أإآٱىةکیہ", "اااايهكيه")
HARAKAT = re.compile(r"[\u064b-\u0655\u0670\u0640]")
TRADITIONAL = (
    "週國學東車長門馬魚鳥龍風飛電話語說讀書寫買賣見觀覺視親貝財貨質費資賽錢銀鐵銅鋼針鐘鏡頭顏題類"
    "熱燈點無愛陽陰陸際隊階雲霧靈雞鴨鵝貓豬獅牛綠紅紙線細經結給統絲網維緊練總縣歐亞灣臺島嶼嶽"
    "華葉藍蘇藥萬與業樂樹橋機檢權歷歲殺氣氫氧漢溫漲濕滿準潔濟燒爾牆獎獲環現產畫當異療瘋發盜監"
    "盤眾礦禮禿種稱穀窮節築簡籃糧紀約紅純級紛終組織繩續羅義習聖聞聯聲職聽腦腳腸膽臉臟舊艦蝦蟲"
    "術衛裝裡製複計討訓記許設診評詞試詩該認誰課調請論諾謝證識議護變讓貧負責貴貿賀購贏趙軍軌輕輪"
    "輸轉運過達遠適選還郵鄉醫釀鉛銷鋁錄鍋鍵鎖鎮閃閉開閒間閱關陳雙雜離難雪霜靜韓響頂項順預領顆"
    "願飯飲餅餓館驗驚體髮鬥魯鮮鯨鳳鳴鴉鷹鹽麗麥黃齊齒龜個們倫側傑備傳傷價億優兒內兩冊凍凱別則剛"
    "創劇劉劍勁動務勝勞勢區協單參嗎嘆嘗嚴圍園圓圖團執堅場塊塔塵壓壞壽夠夢奪奧婦孫寧寶實對導專將"
    "尋屬層岡幣師帶幫幹幾庫廠廣應彈強後復從徑德恆懷戰戲戶拋掃換據擊擔擇據敵數斷於時晉曆"
)
SIMPLIFIED = (
    "周国学东车长门马鱼鸟龙风飞电话语说读书写买卖见观觉视亲贝财货质费资赛钱银铁铜钢针钟镜头颜题类"
    "热灯点无爱阳阴陆际队阶云雾灵鸡鸭鹅猫猪狮牛绿红纸线细经结给统丝网维紧练总县欧亚湾台岛屿岳"
    "华叶蓝苏药万与业乐树桥机检权历岁杀气氢氧汉温涨湿满准洁济烧尔墙奖获环现产画当异疗疯发盗监"
    "盘众矿礼秃种称谷穷节筑简篮粮纪约红纯级纷终组织绳续罗义习圣闻联声职听脑脚肠胆脸脏旧舰虾虫"
    "术卫装里制复计讨训记许设诊评词试诗该认谁课调请论诺谢证识议护变让贫负责贵贸贺购赢赵军轨轻轮"
    "输转运过达远适选还邮乡医酿铅销铝录锅键锁镇闪闭开闲间阅关陈双杂离难雪霜静韩响顶项顺预领颗"
    "愿饭饮饼饿馆验惊体发斗鲁鲜鲸凤鸣鸦鹰盐丽麦黄齐齿龟个们伦侧杰备传伤价亿优儿内两册冻凯别则刚"
    "创剧刘剑劲动务胜劳势区协单参吗叹尝严围园圆图团执坚场块塔尘压坏寿够梦夺奥妇孙宁宝实对导专将"
    "寻属层冈币师带帮干几库厂广应弹强后复从径德恒怀战戏户抛扫换据击担择据敌数断于时晋历"
)
SIMPLER = str.maketrans(TRADITIONAL, SIMPLIFIED)
"""Common traditional characters, and those of Japanese that are the same, as simplified ones."""
IRREGULAR = {
    "men": "man",
    "women": "woman",
    "people": "person",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "leaves": "leaf",
    "wolves": "wolf",
    "knives": "knife",
    "lives": "life",
    "colour": "color",
    "grey": "gray",
    "litre": "liter",
    "metre": "meter",
    "centimetre": "centimeter",
    "kilometre": "kilometer",
}
"""English plurals and British spellings that no rule makes."""


def meaning(text: str, code: str) -> Meaning:
    """Return what a short answer in language `code` says, however it is written.

    Empty words and no number where nothing is left, as of a text of marks alone.
    """
    row = answer_words(code)
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    folded = _folded(plain, code)
    if folded in row.yes or folded in row.no:
        return Meaning("yes" if folded in row.yes else "no")
    found = _in_digits(plain, code) or _in_words(folded, row, code) or _in_han(plain, row, code)
    if found is not None:
        number, rest = _scaled(found[0], _folded(found[1], code), row, code)
        unit = _without_leads(rest, row, code, least=0)
        return Meaning("" if unit in row.counters else _singular(unit, code), number)
    return Meaning(_singular(_without_leads(folded, row, code), code))


def without_asked_unit(said: Meaning, question: str, code: str) -> Meaning:
    """Return a number without its unit where the question asks for that unit.

    To "how many days has one week", `7` and `7 days` say the same; `3 weeks` keeps its unit,
    because the question names that one with a number of its own.
    """
    asked = _folded(question, code)
    if said.number is None or not all(_asks_for(word, asked, code) for word in said.words.split()):
        return said
    return Meaning("", said.number)


def _asks_for(unit: str, asked: str, code: str) -> bool:
    before, found, _ = asked.partition(unit)
    last = before.split()[-1] if before.split() else ""
    counted = last in answer_words(code).numbers or last[-1:] in HAN_DIGITS or last[-1:].isdecimal()
    return bool(found) and not counted


@functools.cache
def answer_words(code: str) -> AnswerWords:
    """Return a language's words around short answers."""
    text = resources.files("calm").joinpath("data/answer_words.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    row = next(row for row in rows if row["language"] == code)
    folded = {key: tuple(_folded(word, code) for word in row[key]) for key in ("yes", "no")}
    numbers = {
        _folded(word, code): number for number, words in enumerate(row["numbers"]) for word in words
    }
    leads = tuple(_folded(word, code) for word in row["leads"])
    scales = {
        _folded(word, code): 1000**power
        for power, words in enumerate(row["scales"], 1)
        for word in words
    }
    counters = tuple(row["counters"])
    return AnswerWords(
        row["instruction"], leads, counters, folded["yes"], folded["no"], numbers, scales
    )


def _folded(text: str, code: str) -> str:
    """Return a text in lower case with nothing but its words, in one of their spellings."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(rf"[{INVISIBLE}]", "", plain).translate(SIMPLER)
    if code in ("ar", "ur"):
        plain = HARAKAT.sub("", plain).translate(ARABIC)
    if code != "vi":
        plain = _without_accents(plain)
    if code == "ja":
        plain = POLITE.sub("", plain.rstrip("。."))
    plain = re.sub(r"(?<=\w)['’](?=\w)", "' ", plain).replace("ё", "е")
    kept = "".join(" " if NOT_WORDS.match(c) and c != "'" else c for c in plain)
    words = [word.strip("'") + "'" * word.endswith("'") for word in kept.split()]
    return " ".join(word for word in words if word.strip("'"))


def _without_accents(text: str) -> str:
    """Return the text without the accents on Latin letters; other scripts need theirs."""
    kept, base = [], ""
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character):
            base = character
        elif "a" <= base <= "z":
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _without_leads(folded: str, row: AnswerWords, code: str, least: int = 1) -> str:
    """Return the words behind articles and prepositions, though at least so many."""
    words = folded.split()
    while len(words) > least and (words[0] in row.leads or " ".join(words[:2]) in row.leads):
        words = words[1:]
    if code == "zh" and len(words) == 1 and words[0][:1] in row.leads and len(words[0]) > 1:
        words = [words[0][1:]]
    if code == "ar":
        words = [w.removeprefix("ال") if len(w) > 4 else w for w in words]
    return " ".join(words)


def _singular(words: str, code: str) -> str:
    """Return English words without the endings of their plurals: a key, no word for people."""
    return " ".join(map(_one, words.split())) if code == "en" else words


def _one(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    singular = word[:-1] if len(word) > 3 and re.search("[^sui]s$", word) else word
    return IRREGULAR.get(singular, singular)


def _in_digits(plain: str, code: str) -> tuple[float, str] | None:
    """Return the one number in digits of any script, and the text around it."""
    digits = "".join(
        str(d) if (d := unicodedata.decimal(c, None)) is not None else c for c in plain
    )
    digits = re.sub(r"(?<![\w.,])(\d[\d.,]*)(?=[^\W\d_])", r"\1 ", digits)
    found = list(NUMBER.finditer(digits))
    if len(found) != 1:
        return None
    (match,) = found
    value = _value(match["digits"], code)
    if value is None:
        return None
    sign = -1.0 if match["sign"] and match.start() == 0 else 1.0
    return sign * value, digits[: match.start()] + " " + digits[match.end() :]


def _scaled(number: float, rest: str, row: AnswerWords, code: str) -> tuple[float, str]:
    """Multiply a number by the "thousand" or "million" that follows it."""
    first, _, others = rest.partition(" ")
    if first in row.scales:
        return number * row.scales[first], others
    if code in ("zh", "ja") and rest[:1] in HAN_PLACES:
        return number * HAN_PLACES[rest[0]], rest[1:]
    return number, rest


def _value(digits: str, code: str) -> float | None:
    """Return the number that digits with their marks stand for: `1.000` is not one in German."""
    plain = re.sub("[ '٬]", "", digits).replace("٫", ".")
    marks = [c for c in plain if c in ".,"]
    point = "," if code in DECIMAL_COMMA else "."
    if len(set(marks)) == 2:
        point = marks[-1]
    elif len(marks) > 1:
        point = ""
    elif marks and not re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", plain):
        point = marks[0]
    plain = "".join("." if c == point else c for c in plain if c == point or c not in ".,")
    try:
        return float(plain)
    except ValueError:
        return None


def _in_words(folded: str, row: AnswerWords, code: str) -> tuple[float, str] | None:
    """Return the number that an answer begins with in words, and the words after it.

    A number word that is also an article is a number only by itself.
    """
    words = folded.split()
    for length in range(min(4, len(words)), 0, -1):
        begins = " ".join(words[:length])
        rest = words[length:]
        if begins in row.numbers and not (rest and begins in row.leads):
            return float(row.numbers[begins]), " ".join(rest)
    return None


def _in_han(plain: str, row: AnswerWords, code: str) -> tuple[float, str] | None:
    """Return the number of an answer that is one in Chinese characters, with or without counter."""
    match = HAN_NUMBER.match(plain) if code in ("zh", "ja") else None
    rest = POLITE.sub("", plain[match.end() :].rstrip("。.")) if match else ""
    if match is None or (rest and rest not in row.counters):
        return None
    total = part = digit = 0
    for character in match[0]:
        place = HAN_PLACES.get(character)
        if place is None:
            digit = digit * 10 + HAN_DIGITS[character]
        elif place < 10**4:
            part, digit = part + max(digit, 1) * place, 0
        else:
            total, part, digit = total + max(part + digit, 1) * place, 0, 0
    return float(total + part + digit), ""
