"""The parts of a language's file that tell how answers stand in sentences."""

from dataclasses import dataclass

from calm.languages.fields import FORBID, Pattern, Patterns, Words


@dataclass(frozen=True)
class Letters:
    """What else numbers choices beside the language's own letters and the Latin ones."""

    __pydantic_config__ = FORBID
    other: Words = ()
    """Rows of letters that a response may number choices with."""
    alike: str = ""
    """Letters that are drawn or typed like one of the row's, in place of the Cyrillic and Greek."""
    particles: str = ""
    """Particles that may stand right behind a letter in a language without spaces."""
    spelled: Words = ()
    """Names and letters that a response may state in the place of Latin letters: "الف", "ب"."""
    pointing: Words = ()
    """Rows of letters that a choice may point with: "both A and B"."""
    names: Words = ()
    """Letters that are written as their names."""
    joined_and: str = ""
    """The word for "and" where it is written as one with the next."""


@dataclass(frozen=True)
class Doubts:
    """What makes an announced answer none of the model's own; `*` ends a stem: "falsch*"."""

    __pydantic_config__ = FORBID
    wrong: Words = ()
    """What an answer is called that is not the right one."""
    negations: Words = ()
    """What denies a verb of choosing, or an answer, that follows it."""
    negation_goes_on: str = ""
    """Characters that may stand between a denial without spaces and its verb: "不应该选"."""
    negated_links: Words = ()
    """What stands between "the answer" and one that it is not: "is not"."""
    others: Words = ()
    """Who else may think something."""
    beliefs: Words = ()
    """What they do: think, say, claim."""
    beliefs_behind: bool = False
    """Whether that stands behind what they think."""
    unowned: Words = ()
    """What alone tells that the answer is nobody's own: "if", "suppose", "I doubt"."""
    conditionals: Words = ()
    """Links of an answer under a condition: "would be"."""
    behind: Words = ()
    """What denies, questions or lends to others an answer that stands before it."""
    corrections: Words = ()
    """What announces another answer in place of one that was given: "sorry, I meant"."""
    instead: Words = ()
    """What announces the right answer after a denied one: "but", "it is"."""
    verbs_first: Words = ()
    """Links that an announcement begins with behind another clause: "ist die Antwort"."""
    hearsay: Patterns = ()
    """Regular expressions of what lends a whole sentence to a person: "according to many"."""
    idioms: Patterns = ()
    """Regular expressions of suppositions that suppose nothing: "if I'm not mistaken"."""


@dataclass(frozen=True)
class Pointers:
    """Words of choices that point at others: "both A and B", "none of the above"."""

    __pydantic_config__ = FORBID
    numbers: Words = ()
    """How many of the choices are meant: all, both, none, only."""
    places: Words = ()
    """Which are meant: the above, these."""
    others: Words = ()
    """What may stand between them: and, of the, answers, are correct."""


@dataclass(frozen=True)
class Frame:
    """An announcement around an answer: regular expressions of its two halves."""

    __pydantic_config__ = FORBID
    before: Pattern
    behind: Pattern


@dataclass(frozen=True)
class Sentences:
    """Words around an answer in a sentence; where it says so, regular expressions."""

    __pydantic_config__ = FORBID
    options: Words = ()
    """What a choice and an answer are called: "option"."""
    articles: Words = ()
    """Articles that a choice may begin with in one text and not in another; `l'` has no space."""
    possessives: Words = ()
    """What else an announcement begins with that no adjective can stand before: "my"."""
    joined_article: str = ""
    """An article that is one word with its noun."""
    prepositions: Words = ()
    """What may stand before an answer that names a place."""
    before_answer: Words = ()
    """Articles and such that may stand before an answer and do not belong to it."""
    reasons: Words = ()
    """What begins a reason: "because"."""
    reason_stems: Words = ()
    """The same where what follows is written as one with it."""
    explains: Words = ()
    """What alone ends a short answer, with no comma before it: "because of"."""
    asides: Words = ()
    """What begins a remark behind a comma and a short answer: "which"."""
    lead_ins: Words = ()
    """What stands between the beginning of a sentence and its answer: "therefore"."""
    adverbs: Words = ()
    """What stands between an announcement and its answer: "clearly"."""
    conjunctions: Words = ()
    """What stands between two answers that are given together: "and", "or"."""
    joined_conjunctions: Words = ()
    """Those that are written as one with the answer before: "와"."""
    suffixes: Words = ()
    """What may be written as one with an answer: "입니다", "'dir"."""
    clause_conjunctions: Words = ()
    """What a clause begins with behind a verdict: "and", "but", "so"."""
    that: Words = ()
    """What begins a clause that somebody thinks or says."""
    relatives: Words = ()
    """What goes on behind a comma and is no further answer: "which"."""
    bare_verbs: Words = ()
    """Verbs of choosing that announce without a subject."""
    own_clause: Words = ()
    """All that may stand in their clause where they are the model's own; `?` ends an option."""
    choosing_verbs: Words = ()
    """Labels that announce without a colon though they are one word: "scelgo"."""
    label_ends: Words = ()
    """How labels end that announce without a colon in a language without spaces."""
    framed_labels: Words = ()
    """Labels that announce only together with what follows the answer."""
    frames: tuple[Frame, ...] = ()
    """Announcements around an answer: "ich würde B wählen"."""
    copulas: Words = ()
    """Links that may follow an answer on its line."""
    closings: Words = ()
    """The same at the end of a clause."""
    verb_last: bool = False
    """Whether the answer stands between its announcement and the link."""
    vague_verdicts: Words = ()
    """Verdicts that mean something else where the sentence goes on: "is right behind"."""
    verdict_undone: Patterns = ()
    """Regular expressions of what questions or denies a verdict without spaces before it."""
    denial_links: Words = ()
    """Links between an answer and what takes it back: "was"."""
    openings: Patterns = ()
    """Regular expressions of how a sentence begins that is no name of a choice."""
    after_no: Words = ()
    """What may follow a "no" that is an answer: pronouns."""
    yes: Words = ()
    """The choice "yes" and the choice "no", as a question without other choices has them."""
    no: Words = ()
    headings: Words = ()
    """Further labels of an explanation, read in every language."""
    right: Pattern = ""
    """A regular expression of what says, right after naming a choice, that it is right."""
    letter_nouns: Words = ()
    """What names a letter: what an answer's label may be followed by, beside `options`."""


@dataclass(frozen=True)
class Turns:
    """How transcripts and lists of questions are headed."""

    __pydantic_config__ = FORBID
    askers: Words = ()
    answerers: Words = ()
    instructions: Words = ()
    numbers: Words = ()
    """What stands between a label and its number: "no.", "number"; without the dot."""
    exercises: Words = ()
    """What heads a question where a number follows: "task"."""
    questions: Words = ()
    """What else heads a question in data sets."""
    next_questions: Words = ()
    """What else heads a question that a response goes on with."""
    notes: Words = ()
    """What heads a remark that nobody asked for."""
    unfinished: Words = ()
    """What a sentence goes on after; words that end one now and then are left out."""
