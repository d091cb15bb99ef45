"""Each rule speaks where something is wrong with a pair, and is silent where nothing is."""

from dataclasses import replace

import pytest

from calm.pairs.lint.pair_rules import other_language, pair_findings
from calm.records import PreferencePair
from tests.pair_makers import BODIES, WORDS, good, item, prompt, side

Changes = dict[str, str]


def rules(pair: PreferencePair) -> list[str]:
    return [finding.rule for finding in pair_findings([item(pair)])]


@pytest.mark.parametrize("code", WORDS)
def test_nothing_is_found_in_a_good_pair(code: str) -> None:
    assert rules(good(code)) == []


EN, DE, FR, JA, AR = "en", "de", "fr", "ja", "ar"
SIDES = (("chosen", 0), ("rejected", 1))
FOUND: list[tuple[str, str, Changes]] = [
    ("equal-sides", EN, {"rejected": side(EN, 0)}),
    ("equal-sides", DE, {"rejected": "\n" + side(DE, 0).replace(" ", "  ") + "\u200b\n"}),
    ("near-equal-sides", DE, {"rejected": side(DE, 0).upper() + "!\n"}),
    ("near-equal-sides", EN, {"chosen": BODIES[EN][0], "rejected": BODIES[EN][0] + " Yes."}),
    ("near-equal-sides", DE, {"rejected": side(DE, 1, BODIES[DE][0])}),
    ("same-answer", EN, {"rejected": side(EN, 0, BODIES[EN][1])}),
    ("same-answer", JA, {"rejected": side(JA, 0, BODIES[JA][1])}),
    ("doubled-label", DE, {"prompt": "Frage:" + prompt(DE)}),
    ("doubled-label", DE, {"prompt": prompt(DE) + "\nAntwort:"}),
    ("doubled-label", DE, {"prompt": prompt(DE).replace("Antwort:", "Answer:\nAntwort:")}),
    ("doubled-label", FR, {"chosen": "Explication : " + side(FR, 0)}),
    ("doubled-label", JA, {"prompt": "問題：" + prompt(JA)}),
    ("doubled-label", EN, {"prompt": "**Riddle:** Riddle: " + prompt(EN)}),
    ("argues-for-another", EN, {"chosen": side(EN, 0, "The correct answer is B. cat, it purrs.")}),
    ("argues-for-another", EN, {"rejected": side(EN, 1, "Here “dog” is the best choice of all.")}),
    ("argues-for-another", DE, {"chosen": side(DE, 0, "Die richtige Antwort ist C. Pferd.")}),
    ("argues-for-another", DE, {"rejected": side(DE, 1, "Option A ist die richtige Wahl.")}),
    ("argues-for-another", EN, {"chosen": side(EN, 0, "So B is the best choice of all three.")}),
    ("argues-for-another", JA, {"chosen": side(JA, 0, "この中では「馬」が最も適切な選択肢です。")}),
    ("wrong-language", DE, {"chosen": side(DE, 0, BODIES[EN][0])}),
    ("wrong-language", JA, {"rejected": side(JA, 1, BODIES[EN][1])}),
    ("wrong-language", EN, {"rejected": side(EN, 1, BODIES[JA][1])}),
    ("label-junk", DE, {"chosen": side(DE, 0, after="\nAnswer:\nAntwort:")}),
    ("label-junk", EN, {"rejected": side(EN, 1, after="\n\nNote: horses do not bark.")}),
    ("label-junk", EN, {"rejected": side(EN, 1, after=f"\n\n{prompt(EN)} C. horse")}),
    ("label-junk", FR, {"rejected": side(FR, 1, after="\n(Remarque : le chat dort.)")}),
    ("label-junk", JA, {"chosen": side(JA, 0, after="\n問題：次の動物はどれですか？")}),
    ("label-junk", EN, {"chosen": side(EN, 0, after="<|im_end|>")}),
    ("cut-off", EN, {"rejected": side(EN, 1).partition("\n")[0].rstrip(".")}),
    ("cut-off", DE, {"chosen": side(DE, 0, after="\nDas liegt daran, dass dieses Tier das Haus")}),
    ("cut-off", JA, {"rejected": side(JA, 1).partition("\n")[0].rstrip("。")}),
    ("markdown-on-one-side", EN, {"chosen": side(EN, 0).replace("Answer", "**Answer**")}),
    ("markdown-on-one-side", AR, {"rejected": "## " + side(AR, 1)}),
    ("answer-on-one-side", EN, {"rejected": BODIES[EN][1]}),
    ("answer-on-one-side", JA, {"chosen": BODIES[JA][0]}),
    ("no-answer", EN, {"chosen": BODIES[EN][0], "rejected": BODIES[EN][1]}),
    ("no-answer", AR, {"chosen": BODIES[AR][0], "rejected": BODIES[AR][1]}),
]


