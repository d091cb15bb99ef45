"""The language table: everything that differs from one language to the next, one row each.

Adding a language is adding a row here and its worked examples in `data/examples.jsonl`.
The sixteen rows are the languages of X-CSQA (Lin et al., ACL 2021).
"""

from dataclasses import dataclass
from typing import Literal

from calm.errors import CalmError


@dataclass(frozen=True)
class Language:
    """One language, with the words that prompts are built from and answers are read by."""

    code: str
    name: str
    native_name: str
    direction: Literal["ltr", "rtl"]
    script: str
    """Unicode script that a text in this language must contain: Latin, Han, Arabic, ..."""
    question: str
    choices: str
    answer: str
    explanation: str
    explanation_labels: tuple[str, ...]
    """Ways to head an explanation, lower case, without colon."""
    colon: str
    """What follows a label, with its space: `": "`, or `"："` in Chinese."""
    separator: str
    """What stands between choices on one line, with its space."""
    letters: str
    """Letters that number choices, A to H or the language's own."""
    digits: str
    """The ten digits from zero, in the script that the language is also written with."""
    answer_labels: tuple[str, ...]
    """Ways to announce an answer, lower case, without colon; read by `extract`."""
    instruction: str
    """What a chat model is told: think briefly, explain, end with one answer line.

    `{answer}` stands for the answer label; the source is the prompt of the CALM paper, appendix.
    """


