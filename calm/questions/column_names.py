"""What the columns of question files are called, in many languages, and which field each one is."""

import re
from collections.abc import Sequence

FIELDS = ("id", "split", "language", "text", "choices", "gold", "topic")
"""The fields of the documented format, in its order."""
KNOWN = {
    "id": (
        *("id", "qid", "question id", "questionid", "uid", "nr", "nr.", "no", "no.", "n°", "№"),
        *("#", "number", "num", "index", "idx", "nummer", "numéro", "numero", "número"),
        *("番号", "编号", "序号", "題號", "الرقم", "رقم", "номер"),
    ),
    "split": ("split",),
    "language": (
        *("language", "lang", "locale", "language code", "sprache", "langue", "idioma", "lengua"),
        *("lingua", "言語", "语言", "語言", "اللغة", "لغة", "язык", "भाषा"),
    ),
    "text": (
        *("text", "question", "question text", "questiontext", "questions", "prompt", "stem"),
        *("query", "frage", "fragen", "fragetext", "fragestellung", "énoncé", "pregunta"),
        *("enunciado", "domanda", "quesito", "testo", "pergunta", "問題", "問題文", "質問"),
        *("题目", "题干", "问题", "題目", "السؤال", "سؤال", "вопрос", "प्रश्न"),
    ),
    "choices": (
        *("choices", "options", "answers", "answer options", "answer choices", "alternatives"),
        *("possible answers", "antworten", "antwortmöglichkeiten", "auswahl", "optionen"),
        *("réponses", "réponses possibles", "choix", "propositions", "opciones", "respuestas"),
        *("opzioni", "risposte", "scelte", "opções", "respostas", "選択肢", "选项", "選項"),
        *("الخيارات", "خيارات", "الإجابات", "варианты", "варианты ответа", "विकल्प"),
    ),
    "gold": (
        *("gold", "answer", "correct", "correct answer", "correct option", "correct choice"),
        *("right answer", "answer key", "answerkey", "answer index", "answer idx", "key", "label"),
        *("solution", "target", "lösung", "richtig", "richtige antwort", "korrekt", "antwort"),
        *("réponse", "bonne réponse", "réponse correcte", "respuesta", "respuesta correcta"),
        *("correcta", "solución", "risposta", "risposta corretta", "risposta esatta", "corretta"),
        *("soluzione", "resposta", "resposta correta", "正解", "解答", "答え", "答案", "正确答案"),
        *("الإجابة", "الإجابة الصحيحة", "الجواب", "ответ", "правильный ответ", "उत्तर"),
    ),
    "topic": (
        *("topic", "category", "subject", "domain", "thema", "kategorie", "fach", "thème"),
        *("catégorie", "matière", "tema", "categoría", "materia", "argomento", "categoria"),
        *("分野", "トピック", "カテゴリ", "主题", "类别", "الموضوع", "الفئة", "тема"),
    ),
}
"""How people call the column of a field, the documented name first."""
CHOICE_WORDS = (
    *("choice", "option", "answer", "alternative", "antwort", "auswahl", "réponse", "choix"),
    *("proposition", "opción", "opcion", "respuesta", "opzione", "risposta", "scelta", "opção"),
    *("resposta", "選択肢", "选项", "選項", "答案", "خيار", "الخيار", "вариант", "विकल्प"),
)
CHOICE = re.compile(rf"(?:(?:{'|'.join(map(re.escape, CHOICE_WORDS))}) ?)?\(?([a-h]|[0-8])[).:]?")
"""The name of a column that holds one choice alone: `A`, `B)`, `option 3`, `Antwort c`."""
GAPS = re.compile(r"[\s_\-]+")


def plain_name(written: str) -> str:
    """Return the name of a column without what people write in several ways: `Correct_Answer:`."""
    return GAPS.sub(" ", written.casefold().strip().rstrip(":?!")).strip()


def field_of(name: str) -> str | None:
    """Return the field that a column of this name is; `None` where the name tells none."""
    plain = plain_name(name)
    return next((field for field, names in KNOWN.items() if plain in names), None)


def choice_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that hold one choice each, in the order of their letters or numbers.

    Empty where there are not at least two without a gap, from `a`, 0 or 1 on.
    """
    by_place: dict[str, str] = {}
    for name in names:
        found = CHOICE.fullmatch(plain_name(name))
        if found:
            by_place.setdefault(found[1], name)
    for row in ("abcdefgh", "12345678", "01234567"):
        known = [by_place.get(place) for place in row]
        columns = tuple(known[: known.index(None)] if None in known else known)
        if len(columns) > 1:
            return columns  # type: ignore[return-value]
    return ()
