"""`--fix` mends what is safe to mend, changes no answer, and tells what it did."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.pairs.lint.fix import fixed, fixed_pair, write_fixed_file
from calm.pairs.lint.report import linted, linted_file
from calm.records import PreferencePair
from tests.pair_makers import BODIES, WORDS, clean_set, good, item, prompt, side


def mended(pair: PreferencePair) -> PreferencePair:
    return fixed_pair(item(pair))[0]


@pytest.mark.parametrize("code", WORDS)
def test_a_good_pair_stays_as_it_is(code: str) -> None:
    assert fixed_pair(item(good(code))) == (good(code), [])


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("de", "Frage:" + prompt("de")),
        ("de", prompt("de").replace("Antwort:", "Answer:\nAntwort:\nAntwort:")),
        ("ja", "問題: " + prompt("ja")),
    ],
)
def test_doubled_labels_go_from_the_prompt(code: str, broken: str) -> None:
    assert mended(replace(good(code), prompt=broken)).prompt == prompt(code)


@pytest.mark.parametrize(
    ("code", "junk"),
    [
        ("de", "\nAnswer:\nAntwort:"),
        ("en", "\n\nNote: a horse does not bark."),
        ("en", f"\n\n{prompt('en')} C. horse"),
        ("ja", "\n答え："),
        ("fr", "</s>"),
    ],
)
def test_what_follows_the_answer_as_junk_is_cut(code: str, junk: str) -> None:
    assert mended(replace(good(code), chosen=side(code, 0, after=junk))) == good(code)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("de", {"rejected": side("de", 1).replace("Erklärung: ", "**Erläuterung:**\n\n")}),
        ("de", {"rejected": side("de", 1).replace("\nAntwort: B. Katze", "\n\nLösung:\nB")}),
        ("ja", {"chosen": side("ja", 0).replace("解説：", "理由: ").replace("\n", "\n\n")}),
        ("fr", {"chosen": side("fr", 0).replace(" : ", ": ")}),
        ("en", {"chosen": side("en", 0).replace("Explanation: ", "")}),
    ],
)
def test_both_sides_get_one_form(code: str, changes: dict[str, str]) -> None:
    assert mended(replace(good(code), **changes)) == good(code)


def test_the_label_is_the_one_that_the_prompt_asks_for() -> None:
    asked = "Begründung: <deine Begründung>\n" + prompt("de")
    pair = mended(
        replace(good("de"), prompt=asked, rejected=side("de", 1).replace("Erklär", "Erläuter"))
    )
    assert pair.chosen.startswith("Begründung: ")
    assert pair.rejected.startswith("Begründung: ")


def test_a_side_without_an_answer_line_keeps_its_form() -> None:
    pair = replace(good("en"), rejected=f"Reason:\n\n{BODIES['en'][1]}")
    assert mended(pair) == pair


def test_text_after_the_answer_that_is_no_junk_stays() -> None:
    chosen = side("en", 0).replace("Explanation", "Reason") + "\n\nDogs bark."
    assert mended(replace(good("en"), chosen=chosen)).chosen == side("en", 0) + "\nDogs bark."


def test_equal_sides_and_repeated_pairs_are_dropped() -> None:
    same = replace(good("de"), rejected=good("de").chosen + "\n\nAntwort:")
    result = fixed(linted([good("en"), same, good("en"), good("de")], {}))
    assert [i.pair.language for i in result.items] == ["en", "de"]
    assert [(change.place, change.what) for change in result.changes] == [
        ("pairs.jsonl row 2", "dropped: equal sides"),
        ("pairs.jsonl row 3", "dropped: there already"),
    ]


@pytest.mark.parametrize(
    ("changes", "mended_to"),
    [
        ({"chosen": "Tom &amp; Jerry &lt;3 &#39;it&#39;."}, {"chosen": "Tom & Jerry <3 'it'."}),
        ({"chosen": "Tom &amp;amp; Jerry."}, {"chosen": "Tom & Jerry."}),
        ({"chosen": "`&amp;` is one, &quot;so&quot;."}, {"chosen": '`&amp;` is one, "so".'}),
        ({"chosen": r"One.\nTwo.\r\n\r\n- three"}, {"chosen": "One.\nTwo.\n\n- three"}),
        ({"chosen": r"Sch\u00f6n \ud83d\ude42"}, {"chosen": "Schön 🙂"}),
        ({"chosen": r"Half \ud83d of it"}, {}),
        ({"prompt": r"Say it.\nNow."}, {"prompt": "Say it.\nNow."}),
        ({"prompt": "Tell.", "chosen": r"$a \neq b$ in C:\New"}, {}),
        ({"prompt": "Write & in HTML.", "chosen": "Write &amp;."}, {}),
        (
            {"prompt": "Who barks at night?", "chosen": "Who barks  at night?\n\nA dog."},
            {"chosen": "A dog."},
        ),
        ({"prompt": "Who barks at night?", "chosen": "Who barks at night?"}, {}),
    ],
)
def test_what_is_written_out_or_repeated_is_put_right(
    changes: dict[str, str], mended_to: dict[str, str]
) -> None:
    pair = PreferencePair("q", "en", "Say it.", "Yes, I do.", "No, I do not.", "en")
    pair = replace(pair, **changes)
    assert mended(pair) == replace(pair, **mended_to)


def test_choices_with_written_out_characters_are_still_the_ones_stated() -> None:
    asked = r"Which one?\nA. Q&amp;A\nB. R&amp;D"
    pair = PreferencePair("q", "en", asked, "Answer: A. Q&amp;A", "Answer: B. R&amp;D", "en")
    after = mended(pair)
    assert (after.prompt, after.chosen) == ("Which one?\nA. Q&A\nB. R&D", "Answer: A. Q&A")


def test_pairs_with_an_empty_side_are_dropped_and_swapped_ones_stay() -> None:
    pair = good("en")
    swapped = replace(pair, chosen=pair.rejected, rejected=pair.chosen)
    result = fixed(linted([pair, replace(pair, chosen=" \u200b"), swapped], {}))
    assert [i.pair for i in result.items] == [pair, swapped]
    assert [change.what for change in result.changes] == ["dropped: an empty side"]


def test_a_cap_keeps_first_pairs_of_questions_before_second_ones() -> None:
    items = clean_set(("en", "ja"), 6)
    again = [
        replace(i, pair=replace(i.pair, chosen=i.pair.chosen.replace(". ", "! ", 1))) for i in items
    ]
    result = fixed([j for pair in zip(items, again, strict=True) for j in pair], 7)
    assert Counter(i.pair.language for i in result.items) == {"en": 7, "ja": 7}
    kept = Counter(i.pair.question_id for i in result.items if i.pair.language == "en")
    assert sorted(kept.values()) == [1, 1, 1, 1, 1, 2]


def test_a_mended_file_keeps_its_rows_forms_and_columns(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "prompt": [{"role": "user", "content": "Frage:" + prompt("de")}]}
        | {
            "chosen": [{"role": "assistant", "content": side("de", 0, after="\nAntwort:")}],
            "rejected": [{"role": "assistant", "content": side("de", 1)}],
        },
        {"prompt": "broken"},
        {"id": 2, "prompt": prompt("de"), "chosen": "same", "rejected": "same"},
    ]
    path, output = tmp_path / "DPO_de.jsonl", tmp_path / "out.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    items, _ = linted_file(path)
    write_fixed_file(path, fixed(items).items, output)
    (row,) = [json.loads(line) for line in output.read_text().splitlines()]
    assert row["id"] == 1
    assert row["prompt"] == [{"role": "user", "content": prompt("de")}]
    assert row["chosen"] == [{"role": "assistant", "content": side("de", 0)}]


def test_a_file_is_never_replaced_by_its_mended_self(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n")
    with pytest.raises(CalmError, match="--output"):
        write_fixed_file(path, [], path)
    assert path.read_text() == "{}\n"