_ROWS = (
    Language(
        code="en",
        name="English",
        native_name="English",
        direction="ltr",
        script="Latin",
        question="Question",
        choices="Choices",
        answer="Answer",
        explanation="Explanation",
        explanation_labels=(
            "explanation",
            "reasoning",
            "reason",
            "rationale",
            "justification",
            "analysis",
            "thoughts",
        ),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "answer",
            "the answer is",
            "the correct answer is",
            "correct answer",
            "final answer",
            "the final answer is",
            "the correct choice is",
            "the right answer is",
        ),
        instruction=(
            "Read the question and its choices. Think briefly and explain your reasoning in one "
            'or two sentences. Then end with exactly one line: "{answer}" followed by the letter '
            "and the text of the one choice you think is right."
        ),
    ),
    Language(
        code="zh",
        name="Chinese",
        native_name="中文",
        direction="ltr",
        script="Han",
        question="问题",
        choices="选项",
        answer="答案",
        explanation="解释",
        explanation_labels=("解释", "解釋", "说明", "說明", "解析", "分析", "理由", "推理"),
        colon="：",
        separator="；",
        letters="ABCDEFGH",
        digits="０１２３４５６７８９",
        answer_labels=(
            "答案",
            "答案是",
            "答案为",
            "正确答案",
            "正确答案是",
            "正确答案为",
            "最终答案",
            "最终答案是",
            "正确选项",
            "正确选项是",
            "所以答案是",
            "故选",
        ),
        instruction=(
            "请阅读问题和选项，简要思考，并用一两句话解释你的推理。"
            '最后只用一行结尾："{answer}"，后面写上你认为正确的那一个选项的字母和内容。'
        ),
    ),
    Language(
        code="de",
        name="German",
        native_name="Deutsch",
        direction="ltr",
        script="Latin",
        question="Frage",
        choices="Antwortmöglichkeiten",
        answer="Antwort",
        explanation="Erklärung",
        explanation_labels=(
            "erklärung",
            "erläuterung",
            "begründung",
            "überlegung",
            "analyse",
            "gedankengang",
            "erläuterungen",
            "erklärungen",
        ),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "antwort",
            "die antwort ist",
            "die antwort lautet",
            "richtige antwort",
            "die richtige antwort ist",
            "die richtige antwort lautet",
            "korrekte antwort",
            "die korrekte antwort ist",
            "endgültige antwort",
            "die endgültige antwort lautet",
            "die richtige option ist",
            "lösung",
        ),
        instruction=(
            "Lies die Frage und die Antwortmöglichkeiten. Denke kurz nach und begründe deine Wahl "
            'in ein oder zwei Sätzen. Schließe dann mit genau einer Zeile ab: "{answer}", gefolgt '
            "vom Buchstaben und vom Text der einen Antwortmöglichkeit, die du für richtig hältst."
        ),
    ),
    Language(
        code="es",
        name="Spanish",
        native_name="Español",
        direction="ltr",
        script="Latin",
        question="Pregunta",
        choices="Opciones",
        answer="Respuesta",
        explanation="Explicación",
        explanation_labels=(
            "explicación",
            "razonamiento",
            "justificación",
            "análisis",
            "motivo",
            "explicacion",
        ),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "respuesta",
            "la respuesta es",
            "respuesta correcta",
            "la respuesta correcta es",
            "respuesta final",
            "la respuesta final es",
            "opción correcta",
            "la opción correcta es",
            "por lo tanto, la respuesta es",
            "la solución es",
        ),
        instruction=(
            "Lee la pregunta y sus opciones. Piensa brevemente y explica tu razonamiento en una o "
            'dos frases. Después, termina con exactamente una línea: "{answer}" seguido de la '
            "letra y el texto de la única opción que consideres correcta."
        ),
    ),
    Language(
        code="fr",
        name="French",
        native_name="Français",
        direction="ltr",
        script="Latin",
        question="Question",
        choices="Choix",
        answer="Réponse",
        explanation="Explication",
        explanation_labels=(
            "explication",
            "raisonnement",
            "justification",
            "analyse",
            "réflexion",
            "explications",
        ),
        colon=" : ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "réponse",
            "la réponse est",
            "bonne réponse",
            "la bonne réponse est",
            "réponse correcte",
            "la réponse correcte est",
            "réponse finale",
            "la réponse finale est",
            "le bon choix est",
            "la bonne option est",
            "l'option correcte est",
            "la réponse est donc",
        ),
        instruction=(
            "Lis la question et les choix proposés. Réfléchis brièvement et explique ton "
            "raisonnement en une ou deux phrases. Termine ensuite par une ligne, et une seule : "
            '"{answer}", suivi de la lettre et du texte du seul choix que tu juges correct.'
        ),
    ),
    Language(
        code="it",
        name="Italian",
        native_name="Italiano",
        direction="ltr",
        script="Latin",
        question="Domanda",
        choices="Opzioni",
        answer="Risposta",
        explanation="Spiegazione",
        explanation_labels=(
            "spiegazione",
            "ragionamento",
            "motivazione",
            "giustificazione",
            "analisi",
            "spiegazioni",
        ),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "risposta",
            "la risposta è",
            "risposta corretta",
            "la risposta corretta è",
            "risposta esatta",
            "la risposta esatta è",
            "la risposta giusta è",
            "risposta finale",
            "la risposta finale è",
            "l'opzione corretta è",
            "la scelta corretta è",
            "quindi la risposta è",
        ),
        instruction=(
            "Leggi la domanda e le opzioni. Rifletti brevemente e spiega il tuo ragionamento in "
            'una o due frasi. Concludi poi con una sola riga: "{answer}" seguito dalla lettera e '
            "dal testo dell'unica opzione che ritieni corretta."
        ),
    ),
    Language(
        code="ja",
        name="Japanese",
        native_name="日本語",
        direction="ltr",
        script="Hiragana",
        question="問題",
        choices="選択肢",
        answer="答え",
        explanation="解説",
        explanation_labels=("解説", "説明", "理由", "考え方", "根拠", "推論", "解釈"),
        colon="：",
        separator="；",
        letters="アイウエオカキク",
        digits="０１２３４５６７８９",
        answer_labels=(
            "答え",
            "答えは",
            "正解",
            "正解は",
            "正しい答えは",
            "最終的な答え",
            "最終的な答えは",
            "解答",
            "回答",
            "最終回答",
            "正しい選択肢は",
            "したがって、答えは",
        ),
        instruction=(
            "問題と選択肢を読んでください。簡潔に考え、そう考えた理由を一、二文で説明してください。"
            '最後は、"{answer}"に続けて、正しいと思う選択肢一つの記号と内容を書いた'
            "一行だけで締めくくってください。"
        ),
    ),
    Language(
        code="nl",
        name="Dutch",
        native_name="Nederlands",
        direction="ltr",
        script="Latin",
        question="Vraag",
        choices="Antwoordmogelijkheden",
        answer="Antwoord",
        explanation="Uitleg",
        explanation_labels=(
            "uitleg",
            "toelichting",
            "redenering",
            "verklaring",
            "motivering",
            "onderbouwing",
        ),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "antwoord",
            "het antwoord is",
            "het antwoord is dus",
            "juiste antwoord",
            "het juiste antwoord is",
            "goede antwoord",
            "het goede antwoord is",
            "het correcte antwoord is",
            "eindantwoord",
            "het uiteindelijke antwoord is",
            "de juiste optie is",
            "de juiste keuze is",
        ),
        instruction=(
            "Lees de vraag en de antwoordmogelijkheden. Denk kort na en leg je redenering uit in "
            'één of twee zinnen. Sluit daarna af met precies één regel: "{answer}", gevolgd door '
            "de letter en de tekst van de ene antwoordmogelijkheid die volgens jou juist is."
        ),
    ),
    Language(
        code="pl",
        name="Polish",
        native_name="Polski",
        direction="ltr",
        script="Latin",
        question="Pytanie",
        choices="Opcje",
        answer="Odpowiedź",
        explanation="Wyjaśnienie",
        explanation_labels=("wyjaśnienie", "uzasadnienie", "rozumowanie", "objaśnienie", "analiza"),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "odpowiedź",
            "odpowiedź to",
            "odpowiedzią jest",
            "poprawna odpowiedź",
            "poprawna odpowiedź to",
            "poprawną odpowiedzią jest",
            "prawidłowa odpowiedź",
            "prawidłowa odpowiedź to",
            "prawidłową odpowiedzią jest",
            "ostateczna odpowiedź",
            "ostateczna odpowiedź to",
            "poprawna opcja to",
        ),
        instruction=(
            "Przeczytaj pytanie i podane opcje. Zastanów się krótko i wyjaśnij swoje rozumowanie w "
            'jednym lub dwóch zdaniach. Następnie zakończ dokładnie jednym wierszem: "{answer}", a '
            "po tym słowie podaj literę i treść tej jednej opcji, którą uważasz za poprawną."
        ),
    ),
    Language(
        code="pt",
        name="Portuguese",
        native_name="Português",
        direction="ltr",
        script="Latin",
        question="Pergunta",
        choices="Opções",
        answer="Resposta",
        explanation="Explicação",
        explanation_labels=("explicação", "raciocínio", "justificativa", "justificação", "análise"),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "resposta",
            "a resposta é",
            "resposta correta",
            "a resposta correta é",
            "resposta certa",
            "a resposta certa é",
            "resposta final",
            "a resposta final é",
            "alternativa correta",
            "a alternativa correta é",
            "a opção correta é",
            "portanto, a resposta é",
        ),
        instruction=(
            "Leia a pergunta e as opções. Pense brevemente e explique seu raciocínio em uma ou "
            'duas frases. Depois, termine com exatamente uma linha: "{answer}" seguido da letra e '
            "do texto da única opção que você considera correta."
        ),
    ),
    Language(
        code="ru",
        name="Russian",
        native_name="Русский",
        direction="ltr",
        script="Cyrillic",
        question="Вопрос",
        choices="Варианты",
        answer="Ответ",
        explanation="Объяснение",
        explanation_labels=("объяснение", "пояснение", "обоснование", "рассуждение", "анализ"),
        colon=": ",
        separator="; ",
        letters="АБВГДЕЖЗ",
        digits="0123456789",
        answer_labels=(
            "ответ",
            "ответ —",
            "правильный ответ",
            "правильный ответ —",
            "правильным ответом является",
            "верный ответ",
            "окончательный ответ",
            "итоговый ответ",
            "правильный вариант",
            "правильный вариант ответа",
            "верный вариант",
            "таким образом, ответ",
        ),
        instruction=(
            "Прочитайте вопрос и варианты ответа. Немного подумайте и объясните ход своих "
            "рассуждений в одном-двух предложениях. Затем завершите ровно одной строкой: "
            '"{answer}", а после этого слова — буква и текст того единственного варианта, который '
            "вы считаете правильным."
        ),
    ),
    Language(
        code="ar",
        name="Arabic",
        native_name="العربية",
        direction="rtl",
        script="Arabic",
        question="السؤال",
        choices="الخيارات",
        answer="الإجابة",
        explanation="الشرح",
        explanation_labels=(
            "الشرح",
            "شرح",
            "التفسير",
            "تفسير",
            "التوضيح",
            "توضيح",
            "السبب",
            "التعليل",
        ),
        colon=": ",
        separator="؛ ",
        letters="أبجدهوزح",
        digits="٠١٢٣٤٥٦٧٨٩",
        answer_labels=(
            "الإجابة",
            "الإجابة هي",
            "الإجابة الصحيحة",
            "الإجابة الصحيحة هي",
            "الجواب",
            "الجواب هو",
            "الجواب الصحيح",
            "الجواب الصحيح هو",
            "الإجابة النهائية",
            "الإجابة النهائية هي",
            "الخيار الصحيح هو",
            "إذن الإجابة هي",
        ),
        instruction=(
            "اقرأ السؤال والخيارات. فكّر بإيجاز واشرح طريقة تفكيرك في جملة أو جملتين. "
            'ثم اختم بسطر واحد فقط: "{answer}" يليها حرف الخيار الوحيد الذي تراه صحيحًا ونصه.'
        ),
    ),
    Language(
        code="vi",
        name="Vietnamese",
        native_name="Tiếng Việt",
        direction="ltr",
        script="Latin",
        question="Câu hỏi",
        choices="Lựa chọn",
        answer="Đáp án",
        explanation="Giải thích",
        explanation_labels=("giải thích", "lý do", "lập luận", "phân tích", "lời giải"),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "đáp án",
            "đáp án là",
            "đáp án đúng",
            "đáp án đúng là",
            "đáp án cuối cùng",
            "đáp án cuối cùng là",
            "câu trả lời",
            "câu trả lời là",
            "câu trả lời đúng là",
            "lựa chọn đúng là",
            "phương án đúng là",
            "vậy đáp án là",
        ),
        instruction=(
            "Hãy đọc câu hỏi và các lựa chọn. Suy nghĩ ngắn gọn và giải thích lập luận của bạn "
            'trong một hoặc hai câu. Sau đó kết thúc bằng đúng một dòng: "{answer}", tiếp theo là '
            "chữ cái và nội dung của lựa chọn duy nhất mà bạn cho là đúng."
        ),
    ),
    Language(
        code="hi",
        name="Hindi",
        native_name="हिन्दी",
        direction="ltr",
        script="Devanagari",
        question="प्रश्न",
        choices="विकल्प",
        answer="उत्तर",
        explanation="व्याख्या",
        explanation_labels=("व्याख्या", "स्पष्टीकरण", "कारण", "तर्क", "विवरण"),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="०१२३४५६७८९",
        answer_labels=(
            "उत्तर",
            "उत्तर है",
            "सही उत्तर",
            "सही उत्तर है",
            "अंतिम उत्तर",
            "अंतिम उत्तर है",
            "जवाब",
            "सही जवाब",
            "सही जवाब है",
            "सही विकल्प",
            "सही विकल्प है",
            "अतः सही उत्तर है",
        ),
        instruction=(
            "प्रश्न और उसके विकल्प पढ़ें। थोड़ा सोचें और अपना तर्क एक या दो वाक्यों में समझाएँ। "
            'फिर अंत में ठीक एक पंक्ति लिखें: "{answer}" और उसके बाद उस एक विकल्प का अक्षर और पाठ, '
            "जिसे आप सही मानते हैं।"
        ),
    ),
    Language(
        code="sw",
        name="Swahili",
        native_name="Kiswahili",
        direction="ltr",
        script="Latin",
        question="Swali",
        choices="Machaguo",
        answer="Jibu",
        explanation="Maelezo",
        explanation_labels=("maelezo", "ufafanuzi", "sababu", "hoja"),
        colon=": ",
        separator="; ",
        letters="ABCDEFGH",
        digits="0123456789",
        answer_labels=(
            "jibu",
            "jibu ni",
            "jibu sahihi",
            "jibu sahihi ni",
            "jibu la mwisho",
            "jibu la mwisho ni",
            "chaguo sahihi",
            "chaguo sahihi ni",
            "kwa hiyo jibu ni",
            "kwa hivyo, jibu ni",
        ),
        instruction=(
            "Soma swali na machaguo yake. Fikiri kwa ufupi na ueleze sababu zako kwa sentensi moja "
            'au mbili. Kisha malizia kwa mstari mmoja tu: "{answer}" likifuatiwa na herufi na '
            "maandishi ya chaguo moja unaloona kuwa sahihi."
        ),
    ),
    Language(
        code="ur",
        name="Urdu",
        native_name="اردو",
        direction="rtl",
        script="Arabic",
        question="سوال",
        choices="آپشنز",
        answer="جواب",
        explanation="وضاحت",
        explanation_labels=("وضاحت", "تشریح", "وجہ", "دلیل", "توضیح"),
        colon=": ",
        separator="؛ ",
        letters="ABCDEFGH",
        digits="۰۱۲۳۴۵۶۷۸۹",
        answer_labels=(
            "جواب",
            "جواب ہے",
            "صحیح جواب",
            "صحیح جواب ہے",
            "درست جواب",
            "درست جواب ہے",
            "حتمی جواب",
            "حتمی جواب ہے",
            "آخری جواب",
            "صحیح آپشن",
            "درست آپشن ہے",
            "اس لیے درست جواب ہے",
        ),
        instruction=(
            "سوال اور اس کے آپشنز پڑھیں۔ تھوڑا سوچیں اور ایک یا دو جملوں میں اپنی دلیل بیان کریں۔ "
            'پھر آخر میں صرف ایک سطر لکھیں: "{answer}" اور اس کے بعد اس ایک آپشن کا حرف اور متن '
            "جسے آپ درست سمجھتے ہیں۔"
        ),
    ),
)

LANGUAGES: dict[str, Language] = {row.code: row for row in _ROWS}


def language(code: str) -> Language:
    """Return the row of `code`.

    Raises CalmError, naming the languages there are, where there is no such row.
    """
    try:
        return LANGUAGES[code]
    except KeyError:
        raise CalmError(
            f"There is no language {code!r}. Choose from: {', '.join(LANGUAGES)}."
        ) from None
