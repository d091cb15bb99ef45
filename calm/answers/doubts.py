"""What makes an announced answer no answer of the model's own, in every language.

"The wrong answer is A", "many think that the answer is A", "if the answer is A", "the answer is
not A, but B", "A. Sorry, I meant B": the words that tell these from "the answer is A", one row a
language. `undone.py` looks for them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Doubts:
    """A language's words, lower case. A word that ends with `*` is a stem: "falsch*"."""

    wrong: tuple[str, ...]
    """What an answer is called that is not the right one."""
    negations: tuple[str, ...]
    """What denies a verb of choosing, or an answer, that follows it."""
    negated_links: tuple[str, ...]
    """What stands between "the answer" and one that it is not: "is not"."""
    others: tuple[str, ...]
    """Who else may think something."""
    beliefs: tuple[str, ...]
    """What they do: think, say, claim."""
    unowned: tuple[str, ...]
    """What alone tells that the answer is nobody's own: "if", "suppose", "I doubt"."""
    conditionals: tuple[str, ...]
    """Links of an answer under a condition: "would be"."""
    behind: tuple[str, ...]
    """What denies, questions or lends to others an answer that stands before it."""
    corrections: tuple[str, ...]
    """What announces another answer in place of one that was given: "sorry, I meant"."""
    instead: tuple[str, ...]
    """What announces the right answer after a denied one: "but", "it is"."""


