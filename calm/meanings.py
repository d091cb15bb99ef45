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
from calm.number_words import NumberWords, Read, read_after_noun, read_beside, read_number


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
    numbers: NumberWords


UNSPACED = ("zh", "ja")
DECIMAL_COMMA = ("de", "es", "fr", "it", "nl", "pl", "pt", "ru", "vi")
NUMBER = re.compile(
    rf"(?<![^\W{HAN}{KANA}])(?<![.,])"
    r"(?P<sign>[-−]?)(?P<digits>\d{1,3}(?:[ ']\d{3})+(?!\d)|\d(?:[\d.,٫٬']*\d)?)"
    rf"(?![^\W{HAN}{KANA}])"
)
HAN_DIGITS = "〇零一二三四五六七八九"
HAN_YEAR = re.compile(rf"[{HAN_DIGITS}]{{3,}}|[{HAN_DIGITS[1:]}]〇")
"""Chinese digits that stand for digits; fewer are "three or four"."""
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
    found = _number(plain, folded, row, code)
    if found is None:
        return Meaning(_singular(_without_leads(folded, row, code), code))
    if found.number is None:
        return Meaning(_singular(folded, code))
    between = "" if code in UNSPACED else " "
    unit = _without_leads(between.join(found.rest), row, code, least=0)
    return Meaning("" if unit in row.counters else _singular(unit, code), found.number)


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
    values = answer_words(code).numbers.values
    counted = last in values or last[-1:] in values or last[-1:].isdecimal()
    return bool(found) and not counted


@functools.cache
def answer_words(code: str) -> AnswerWords:
    """Return a language's words around short answers."""
    text = resources.files("calm").joinpath("data/answer_words.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    row = next(row for row in rows if row["language"] == code)
    folded = {
        key: tuple(_folded(word, code) for word in row[key])
        for key in ("yes", "no", "leads", "joins", "apart", "units")
    }
    valued = {
        key: {_folded(word, code): int(n) for n, words in row[key].items() for word in words}
        for key in ("numbers", "scales", "bound")
    }
    sets = (frozenset(folded[key]) for key in ("joins", "apart", "units", "leads"))
    numbers = NumberWords(valued["numbers"], valued["scales"], valued["bound"], *sets)
    leads, yes, no = (folded[key] for key in ("leads", "yes", "no"))
    return AnswerWords(row["instruction"], leads, tuple(row["counters"]), yes, no, numbers)


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
        words = [
            w.removeprefix("ال") if len(w) > 4 and w not in row.numbers.all else w for w in words
        ]
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


def _number(plain: str, folded: str, row: AnswerWords, code: str) -> Read | None:
    """Return the number that an answer states, in digits or in words, and its other words."""
    in_digits = _in_digits(plain, code)
    if in_digits:
        value, before, after = in_digits
        front, behind = (_words(_folded(text, code), code) for text in (before, after))
        return read_beside(value, front, behind, row.numbers, code)
    words = _words(folded, code)
    if code not in UNSPACED:
        return read_number(words, row.numbers, code) or read_after_noun(words, row.numbers, code)
    year = HAN_YEAR.match("".join(words))
    if year:
        digits = "".join(str(row.numbers.values[digit]) for digit in year[0])
        found: Read | None = Read(float(digits), words[year.end() :])
    else:
        found = read_number(words, row.numbers, code)
    return found if found and "".join(found.rest) in ("", *row.counters) else None


def _words(folded: str, code: str) -> list[str]:
    """Return the words of a text; of Chinese and Japanese, which have no spaces, the characters."""
    return list(folded.replace(" ", "")) if code in UNSPACED else folded.split()


def _in_digits(plain: str, code: str) -> tuple[float, str, str] | None:
    """Return the one number in digits of any script, and the texts before and after it."""
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
    return sign * value, digits[: match.start()], digits[match.end() :]


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
