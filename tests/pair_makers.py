"""Preference pairs written by hand, good ones, for the tests of the lint."""

import random
from dataclasses import replace
from pathlib import Path

from calm.pairs.files import Rejected, numbered_pairs
from calm.pairs.lint.findings import Linted
from calm.pairs.lint.report import linted
from calm.records import PreferencePair

WORDS = {
    "en": ("Question", "Explanation", "Answer", ": "),
    "de": ("Frage", "Erklärung", "Antwort", ": "),
    "fr": ("Question", "Explication", "Réponse", " : "),
    "ja": ("問題", "解説", "答え", "："),
    "ar": ("السؤال", "الشرح", "الإجابة", ": "),
}
ASKED = {
    "en": ("Which animal barks at the postman?", ("dog", "cat", "horse")),
    "de": ("Welches Tier bellt den Briefträger an?", ("Hund", "Katze", "Pferd")),
    "fr": ("Quel animal aboie après le facteur ?", ("chien", "chat", "cheval")),
    "ja": ("郵便配達員に吠える動物はどれですか？", ("犬", "猫", "馬")),
    "ar": ("أي حيوان ينبح على ساعي البريد؟", ("كلب", "قطة", "حصان")),
}
BODIES = {
    "en": (
        "People keep this animal at home to guard the house, and it makes itself heard.",
        "Many families live with this animal, which likes to sit at the window all day.",
    ),
    "de": (
        "Dieses Tier wird gehalten, um das Haus zu bewachen, und es macht sich bemerkbar.",
        "Viele Familien leben mit diesem Tier, das gern den ganzen Tag am Fenster sitzt.",
    ),
    "fr": (
        "On garde cet animal à la maison pour la surveiller, et il se fait entendre.",
        "Beaucoup de familles vivent avec cet animal, qui aime rester à la fenêtre.",
    ),
    "ja": (
        "この動物は家を守るために飼われていて、知らない人が来ると大きな声を出します。",
        "この動物は多くの家庭で飼われていて、一日中窓のそばに座っているのが好きです。",
    ),
    "ar": (
        "يربي الناس هذا الحيوان في البيت لحراسته، وهو يصدر صوتا عاليا عند قدوم الغرباء.",
        "تعيش عائلات كثيرة مع هذا الحيوان الذي يحب الجلوس قرب النافذة طوال اليوم.",
    ),
}


def prompt(code: str, text: str = "", choices: tuple[str, ...] = ()) -> str:
    question, _, answer, colon = WORDS[code]
    own_text, own_choices = ASKED[code]
    listed = "\n".join(f"{'ABC'[i]}. {choice}" for i, choice in enumerate(choices or own_choices))
    return f"{question}{colon}{text or own_text}\n{listed}\n{answer}{colon}".rstrip()


def side(code: str, answer: int, body: str | None = None, after: str = "") -> str:
    _, explanation, label, colon = WORDS[code]
    body = BODIES[code][answer % 2] if body is None else body
    stated = f"{label}{colon}{'ABC'[answer]}. {ASKED[code][1][answer]}"
    return f"{explanation}{colon}{body}\n{stated}{after}"


def good(code: str) -> PreferencePair:
    """A pair that nothing is wrong with."""
    return PreferencePair("dogs", code, prompt(code), side(code, 0), side(code, 1), code)


def item(pair: PreferencePair) -> Linted:
    return linted([pair], {})[0]


def clean_set(codes: tuple[str, ...], questions: int, seed: int = 0) -> list[Linted]:
    """Pairs whose sides differ in what they say alone: form, length and letters are balanced."""
    rng = random.Random(seed)
    pairs = []
    for code in codes:
        for number in range(questions):
            yes = number % 3
            no = (yes + 1 + number // 3 % 2) % 3
            bodies = [f"{body} {rng.random():.{rng.randint(1, 9)}f}." for body in BODIES[code]]
            rng.shuffle(bodies)
            text = f"{number} – {ASKED[code][0]}"
            pairs.append(
                replace(
                    good(code),
                    question_id=str(number),
                    prompt=prompt(code, text),
                    chosen=side(code, yes, bodies[0]),
                    rejected=side(code, no, bodies[1]),
                )
            )
    return linted(pairs, {})


def read_pairs(path: Path) -> tuple[list[PreferencePair], list[Rejected]]:
    """Return a file's pairs, and the rows that are none."""
    rows = [row for _, row in numbered_pairs(path)]
    pairs = [row for row in rows if isinstance(row, PreferencePair)]
    return pairs, [row for row in rows if isinstance(row, Rejected)]