DOUBTS = {
    "en": Doubts(
        wrong=(
            *("wrong", "incorrect", "false", "worst", "least", "unlikely", "unlikeliest"),
            *("less", "alternative", "tempting", "distractor", "trap", "second", "mistaken"),
            *("common", "popular", "other", "another", "decoy", "implausible", "bad", "trick"),
            *("erroneous", "inaccurate", "improbable", "second-best", "runner-up", "inverse"),
            *("opposite", "previous", "initial", "obvious-looking", "unsuitable", "poor"),
        ),
        negations=(
            *("not", "never", "cannot", "don't", "won't", "wouldn't", "can't", "no longer"),
        ),
        negated_links=(
            *("is not", "isn't", "is definitely not", "is certainly not", "is clearly not"),
            *("cannot be", "can't be", "can not be", "could not be", "couldn't be", "is never"),
            *("would not be", "wouldn't be", "should not be", "must not be"),
            *("was not", "wasn't"),
        ),
        others=(
            *("few", "nobody", "no one", "hardly anyone", "my neighbour", "my neighbor"),
            *("father", "mother", "uncle", "opponents", "skeptics", "some", "many"),
            *("most people", "people", "you", "one", "others", "students", "student"),
            *("teacher", "friend", "textbook*", "beginners", "someone", "somebody", "they"),
            *("he", "she", "experts", "everyone", "everybody", "anyone", "readers", "learners"),
            *("users", "critics", "children", "mistake", "misconception", "error", "brother"),
            *(
                "classmate*",
                "roommate*",
                "sister",
                "colleague*",
                "book",
                "books",
                "website*",
                "source*",
                "pupil*",
            ),
        ),
        beliefs=(
            *("think", "thinks", "thought", "believe*", "say", "says", "said", "claim*"),
            *("assum*", "argue*", "guess*", "suspect*", "suggest*", "assert*", "insist*"),
            *("suppos*", "feel", "conclude*", "answer*", "pick*", "choose*", "told", "tell"),
            *("states", "imagine*", "expect*", "reason*", "maintain*", "write*"),
            *("wrote", "mistake*"),
        ),
        unowned=(
            *("had the", "had it", "had you", "had we", "had i", "should the", "claimed"),
            *("first guess", "initial guess", "is false", "false that", "at first"),
            *("initially", "i thought", "used to think", "first i", "rumoured", "rumored"),
            *("i assumed", "i believed", "if", "unless", "suppose", "supposing", "assume"),
            *("assuming", "imagine", "whether", "otherwise", "hypothetically", "doubt"),
            *("tempting", "tempted", "do not think", "don't think", "don't believe"),
            *("do not believe", "doubtful", "not convinced", "not sure", "not certain"),
            *(
                "unsure",
                "wrongly",
                "mistakenly",
                "pretend",
                "told me",
                "tells me",
                "wish",
                "were",
                "say that",
            ),
            *("even though", "it is said", "hard to believe", "incorrectly", "falsely"),
            *("misconception", "in case", "provided that", "as if", "not true", "not the case"),
            *("wrong to say", "deny", "denies", "rule out", "cannot say", "can't say"),
            *("would mean", "not claim", "not say", "erroneously"),
        ),
        conditionals=("would be", "would have been", "might be", "could be"),
        behind=(
            *("if", "only if", "had it", "if only", "were it", "is wrong", "is incorrect"),
            *("is false", "is a mistake", "is mistaken", "is a trap", "is a myth"),
            *("is tempting", "cannot be right", "can't be right"),
            *("is not right", "makes no sense"),
        ),
        corrections=(
            *("edit", "edited", "update", "let me correct myself", "oh wait"),
            *("i stand corrected", "actually", "sorry", "i meant", "i mean", "oops"),
            *("correction", "wait", "no,", "scratch that", "make that", "on second thought"),
            *("rather", "my mistake", "no wait", "my bad", "no, it's", "or rather"),
            *("strike that", "apologies", "hold on", "no -", "no.", "let me correct that"),
            *("i take that back", "in fact", "instead", "hmm", "pardon", "excuse me"),
            *("i should have said", "corrected", "better", "change that to"),
        ),
        instead=(
            *("then", "then it is", "then it's", "it can only be", "it's got to be"),
            *("i'd go for", "i would go for", "i go for", "i'd go with", "i'd pick"),
            *("i would pick", "we choose", "i'll choose", "i will choose", "we pick"),
            *("we select", "i'm going with", "i'll say", "it appears to be", "it seems to be"),
            *("this is", "which is", "this leaves", "that leaves", "i'll pick", "we go with"),
            *("i vote for", "my vote is", "it would be", "it has got to be", "must be"),
            *("i conclude it is", "i settle on", "my vote goes to", "but", "it is", "it's"),
            *("but rather", "so", "really", "in reality", "it should be", "it must be"),
            *("it has to be", "the answer is", "the correct answer is", "yet"),
            *("the right answer is", "that would be", "that is", "that's", "i'd say"),
            *("i would say", "i'm confident", "i am confident", "i'm sure", "thus"),
            *("therefore", "hence", "definitely", "clearly", "should be"),
        ),
    ),
    "zh": Doubts(
        wrong=(
            *("错误", "错误的", "错的", "不正确", "不正确的", "不对的", "干扰", "最不可能的"),
            *("最不可能", "不太可能的", "误导性的", "最差的", "次优的", "其他", "另一个"),
            *("不合适的", "最不合适的", "不恰当的", "最不恰当的", "有误的", "不符合的"),
            *("最不符合的", "不", "非", "备选", "迷惑性的", "常见的错误", "不可能的", "错"),
        ),
        negations=(
            *("不", "不应", "不应该", "不该", "不要", "不能", "不会", "不可", "不可以", "不宜"),
            *("别", "勿", "误", "错", "没", "没有", "从不", "绝不", "绝不能", "决不", "切勿"),
            *("未", "不建议", "不可能", "不必", "莫", "容易误", "容易错", "会误", "无法"),
            *("千万别", "不得"),
        ),
        negated_links=(
            *("不是", "并不是", "并非", "不应是", "不应该是", "不可能是", "不会是", "绝不是"),
        ),
        others=(
            *("很少人", "没有人", "邻居", "爸爸", "妈妈", "同事", "同学", "学生", "考生"),
            *("有人", "很多人", "许多人", "不少人", "一些人", "人们", "大家", "有的人"),
            *("有些人", "别人", "老师", "朋友", "多数人", "的人", "初学者", "读者", "某些人"),
            *("网友", "小明", "你可能", "你也许", "你会", "您可能", "部分人", "教材", "专家"),
        ),
        beliefs=(
            *("认为", "以为", "觉得", "说", "误以为", "想", "选了", "猜", "声称", "主张"),
            *("相信", "断言", "答", "写", "容易", "会选", "选择"),
        ),
        unowned=(
            *("据说", "我以为", "起初", "一开始", "最初", "传言", "据传", "听说", "如果"),
            *("假如", "假设", "若", "要是", "倘若", "假使", "除非", "难道", "是否", "误以为"),
            *("我不认为", "我不觉得", "不认为", "不觉得", "怀疑", "并不意味着", "否则"),
            *("误认为", "不能说", "不相信", "不代表", "错误地认为", "一旦", "即使"),
            *("就算", "不能认为"),
        ),
        conditionals=(),
        behind=(
            *("吗", "嗎", "么？", "的话", "的理由", "的人", "的同学", "的学生", "的原因"),
            *("是错", "是不对", "不对", "不成立", "不正确", "错误", "是误", "呢？", "，那么"),
            *("是不可能", "的说法", "的观点", "是不正确", "还是", "则"),
        ),
        corrections=(
            *("更正", "不对", "不，", "抱歉", "对不起", "我的意思是", "我是说", "说错了"),
            *("更正一下", "不不", "其实", "实际上", "应该是", "应为", "改为", "纠正", "修正"),
            *("等等", "哦不", "不好意思", "改选", "事实上", "我指的是", "写错了", "更准确地说"),
            *("确切地说", "纠正一下", "应当是", "订正"),
        ),
        instead=(
            *("所以是", "那就是", "我选", "应该选", "只能是", "所以选", "因此选", "故选", "即"),
            *("本题选", "综上选", "而是", "其实是", "实际上是", "应该是", "而应是", "但其实是"),
            *("但", "应选", "正确的是", "就是", "是"),
        ),
    ),
    "de": Doubts(
        wrong=(
            *("falsch*", "inkorrekt*", "unwahrscheinlich*", "schlechteste*", "unpassend*"),
            *("andere*", "verkehrte*", "fehlerhafte*", "irrige*", "alternative*"),
            *("verlockend*", "häufige*", "nicht", "unrichtig*", "weniger", "unzutreffend*"),
            *("abwegig*", "ungeeignet*", "zweitbeste*", "naheliegende*", "schlechte*"),
            *("unlogisch*", "beliebte*", "unplausib*"),
        ),
        negations=(*("nicht", "niemals", "nie", "keinesfalls", "keineswegs", "auf keinen fall"),),
        negated_links=(
            *("ist nicht", "lautet nicht", "ist keinesfalls", "ist keineswegs", "kann nicht"),
            *("wäre nicht", "ist sicher nicht", "ist niemals", "ist auf keinen fall"),
            *("ist nie", "ist also nicht", "ist definitiv nicht", "ist daher nicht"),
        ),
        others=(
            *("wenige", "niemand", "kaum jemand", "nachbar*", "vater", "mutter", "kritiker"),
            *("mein", "viele", "manche", "einige", "man", "leute", "schüler*", "andere"),
            *("studenten", "menschen", "lehrer*", "freund*", "jemand", "die meisten"),
            *("anfänger*", "sie", "er", "mancher", "kollege*", "lehrbücher", "bücher", "du"),
            *("irrtum", "fehler", "experten"),
        ),
        beliefs=(
            *("glaub*", "denk*", "mein*", "sag*", "behaupt*", "vermut*", "annehm*"),
            *("nehmen an", "halten", "hält", "schreib*", "antwort*", "wähl*", "dachte*"),
            *("schwör*", "find*"),
        ),
        unowned=(
            *("hätte", "hätten", "wäre es", "wären", "zuerst", "anfangs", "dachte ich"),
            *("ich dachte", "angeblich", "ursprünglich", "falsch, dass", "wenn", "falls"),
            *("angenommen", "sofern", "ob", "es sei denn", "gesetzt", "vorausgesetzt"),
            *("glaube nicht", "denke nicht", "bezweifle", "fälschlicherweise", "irrtümlich"),
            *("sonst", "andernfalls", "nehmen wir an", "versucht zu sagen", "verlockend"),
            *("könnte meinen", "könnte man denken", "könnte man meinen", "nicht sicher"),
            *("stell dir vor", "unterstellt", "nicht behaupten"),
            *("nicht überzeugt", "meine nicht"),
        ),
        conditionals=("wäre",),
        behind=(
            *("nicht", "ausschließen", "ausschliessen", "verwerfen", "niemals", "nie"),
            *("auf keinen fall", "wenn", "falls", "streichen", "keinesfalls", "vermeiden"),
            *("ablehnen", "weglassen", "ist falsch", "wäre falsch", "trifft nicht zu"),
        ),
        corrections=(
            *("ich korrigiere mich", "moment", "nein,", "doch", "entschuldigung", "ich meinte"),
            *("ich meine", "korrektur", "sorry", "verzeihung", "halt,", "moment,"),
            *("besser gesagt", "vielmehr", "eigentlich", "quatsch", "pardon", "tatsächlich"),
            *("berichtigung", "ach nein", "nein -", "doch eher", "stattdessen", "korrigiere"),
            *("ich korrigiere", "falsch", "gemeint war", "in wirklichkeit", "äh"),
        ),
        instead=(
            *("dann ist es", "meine wahl fällt auf", "es handelt sich um", "das ist", "dann"),
            *("ich nehme", "ich tippe auf", "ich entscheide mich für", "es kann nur", "bleibt"),
            *("das wäre", "sondern", "es ist", "aber", "richtig ist", "tatsächlich ist es"),
            *("ist es", "es muss", "sie lautet", "wirklichkeit", "also", "sie ist"),
            *("aber es ist", "vielmehr"),
        ),
    ),
    "es": Doubts(
        wrong=(
            *("incorrect*", "equivocad*", "erróne*", "errone*", "fals*", "peor", "menos"),
            *("improbable*", "mal*", "errad*", "tentador*", "común", "engaños*", "inadecuad*"),
            *("segunda", "otra", "no", "inválid*", "inexact*", "trampa"),
        ),
        negations=("no", "nunca", "jamás", "tampoco", "ni"),
        negated_links=(
            *("no es", "no sería", "no puede ser", "nunca sería", "nunca es", "jamás sería"),
            *("no era", "no debe ser", "no podría ser", "tampoco es", "no es ni", "jamás es"),
        ),
        others=(
            *("pocos", "nadie", "vecin*", "padre", "madre", "maestr*", "compañer*", "muchos"),
            *("algunos", "alguien", "la gente", "estudiante*", "alumno*", "otros", "uno"),
            *("profesor*", "mi amigo", "mi amiga", "personas", "se", "podrías", "podría"),
            *("todos", "libros", "quienes", "hay quien", "error", "muchas"),
            *("algunas", "expertos"),
        ),
        beliefs=(
            *("cree*", "piens*", "pensar", "pensaría*", "dice*", "dijo", "afirma*", "supon*"),
            *("opina*", "sostiene*", "asegura*", "considera*", "responde*", "elige*", "dirían"),
            *("diría*", "asum*"),
        ),
        unowned=(
            *("pensé", "creí", "al principio", "creía", "pensaba", "supuestamente"),
            *("es falso que", "si", "supongamos", "suponiendo", "suponga", "supón"),
            *("a menos que", "creen", "piensan", "no creo", "no pienso", "dudo", "dicen"),
            *("erróneamente", "equivocadamente", "imagina", "imaginemos", "de lo contrario"),
            *("no me parece", "podrías pensar", "tentador", "afirman", "no considero"),
            *("aunque", "en caso de", "asumamos", "ojalá", "no estoy seguro"),
        ),
        conditionals=("sería", "sería entonces", "fuera", "fuese"),
        behind=(*("si", "es incorrect*", "es fals*", "es un error", "está mal", "no es correct*"),),
        corrections=(
            *("perdón", "corrección", "no,", "quise decir", "quería decir", "mejor dicho"),
            *("rectifico", "en realidad", "de hecho", "lo siento", "disculpa", "disculpe"),
            *("digo", "ups", "me corrijo", "espera", "me equivoqué", "más bien", "no -"),
            *("rectificación", "perdona", "me refería a"),
        ),
        instead=(
            *("es el", "se trata de", "me quedo con", "opto por", "yo diría", "diría"),
            *("debe ser", "tiene que ser", "voto por", "sería", "por tanto", "queda"),
            *("me inclino por", "sino", "sino que es", "es", "pero es", "pero", "sino que"),
            *("es la", "la correcta es"),
        ),
    ),
    "fr": Doubts(
        wrong=(
            *("mauvais*", "incorrect*", "fauss*", "faux", "erroné*", "moins", "pire"),
            *("inexact*", "improbable*", "tentant*", "piège", "autre", "invalide*", "peu"),
            *("pas", "inadapté*", "inappropriée*", "fréquente", "trompeuse", "plausible mais"),
        ),
        negations=("pas", "jamais", "ne", "n'"),
        negated_links=(
            *("n'est pas", "ne peut pas être", "ne peut être", "n'est jamais", "ne serait pas"),
            *("n'est certainement pas", "n'est donc pas", "n'est ni", "n'était pas"),
            *("ne saurait être", "n'est absolument pas", "n'est sûrement pas"),
        ),
        others=(
            *("peu", "personne", "voisin*", "père", "mère", "maître", "collègue*", "certains"),
            *("beaucoup", "on", "les gens", "élève*", "étudiant*", "d'autres", "plusieurs"),
            *("quelqu'un", "professeur", "mon ami*", "vous", "tu", "la plupart", "ils", "elle"),
            *("il", "personnes", "manuels", "livres", "erreur", "débutants", "certaines"),
        ),
        beliefs=(
            *("pens*", "croi*", "dis*", "dire", "dit", "affirm*", "suppos*", "prétend*"),
            *("imagin*", "soutien*", "répond*", "choisi*", "estim*", "déclar*"),
        ),
        unowned=(
            *("je pensais", "j'ai cru", "au début", "je croyais", "prétendument"),
            *("il est faux", "si", "s'il", "supposons", "supposez", "à moins que"),
            *("en supposant", "admettons", "je ne pense pas", "je ne crois pas", "je doute"),
            *("à tort", "sinon", "imaginons", "on pourrait croire", "pourrait penser"),
            *("serait tenté", "tentant", "croient", "pensent", "ne dirais pas"),
            *("pas convaincu", "pas sûr", "bien que", "au cas où", "hypothèse"),
        ),
        conditionals=("serait", "serait donc", "était"),
        behind=(*("si", "est faux", "est fausse", "est incorrect*", "est une erreur", "était"),),
        corrections=(
            *("non,", "en fait", "pardon", "je voulais dire", "rectification", "désolé"),
            *("désolée", "correction", "plutôt", "en réalité", "excusez-moi", "oups"),
            *("je veux dire", "non -", "attendez", "ou plutôt", "je me corrige", "erreur"),
            *("finalement", "je rectifie"),
        ),
        instead=(
            *("c'est la", "c'est le", "il s'agit de", "je pencherais pour", "je retiens"),
            *("je vote pour", "ce serait", "ce doit être", "il ne reste que", "je prends"),
            *("je mise sur", "j'opte pour", "je penche pour", "à mon avis", "mais", "c'est"),
            *("mais c'est", "mais bien", "mais plutôt", "donc", "la bonne est"),
        ),
    ),
    "it": Doubts(
        wrong=(
            *("sbagliat*", "errat*", "scorrett*", "fals*", "meno", "peggior*", "improbabil*"),
            *("altra", "erronea*", "ingannevol*", "comune", "allettante", "inesatt*", "non"),
            *("trabocchetto", "inadeguat*", "inadatt*", "incorrett*"),
        ),
        negations=("non", "mai", "né"),
        negated_links=(
            *("non è", "non può essere", "non sarebbe", "non è né", "non è mai", "non è certo"),
            *("non era", "non potrebbe essere", "non deve essere"),
            *("non è quindi", "non è sicuramente"),
        ),
        others=(
            *("pochi", "nessuno", "vicino", "padre", "madre", "collega", "maestr*", "molti"),
            *("alcuni", "qualcuno", "si", "la gente", "student*", "altri", "tutti", "uno"),
            *("insegnante", "amico", "amica", "persone", "potresti", "libri", "tanti"),
            *("errore", "molte", "professore*", "esperti"),
        ),
        beliefs=(
            *("pens*", "cred*", "dic*", "dire", "detto", "afferm*", "suppon*", "sostien*"),
            *("sosten*", "ritien*", "riteng*", "rispond*", "scelg*", "immagin*", "direbbe*"),
        ),
        unowned=(
            *("pensavo", "credevo", "all'inizio", "inizialmente", "ho pensato", "è falso"),
            *("se", "supponiamo", "supponendo", "ammettiamo", "a meno che", "pensano"),
            *("credono", "non credo", "non penso", "dubito", "erroneamente", "altrimenti"),
            *("immaginiamo", "non mi sembra", "dicono", "nell'ipotesi", "qualora", "nel caso"),
            *("non ritengo", "potrebbe pensare", "sebbene", "non sono sicuro", "per sbaglio"),
        ),
        conditionals=("sarebbe", "fosse"),
        behind=("se", "è sbagliat*", "è fals*", "è errat*", "è un errore"),
        corrections=(
            *("scusa", "volevo dire", "anzi", "correzione", "no,", "in realtà", "mi correggo"),
            *("scusate", "mi dispiace", "piuttosto", "intendevo", "ops", "cioè", "aspetta"),
            *("no -", "scusi", "rettifico", "rettifica", "pardon"),
            *("mi sono sbagliato", "di fatto"),
        ),
        instead=(
            *("si tratta della", "si tratta di", "direi", "opto per", "deve essere", "sarebbe"),
            *("voto per", "è il", "resta", "io dico", "prendo", "propendo per", "ma", "bensì"),
            *("è", "ma è", "invece è", "ma piuttosto", "è la", "quella giusta è"),
        ),
    ),
    "ja": Doubts(
        wrong=(
            *("不", "非", "間違った", "誤った", "正しくない", "不正解の", "最も不適切な"),
            *("不適切な", "間違いの", "別の", "誤りの", "間違っている", "可能性の低い"),
            *("最も可能性の低い", "ありえない", "違う", "紛らわしい", "他の"),
            *("よくある間違いの", "正しくは無い", "不正確な", "引っかけの"),
            *("ひっかけの", "ダメな"),
        ),
        negations=("決して",),
        negated_links=(),
        others=(
            *("隣人", "父", "母", "同僚", "誰も", "専門家", "多くの人", "人は", "人が", "人も"),
            *("学生", "生徒", "受験者", "誰か", "みんな", "友人", "先生", "初心者", "彼"),
            *("彼女", "人々", "あなた", "一般に", "受験生"),
        ),
        beliefs=(
            *("と考え", "と思", "と言", "と信じ", "と答え", "と誤解", "と主張"),
            *("と勘違い", "を選"),
        ),
        unowned=("最初は", "はじめは", "もし", "仮に", "たとえ", "とは思わ", "誤って"),
        conditionals=(),
        behind=(
            *("だそうです", "だそうだ", "らしい", "とのこと", "だと思っていま", "と思っていま"),
            *("だと聞", "と聞き", "と思われがち", "だと思われがち", "だと思うかも"),
            *("と思うかも", "だと勘違い", "と勘違い", "だとする", "とする", "だとしよう"),
            *("としよう", "なら", "だったら", "であれば", "ではな", "じゃな", "ではあり"),
            *("じゃあり", "でしょうか", "ですか", "か？", "か?", "か。", "だと誤解", "と誤解"),
            *("だとしたら", "とすれば", "だとすれば", "と仮定", "だと仮定", "と言う人"),
            *("という人", "と考える人", "と思う人", "だと思う人", "だと考える人", "とは限ら"),
            *("とは思わ", "だとは思わ", "と考えがち", "だと考えがち", "と答える人", "と間違え"),
            *("だと間違え", "とは言え", "とは考え", "を選ぶ人", "と思いがち", "だと思いがち"),
            *("だろうか", "かもしれないと思う", "だと言う人", "という誤", "だという人"),
            *("でない", "のはず", "でなければ", "だと言われ", "と言われがち"),
            *("だと信じる人", "であると仮定"),
        ),
        corrections=(
            *("いや", "いいえ", "訂正", "すみません", "失礼", "正しくは", "実際は", "実は"),
            *("ではなく", "間違えました", "じゃなくて", "ごめんなさい", "もとい", "いえ"),
            *("むしろ", "修正", "失礼しました", "実際には", "ではなくて", "申し訳ありません"),
            *("違います", "やはり", "本当は", "じゃなく"),
        ),
        instead=(
            *("よって", "したがって", "つまり", "だから", "それは", "なので", "ゆえに"),
            *("すなわち", "正解は", "答えは", "ではなく", "なく", "正しいのは", "であり"),
        ),
    ),
    "nl": Doubts(
        wrong=(
            *("verkeerd*", "fout*", "onjuist*", "slechtste", "minst", "onwaarschijnlijk*"),
            *("andere", "ander", "foutief", "foutieve", "incorrect*", "alternatief"),
            *("alternatieve", "minder", "verleidelijk*", "veelvoorkomende", "ongeschikt*"),
            *("misleidend*", "niet", "slecht*"),
        ),
        negations=("niet", "nooit", "geenszins"),
        negated_links=(
            *("is niet", "kan niet", "is nooit", "luidt niet", "is zeker niet", "zou niet"),
            *("is dus niet", "is absoluut niet", "is beslist niet"),
        ),
        others=(
            *("weinig", "niemand", "buurman", "vader", "moeder", "weinigen", "collega"),
            *("veel mensen", "velen", "mensen", "sommigen", "sommige", "men", "je", "student*"),
            *("leerling*", "anderen", "iemand", "docent", "leraar", "vriend*", "jij"),
            *("beginners", "iedereen", "boeken", "fout", "u", "hij", "zij"),
            *("vergissing", "misvatting"),
        ),
        beliefs=(
            *("denk*", "gelov*", "gelooft", "zeg*", "bewe*", "vermoed*", "meen*", "meent"),
            *("kiez*", "kiest", "zei", "zeiden", "dacht*", "antwoord*"),
            *("veronderstel*", "stel*"),
        ),
        unowned=(
            *("had je", "was het", "dacht ik", "ik dacht", "aanvankelijk", "eerst"),
            *("zogenaamd", "als", "indien", "stel", "stel dat", "tenzij", "ervan uitgaande"),
            *("denk niet", "geloof niet", "betwijfel", "ten onrechte", "anders"),
            *("veronderstel", "aangenomen", "of het", "neem aan", "niet zeker", "verleidelijk"),
            *("zou kunnen denken", "onterecht", "mocht", "laten we aannemen", "vind niet"),
        ),
        conditionals=("zou zijn", "zou"),
        behind=(
            *("niet", "nooit", "uitsluiten", "als", "is fout", "is onjuist"),
            *("vermijden", "afwijzen"),
        ),
        corrections=(
            *("sorry", "ik bedoelde", "ik bedoel", "nee,", "correctie", "toch", "eigenlijk"),
            *("pardon", "excuses", "beter gezegd", "wacht,", "oeps", "in feite", "nee -"),
            *("ik corrigeer", "rectificatie", "neem me niet kwalijk", "in werkelijkheid"),
            *("liever", "het moet zijn"),
        ),
        instead=(
            *("ik ga voor", "het gaat om", "het moet", "ik zou zeggen", "ik neem", "dat is"),
            *("ik denk", "blijft", "het wordt", "ik stem voor", "maar", "het is"),
            *("maar het is", "maar wel", "dus", "juist is", "het juiste is", "dit is"),
        ),
    ),
    "pl": Doubts(
        wrong=(
            *("błędn*", "niepoprawn*", "nieprawidłow*", "najmniej", "zł*", "fałszyw*"),
            *("niewłaściw*", "nietrafn*", "mylnie", "myln*", "najgorsz*", "inna", "inną"),
            *("kusząc*", "częst*", "mniej", "nieodpowiedni*", "alternatywn*", "pozorn*"),
        ),
        negations=("nie", "nigdy"),
        negated_links=(
            *("to nie", "nie jest", "nie brzmi", "nie może być", "nie może to być"),
            *("na pewno nie jest", "to na pewno nie", "to zdecydowanie nie", "nie jest to"),
            *("to wcale nie", "nie to"),
        ),
        others=(
            *("niewielu", "nikt", "sąsiad*", "ojciec", "matka", "mało kto", "wielu"),
            *("niektórzy", "ludzie", "uczni*", "student*", "ktoś", "można", "inni"),
            *("wiele osób", "nauczyciel*", "kolega", "osoby", "osób", "większość", "kilku"),
            *("błędem", "możesz"),
        ),
        beliefs=(
            *("sądz*", "myśl*", "uważa*", "twierdz*", "mówi*", "pomyśl*", "wybiera*"),
            *("powiedzia*", "zakłada*", "wierz*", "przypuszcza*", "odpowiada*"),
        ),
        unowned=(
            *("myślałem", "myślałam", "najpierw", "początkowo", "sądziłem", "sądziłam"),
            *("rzekomo", "jeśli", "jeżeli", "gdyby", "załóżmy", "zakładając", "chyba że"),
            *("nie sądzę", "nie myślę", "wątpię", "błędnie", "mylnie", "czy"),
            *("w przeciwnym razie", "przypuśćmy", "nie uważam", "sądzą", "myślą", "twierdzą"),
            *("uważają", "o ile", "wyobraźmy sobie", "kuszące", "nie wydaje mi się"),
            *("nie jestem pewien", "mogłoby się wydawać", "nie wierzę"),
        ),
        conditionals=("byłaby", "byłoby", "byłby"),
        behind=(*("jeśli", "gdyby", "jest błędn*", "jest niepoprawn*", "odrzucam", "to błąd"),),
        corrections=(
            *("przepraszam", "chodziło mi o", "miałem na myśli", "miałam na myśli", "nie,"),
            *("jednak", "poprawka", "korekta", "właściwie", "raczej", "a właściwie"),
            *("sprostowanie", "ups", "w rzeczywistości", "tak naprawdę", "czekaj", "pardon"),
            *("nie -", "poprawiam", "znaczy", "chwila", "wróć"),
        ),
        instead=(
            *("chodzi o", "czyli", "stawiam na", "to musi być", "prawidłowy jest"),
            *("poprawna jest", "prawidłowa jest", "poprawny jest", "będzie to", "zostaje"),
            *("moim zdaniem", "decyduję się na", "głosuję na", "lecz", "ale", "tylko", "a"),
            *("to", "ale to", "jest to", "to jest", "właściwa to", "poprawna to"),
        ),
    ),
    "pt": Doubts(
        wrong=(
            *("errad*", "incorret*", "menos", "pior", "fals*", "equivocad*", "improváve*"),
            *("improvave*", "inadequad*", "enganos*", "comum", "tentador*", "não", "outra"),
            *("errônea*", "inválid*", "armadilha", "inexat*", "segunda"),
        ),
        negations=("não", "nunca", "jamais", "nem"),
        negated_links=(
            *("não é", "não pode ser", "não seria", "nunca é", "não é nem", "nunca seria"),
            *("não era", "não deve ser", "jamais seria", "não poderia ser", "certamente não é"),
        ),
        others=(
            *("poucos", "ninguém", "vizinh*", "pai", "mãe", "colega", "muitos", "alguns"),
            *("alguém", "as pessoas", "pessoas", "alun*", "estudante*", "outros", "professor*"),
            *("amig*", "você", "se", "a maioria", "há quem", "livros", "todos", "erro"),
            *("muita gente", "algumas", "muitas", "poderia", "poderíamos"),
        ),
        beliefs=(
            *("ach*", "pens*", "acredit*", "diz*", "disse*", "afirm*", "supõe*", "alega*"),
            *("consider*", "respond*", "escolh*", "diria*", "julga*", "imagin*"),
        ),
        unowned=(
            *("pensei", "achei", "no início", "inicialmente", "supostamente", "é falso", "se"),
            *("caso", "suponha", "suponhamos", "supondo", "a menos que", "não acho"),
            *("não creio", "duvido", "erroneamente", "senão", "caso contrário", "imagine"),
            *("pensam", "acham", "não acredito", "não penso", "dizem", "acreditam", "embora"),
            *("na hipótese", "será que", "digamos", "assumindo"),
            *("não tenho certeza", "equivocadamente"),
        ),
        conditionals=("seria", "fosse"),
        behind=(*("se", "está errad*", "é incorret*", "é fals*", "é um erro", "está incorret*"),),
        corrections=(
            *("desculpe", "quis dizer", "queria dizer", "não,", "correção", "aliás"),
            *("na verdade", "perdão", "ou melhor", "corrigindo", "digo", "desculpa", "opa"),
            *("ops", "espera", "não -", "melhor dizendo", "retificando", "me enganei"),
            *("retificação", "de fato", "errata"),
        ),
        instead=(
            *("trata-se da", "trata-se de", "fico com", "opto por", "diria", "deve ser"),
            *("tem que ser", "só pode ser", "é o", "voto em", "resta", "eu diria", "vou de"),
            *("ou seja", "mas", "mas sim", "é", "mas é", "e sim", "senão", "é a"),
            *("a correta é", "a certa é"),
        ),
    ),
    "ru": Doubts(
        wrong=(
            *("неправильн*", "неверн*", "ошибочн*", "наименее", "ложн*", "худш*"),
            *("неподходящ*", "некорректн*", "маловероятн*", "другой", "менее", "плох*", "не"),
            *("соблазнительн*", "альтернативн*", "неточн*", "частый", "распространённый"),
            *("распространенный", "заманчив*", "обманчив*", "неудачн*", "невероятн*"),
        ),
        negations=("не", "никогда", "ни"),
        negated_links=(
            *("не", "— не", "- не", "– не", "это не", "— это не", "не является"),
            *("не может быть", "никак не", "точно не", "не будет", "— точно не"),
            *("— вовсе не", "— никак не"),
        ),
        others=(
            *("немногие", "никто", "сосед*", "отец", "мать", "мало кто", "коллега", "многие"),
            *("некоторые", "люди", "кто-то", "студент*", "ученик*", "другие", "можно"),
            *("учитель", "друг", "школьник*", "большинство", "вы", "ты", "все", "он", "она"),
            *("авторы", "учебник*", "ошибка", "ошибочно"),
        ),
        beliefs=(
            *("дума*", "счита*", "полага*", "говор*", "сказа*", "утвержда*", "реша*"),
            *("выбира*", "подума*", "предполага*", "верят", "верит", "решить"),
            *("отвеча*", "пишут"),
        ),
        unowned=(
            *("я думал", "я думала", "сначала", "вначале", "якобы", "неверно, что", "если"),
            *("если бы", "предположим", "допустим", "пусть", "разве", "не думаю", "не считаю"),
            *("сомневаюсь", "ошибочно", "иначе", "думают", "считают", "неужели", "представим"),
            *("ли", "утверждают", "говорят", "полагают", "в случае если", "не уверен"),
            *("не уверена", "не верю", "будь", "хотя", "неверно считать", "вряд ли"),
        ),
        conditionals=("был бы", "была бы", "было бы", "бы", "будет"),
        behind=(
            *("если", "неверно", "неправильно", "неверен", "— это ошибка"),
            *("— ошибка", "не подходит"),
        ),
        corrections=(
            *("извините", "я имел в виду", "я имела в виду", "нет,", "всё-таки", "все-таки"),
            *("точнее", "поправка", "исправление", "на самом деле", "вернее", "простите"),
            *("то есть", "виноват", "исправляюсь", "стоп,", "нет -", "нет —", "ой"),
            *("имелось в виду", "скорее", "погодите", "хотя нет", "исправлю"),
        ),
        instead=(
            *("остаётся", "остается", "должно быть", "скорее всего", "значит", "полагаю"),
            *("думаю", "я за", "это может быть только", "следовательно", "речь идёт о"),
            *("склоняюсь к", "а", "но", "это", "а это", "это же", "правильно", "на деле"),
            *("верно", "но это", "верный —"),
        ),
    ),
    "ar": Doubts(
        wrong=(
            *("الخاطئة", "الخاطئ", "الخطأ", "خاطئة", "خاطئ", "الأقل", "غير", "الأسوأ"),
            *("البديلة", "الأخرى", "المضللة", "المغلوطة", "أسوأ", "أقل", "الشائعة", "الزائفة"),
            *("المستبعدة", "المغرية", "ليست", "ليس", "الآخر"),
        ),
        negations=("لا", "لن", "لم", "ليس", "ليست", "ما", "غير"),
        negated_links=(
            *("ليست", "ليس", "ليست هي", "ليس هو", "لا تكون", "لا يكون"),
            *("لا يمكن أن تكون", "لا يمكن أن يكون"),
        ),
        others=(
            *("معلمي", "أستاذي", "زميلي", "قليلون", "لا أحد", "المعلمون", "أبي", "أمي", "جاري"),
            *("أستاذ", "البعض", "كثيرون", "الكثيرون", "الناس", "الطلاب", "بعضهم", "كثير"),
            *("الكثير", "أحدهم", "طالب", "المعلم", "صديقي", "قد", "آخرون", "المرء", "معظم"),
            *("كثيرين", "الخبراء"),
        ),
        beliefs=(
            *("يعتقد*", "يظن*", "يقول*", "قال*", "يزعم*", "يرى", "يرون", "يدعي*", "يفترض*"),
            *("يختار*", "تظن*", "تعتقد*"),
        ),
        unowned=(
            *("ظننت", "اعتقدت", "في البداية", "يقال", "يُقال", "إذا", "لو", "إن كانت"),
            *("إن كان", "لنفترض", "بافتراض", "افترض", "لا أعتقد", "لا أظن", "يعتقد", "يظن"),
            *("يزعم", "أشك", "هل", "وإلا", "بفرض", "نفترض", "خطأ أن", "لنفرض", "من الخطأ"),
            *("ما لم", "يظنون", "يعتقدون", "لست متأكدا", "بالخطأ", "لا يمكن أن"),
            *("لا يمكن أن تكون", "لا أرى", "تخيل"),
        ),
        conditionals=("لكان", "لكانت", "ستكون"),
        behind=("خطأ", "إذا", "لو", "خاطئة", "خاطئ"),
        corrections=(
            *("عفوا", "عفوًا", "أقصد", "تصحيح", "آسف", "لا،", "بل", "في الواقع", "معذرة"),
            *("أعني", "الصواب", "المعذرة", "عذرا", "عذرًا", "قصدت", "في الحقيقة", "كلا،"),
            *("أو بالأحرى", "بالأحرى", "انتظر"),
        ),
        instead=(
            *("لذا", "إذن", "وبالتالي", "أي", "يجب أن تكون", "لذلك", "سأختار", "أرى أنها"),
            *("فهي", "فهو", "بل", "بل هي", "بل هو", "لكنها", "لكن", "إنها", "ولكن", "وإنما"),
            *("إنما", "هي", "هو", "لكنه", "إنه"),
        ),
    ),
    "vi": Doubts(
        wrong=(
            *("sai", "không đúng", "ít khả năng", "không phù hợp", "tệ nhất", "ít", "nhầm"),
            *("gây nhiễu", "không chính xác", "kém", "khác", "nhiễu", "thay thế", "dễ nhầm"),
            *("không", "kém nhất"),
        ),
        negations=(
            *("không", "đừng", "chưa", "chẳng", "không nên", "không thể"),
            *("không được", "sẽ không"),
        ),
        negated_links=(
            *("không phải", "không phải là", "không thể là", "không là"),
            *("chẳng phải là", "chắc chắn không phải là"),
        ),
        others=(
            *("ít ai", "không ai", "bố", "mẹ", "hàng xóm", "bạn tôi", "nhiều người"),
            *("một số người", "người", "có người", "học sinh", "sinh viên", "bạn", "ai đó"),
            *("giáo viên", "mọi người", "có thể", "thầy", "cô", "anh ấy"),
            *("sai lầm", "thí sinh"),
        ),
        beliefs=(
            *("nghĩ", "cho rằng", "tin", "nói", "tưởng", "cho là", "đoán", "chọn"),
            *("khẳng định", "trả lời"),
        ),
        unowned=(
            *("lúc đầu", "ban đầu", "nghe nói", "tôi đã nghĩ", "nếu", "giả sử", "trừ khi"),
            *("không nghĩ", "nhầm tưởng", "tưởng", "có phải", "liệu", "nghi ngờ", "giả định"),
            *("nếu không", "không tin", "không cho rằng", "lầm tưởng", "giá như", "không chắc"),
            *("giả thử", "cứ cho là", "sai khi cho rằng", "lẽ nào"),
        ),
        conditionals=("sẽ là",),
        behind=(
            *("phải không", "à", "ư", "sao", "hả", "đúng không", "nếu", "là sai", "chăng"),
            *("không?", "không đúng", "thì"),
        ),
        corrections=(
            *("xin lỗi", "ý tôi là", "không,", "đính chính", "thực ra", "thật ra", "đúng ra"),
            *("à không", "sửa lại", "phải là", "nhầm", "chờ đã", "nói đúng hơn", "thực tế"),
            *("ý tôi muốn nói là", "nói lại", "chính xác hơn"),
        ),
        instead=(
            *("chọn", "ta chọn", "vậy", "vì vậy", "do đó", "vì vậy ta chọn", "chỉ có thể là"),
            *("tôi chọn", "vậy chọn", "nên chọn", "mà là", "mà", "là", "nhưng", "thực ra là"),
            *("phải là", "đó là", "nhưng thực ra là", "chính là"),
        ),
    ),
    "hi": Doubts(
        wrong=(
            *("गलत", "ग़लत", "असत्य", "सबसे कम", "अनुचित", "कम", "सबसे खराब", "त्रुटिपूर्ण"),
            *("भ्रामक", "वैकल्पिक", "दूसरा", "अशुद्ध", "असंभव", "अनुपयुक्त", "बुरा"),
        ),
        negations=("नहीं", "कभी नहीं", "न"),
        negated_links=(),
        others=(
            *("पड़ोसी", "पिता", "माँ", "विशेषज्ञ", "भाई", "लोग", "कुछ", "कई", "छात्र"),
            *("विद्यार्थी", "कोई", "आप", "बहुत", "शिक्षक", "मित्र", "अधिकांश", "दोस्त"),
        ),
        beliefs=(
            *("सोच*", "मान*", "कह*", "समझ*", "दावा", "लग", "लगता", "लगे", "चुन*"),
            *("बता*", "विश्वास"),
        ),
        unowned=(
            *("मैंने सोचा", "मैंने पहले", "शुरू में", "कहा जाता", "यदि", "अगर", "मान लीजिए"),
            *("मान लें", "मान लो", "नहीं लगता", "क्या", "नहीं मानता", "नहीं मानती", "संदेह"),
            *("गलती से", "वरना", "नहीं सोचता", "कल्पना", "शक", "जब तक", "नहीं सोचती"),
            *("ग़लती से", "अन्यथा", "भले ही", "निश्चित नहीं"),
        ),
        conditionals=("होता",),
        behind=("नहीं", "हो तो", "होता", "न", "गलत", "ग़लत", "हो सकता", "ना"),
        corrections=(
            *("माफ़ कीजिए", "माफ कीजिए", "मेरा मतलब", "नहीं,", "क्षमा करें", "सुधार"),
            *("वास्तव में", "दरअसल", "असल में", "माफ़ करें", "माफ करें", "बल्कि", "संशोधन"),
            *("रुकिए", "ओह", "जी नहीं,", "मेरा मतलब है", "मेरा आशय", "क्षमा कीजिए"),
        ),
        instead=(
            *("अतः", "इसलिए", "मैं कहूँगा", "यानी", "तो", "अर्थात", "मेरे अनुसार", "यह है"),
            *("बल्कि", "वह", "यह", "लेकिन", "किंतु", "परंतु", "नहीं,", "नहीं बल्कि", "सही"),
            *("मगर", "पर"),
        ),
    ),
    "sw": Doubts(
        wrong=(
            *("lisilo", "lisilokuwa", "baya", "isiyo", "batili", "potofu", "makosa", "kosa"),
            *("kidogo", "lenye", "mbaya", "lingine", "isiyokuwa", "si", "sio"),
            *("lisilowezekana", "la uongo", "duni"),
        ),
        negations=("si", "sio", "siyo", "kamwe", "haiwezi", "hapana"),
        negated_links=(
            *("si", "sio", "siyo", "haliwezi kuwa", "haiwezi kuwa", "silo"),
            *("haliwezi", "kamwe si"),
        ),
        others=(
            *("wachache", "hakuna mtu", "jirani", "baba", "mama", "rafiki yangu", "watu"),
            *("wengi", "wengine", "baadhi", "mwanafunzi", "wanafunzi", "mtu", "mwalimu"),
            *("rafiki", "unaweza", "wao"),
        ),
        beliefs=(
            *("hufikiri", "wanafikiri", "anafikiri", "husema", "wanasema", "anasema"),
            *("hudhani", "wanadhani", "anadhani", "wanaamini", "huamini", "anadai", "wanadai"),
            *("alisema", "kudhani", "kufikiri", "kusema", "huchagua", "walisema", "hudai"),
        ),
        unowned=(
            *("nilifikiri", "nilidhani", "mwanzoni", "inasemekana", "kama", "ikiwa", "tuseme"),
            *("endapo", "iwapo", "sidhani", "siamini", "nina shaka", "je", "tuchukulie"),
            *("isipokuwa", "vinginevyo", "kimakosa", "wanadhani", "wanafikiri", "hata kama"),
            *("hudhani", "husema", "sifikiri", "tukichukulia", "kwa makosa", "laiti"),
        ),
        conditionals=("lingekuwa", "ingekuwa"),
        behind=("kama", "si sahihi", "ikiwa", "sio sahihi", "si kweli", "hapana"),
        corrections=(
            *("samahani", "nilimaanisha", "hapana,", "marekebisho", "kwa kweli", "namaanisha"),
            *("la,", "kwa hakika", "nisamehe", "sahihisho", "ngoja", "yaani", "nakusudia"),
            *("pole", "nilikusudia", "kiukweli", "ukweli ni", "niwie radhi"),
        ),
        instead=(
            *("ninachagua", "nachagua", "hii ni", "ni lazima iwe", "kwa hiyo", "kwa hivyo"),
            *("naenda na", "basi ni", "bali", "bali ni", "ni", "lakini", "lakini ni", "ila ni"),
            *("ila", "sahihi ni", "kumbe ni"),
        ),
    ),
    "ur": Doubts(
        wrong=(
            *("غلط", "نادرست", "سب سے کم", "غیر", "کم", "بدترین", "متبادل", "گمراہ کن"),
            *("دوسرا", "خراب", "نامناسب"),
        ),
        negations=("نہیں", "نہ", "کبھی نہیں", "مت"),
        negated_links=(),
        others=(
            *("پڑوسی", "والد", "ماں", "ماہرین", "بھائی", "لوگ", "کچھ", "بہت", "طلبہ"),
            *("طالب علم", "کوئی", "آپ", "بعض", "استاد", "دوست", "اکثر", "کئی"),
        ),
        beliefs=(
            *("سوچ*", "کہ*", "سمجھ*", "مان*", "دعویٰ", "لگ", "خیال کرتے", "لگتا", "چن*"),
            *("یقین", "بتا*"),
        ),
        unowned=(
            *("میں نے سوچا", "شروع میں", "کہا جاتا", "اگر", "فرض کریں", "فرض کیجیے", "فرض کرو"),
            *("نہیں لگتا", "کیا", "نہیں سمجھتا", "شک", "غلطی سے", "ورنہ", "مان لیں"),
            *("خیال نہیں", "نہیں مانتا", "بصورت دیگر", "بالفرض", "تصور کریں"),
            *("نہیں سوچتا", "یقین نہیں"),
        ),
        conditionals=("ہوتا",),
        behind=("نہیں", "ہو تو", "ہوتا", "غلط", "نہ"),
        corrections=(
            *("معذرت", "میرا مطلب", "نہیں،", "تصحیح", "دراصل", "اصل میں", "معاف کیجیے", "بلکہ"),
            *("درستی", "حقیقت میں", "معاف کریں", "میری مراد", "میرا مطلب ہے", "جی نہیں،"),
            *("رکیے", "اوہ"),
        ),
        instead=(
            *("لہذا", "اس لیے", "یعنی", "تو", "میرے خیال میں", "بلکہ", "وہ", "یہ", "لیکن"),
            *("نہیں،", "نہیں بلکہ", "صحیح", "مگر", "درست", "پر"),
        ),
    ),
}
