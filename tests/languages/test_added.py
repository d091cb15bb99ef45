"""A language is added by one file: an invented one is asked, read, voted on and linted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.languages.table import FOLDER, LANGUAGES, read_language

ROOT = Path(__file__).parents[2]
OWN = """\
name = "Ardunic"
native_name = "Ardunik"
script = "Latin"
question = "Kelu"
choices = "Vorim"
answer = "Tansa"
explanation = "Moruk"
passage = "Tekuk"
letters = "ABCDEFGH"
digits = "0123456789"
instruction = 'Kelu oron. Tabin "{answer}" ka.'
answer_labels = ["tansa", "tansa vel", "orik tansa vel"]
explanation_labels = ["moruk"]
links = ["vel"]
verdicts = ["vel orik"]
denials = ["ne vel orik"]
refusals = ["nilu"]

[doubts]
wrong = ["falun"]
negations = ["ne"]
negated_links = ["ne vel"]
unowned = ["sifa"]

[short]
instruction = "Tabin."
yes = ["ya"]
no = ["ne"]
no_answer = ["nilu sabu"]
examples = [
  ["Polun kora?", "Warsu"], ["Hamlet?", "William Shakespeare"], ["Violin?", "4"],
  ["Wuf?", "kano"], ["Kaso?", "lakta"], ["Nivo?", "blanu"],
]

[numbers.values]
4 = ["kuar"]

[[examples]]
text = "Orun vita?"
choices = ["ferun", "akva"]
gold = 1
"""
ASKED = """
from calm.answers.choice import read_answer
from calm.answers.explanation import explanation
from calm.answers.short import read_short_answer
from calm.languages.identify import told_by
from calm.languages.meaning import meaning
from calm.languages.table import LANGUAGES, code_of, language
from calm.pairs.lint.pair_rules import seen_in
from calm.pairs.lint.findings import Linted
from calm.questions.prompts import base_prompt, chat_message, choice_order
from calm.questions.rows import parse_questions
from calm.records import PreferencePair, Question, Response
from calm.voting.vote import vote

assert (list(LANGUAGES)[0], language("qaa").name, code_of("Ardunik")) == ("en", "Ardunic", "qaa")
row = {"id": "a", "language": "qaa", "text": "Vita?", "choices": ["ferun", "akva"], "gold": 1}
(question,) = parse_questions([(1, row)], "mine")
assert base_prompt(question, (0, 1)).text.endswith("Kelu: Vita?\\nTansa:")
assert '"Tansa:"' in chat_message(question, choice_order(0, question, 0))


def read(text):
    stated = read_answer(text, question, (0, 1))
    return stated.answer, stated.how


assert read("Moruk: Sol.\\nTansa: B. akva") == (1, "letter and text")
assert read("Orik tansa vel A.") == (0, "letter")
assert read("A vel orik.") == (0, "letter")
assert read("Tansa ne vel A.") == (None, "unstated")
assert read("Falun tansa vel A.") == (None, "unstated")
assert read("Sifa tansa vel A, sol.") == (None, "unstated")
assert read("Tansa: nilu") == (None, "refusal")
assert explanation("Moruk: Sol.\\nTansa: B. akva", (18, 25), "qaa") == "Sol."
texts = ["Tansa: B", "B vel orik.", "Tansa: A", "Tansa: nilu"]
drawn = [
    Response("a", "qaa", n, "m", text, answer=read(text)[0], answer_span=None, choice_order=(0, 1))
    for n, text in enumerate(texts)
]
(counted,), _ = vote(drawn, {"a": 2}, "plurality")
assert (counted.winner, counted.counts) == (1, (1, 2))
assert read_short_answer("Tansa: Warsu", "qaa").text == "Warsu"
assert read_short_answer("Nilu sabu.", "qaa").how == "refusal"
assert meaning("kuar", "qaa") == meaning("4", "qaa")
assert told_by("The cat sat on the mat and looked out of the window.") == "en"
pair = PreferencePair(
    question_id="a", language="qaa", prompt="Vita?", chosen="", rejected="Tansa: A. ferun",
    chosen_language="qaa", source="vote",
)
assert [rule for rule, _ in seen_in(Linted("pairs.jsonl", 1, pair, question))] == ["empty-side"]
"""

THAI = """\
name = "Thai"
native_name = "ไทย"
script = "Thai"
spaced = false
question = "คำถาม"
choices = "ตัวเลือก"
answer = "คำตอบ"
explanation = "คำอธิบาย"
passage = "ข้อความ"
letters = "กขคงจฉชซ"
digits = "๐๑๒๓๔๕๖๗๘๙"
instruction = 'อ่านคำถาม แล้วตอบด้วย "{answer}"'
answer_labels = ["คำตอบ", "คำตอบคือ", "คำตอบที่ถูกต้อง", "คำตอบที่ถูกต้องคือ"]
explanation_labels = ["คำอธิบาย"]
links = ["คือ"]
verdicts = ["เป็นคำตอบที่ถูกต้อง"]
denials = ["ไม่ใช่คำตอบ"]
refusals = ["ไม่ทราบ"]