@pytest.mark.parametrize(("rule", "code", "changes"), FOUND)
def test_what_is_wrong_is_found(rule: str, code: str, changes: Changes) -> None:
    assert rule in rules(replace(good(code), **changes))


SILENT: list[tuple[str, str, Changes]] = [
    ("a short other language", DE, {"chosen": side(DE, 0, "The dog.")}),
    ("a foreign name", DE, {"chosen": side(DE, 0, f"“Rin Tin Tin”: {BODIES[DE][0]}")}),
    (
        "another choice is denied",
        EN,
        {"chosen": side(EN, 0, "The cat is not the correct answer, since no cat can bark.")},
    ),
    (
        "another choice is denied",
        JA,
        {"chosen": side(JA, 0, "「猫」が正しいとは言えません。猫は吠えることができないからです。")},
    ),
    (
        "the answer comes first and the reason after it",
        EN,
        {
            "chosen": f"Answer: A. dog\nExplanation: {BODIES[EN][0]}",
            "rejected": f"Answer: B. cat\nExplanation: {BODIES[EN][1]}",
        },
    ),
    ("both sides have markdown", EN, {k: f"**{side(EN, n)}**" for k, n in SIDES}),
    ("sides that are a choice's text", FR, {"chosen": " chien", "rejected": " chat"}),
    ("a label with two meanings", EN, {"prompt": "Note: think.\n" + prompt(EN)}),
    (
        "worked examples in the prompt",
        EN,
        {"prompt": f"{prompt(EN)} A. dog\n\n{prompt(EN)} A. dog\n\n{prompt(EN)}"},
    ),
    (
        "no choices and no answers",
        DE,
        {"prompt": "Schreibe einen Satz.", "chosen": BODIES[DE][0], "rejected": BODIES[DE][1]},
    ),
]


@pytest.mark.parametrize(("why", "code", "changes"), SILENT)
def test_what_only_looks_wrong_is_left_alone(why: str, code: str, changes: Changes) -> None:
    assert rules(replace(good(code), **changes)) == [], why


def test_a_pair_that_is_there_twice_is_found_once() -> None:
    items = [item(good("en")), item(good("de")), item(good("en"))]
    (finding,) = pair_findings(items)
    assert (finding.rule, finding.pair, finding.question_id) == ("duplicate-pair", 2, "dogs")
    assert finding.fixable


def test_a_finding_names_the_pair_what_was_seen_and_the_remedy() -> None:
    pair = replace(good("de"), prompt="Frage:" + prompt("de"))
    (finding,) = pair_findings([item(pair)])
    assert str(finding.place) == "pairs.jsonl row 1"
    assert str(finding.message) == "prompt: “Frage:Frage:” says the same twice"
    assert finding.remedy


@pytest.mark.parametrize("code", list(BODIES))
@pytest.mark.parametrize("other", list(BODIES))
def test_a_sentence_is_in_its_own_language(code: str, other: str) -> None:
    told, _ = other_language(BODIES[code][0], other)
    assert told == ("" if code == other else code)