[sentences]
label_ends = ["คือ"]

[short]
instruction = "ตอบสั้น ๆ"
yes = ["ใช่"]
no = ["ไม่ใช่"]
no_answer = ["ไม่ทราบ"]
examples = [
  ["เมืองหลวงของโปแลนด์?", "วอร์ซอ"], ["Hamlet?", "William Shakespeare"], ["ไวโอลินมีกี่สาย?", "4"],
  ["เสียงโฮ่ง?", "สุนัข"], ["ชีส?", "นม"], ["สีท้องฟ้า?", "ฟ้า"],
]

[[examples]]
text = "อะไรดับไฟ?"
choices = ["เหล็ก", "น้ำ"]
gold = 1
"""
ASKED_IN_THAI = """
from calm.answers.choice import read_answer
from calm.questions.rows import parse_questions

row = {"id": "a", "language": "th", "text": "อะไรดับไฟ?", "choices": ["เหล็ก", "น้ำ"], "gold": 1}
(question,) = parse_questions([(1, row)], "mine")
for text, answer in [
    ("คำอธิบาย: น้ำเย็น\\nคำตอบ: ข. น้ำ", 1),
    ("คำตอบที่ถูกต้องคือ ข", 1),
    ("ดังนั้นคำตอบที่ถูกต้องคือ ข. น้ำ", 1),
    ("ดังนั้นคำตอบที่ถูกต้องคือน้ำ", 1),
    ("ก เป็นคำตอบที่ถูกต้อง", 0),
    ("ไม่ทราบ", None),
]:
    assert read_answer(text, question, (0, 1)).answer == answer, text
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "qaa.toml").write_text(OWN, encoding="utf-8")
    return tmp_path


def in_python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    seen = os.environ | {"CALM_LANGUAGES": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=seen, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_added_language_is_asked_read_voted_on_and_linted(folder: Path) -> None:
    done = in_python(ASKED, folder)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_is_none_is_refused(folder: Path) -> None:
    done = in_python("import calm.answers.choice", folder / "nowhere")
    assert "nowhere, which is no folder. Correct it or unset it." in done.stderr


@pytest.mark.parametrize(
    ("instead_of", "written", "said"),
    [
        ('question = "Kelu"\n', "", "key 'question' is missing. Add it"),
        ("[short]", "[short]\ncolour = 1", "there is no key 'short.colour'. Remove it"),
        ('"ABCDEFGH"', '"ABC"', "key 'letters' cannot be used (it has to be 8 different letters"),
        ('"ABCDEFGH"', '"ABCDEFGG"', "key 'letters' cannot be used"),
        ('"0123456789"', '"123"', "key 'digits' cannot be used (it has to be the ten digits"),
        ('"Latin"', '"Runic"', "key 'script' cannot be used ('Runic' is not one of Latin"),
        ('"{answer}"', "", "key 'instruction' cannot be used (it needs one place"),
        ('"tansa", ', '"Tansa", ', "key 'answer_labels' cannot be used"),
        ('answer = "Tansa"', 'answer = "Kelu"', "key 'question' cannot be used"),
        ("gold = 1", "gold = 2", "key 'examples' cannot be used (gold has to be the place"),
        ('["Wuf?", "kano"], ', "", "key 'short.examples' cannot be used"),
        ('["ne vel orik"]', '"ne"', "key 'denials' cannot be used"),
        ("[doubts]", '[doubts]\nidioms = ["("]', "'(' is no regular expression"),
        ("[doubts]", "[doubts", "is no TOML file"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_a_sentence(
    tmp_path: Path, instead_of: str, written: str, said: str
) -> None:
    assert instead_of in OWN
    file = tmp_path / "qaa.toml"
    file.write_text(OWN.replace(instead_of, written), encoding="utf-8")
    with pytest.raises(CalmError) as caught:
        read_language(file)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)


def test_a_file_is_named_by_a_code(tmp_path: Path) -> None:
    file = tmp_path / "My language.toml"
    file.write_text(OWN, encoding="utf-8")
    with pytest.raises(CalmError, match="is no code of a language"):
        read_language(file)
    with pytest.raises(CalmError, match="cannot be read"):
        read_language(tmp_path / "qab.toml")


def test_every_file_of_the_table_is_a_language() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(LANGUAGES)
    assert all(LANGUAGES[code].code == code for code in LANGUAGES)


def test_a_language_without_spaces_between_words_is_added_by_its_file_too(tmp_path: Path) -> None:
    (tmp_path / "th.toml").write_text(THAI, encoding="utf-8")
    done = in_python(ASKED_IN_THAI, tmp_path)
    assert done.returncode == 0, done.stderr
