"""Public question sets by name: where each is had, under which licence, and who else asks it.

A set is named `NAME`, `NAME:PART` or `NAME:FOLDER`, as in `belebele`,
`global-mmlu-lite:agnostic` and `klar:data/klar`; behind the name may stand `@` and a revision of
the Hub. Names, columns and licences are those of the sets' cards, of the task files of
lm-evaluation-harness 0.4.13 and of lighteval 0.13. How rows become questions is told in
`calm.questions.public_rows` and `calm.questions.public_files`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from calm.errors import CalmError

Culture = Literal["no", "in part", "yes"]
CULTURES: Mapping[Culture, str] = {"no": "none", "in part": "some", "yes": "most"}
NAMED = re.compile(r"(?P<set>[a-z0-9-]+)(?:@(?P<revision>[\w.-]{1,64}))?(?::(?P<rest>.+))?")
XCSQA = "xcsqa"


def _configs(text: str) -> dict[str, str]:
    """Return languages and what a set calls them: `en de` or `en=eng_Latn de=deu_Latn`."""
    pairs = (part.partition("=") for part in text.split())
    return {code: name or code for code, _, name in pairs}


ISO_639_3 = _configs(
    "ar=ara bn=ben de=deu en=eng es=spa fa=fas fr=fra hi=hin id=ind it=ita ja=jpn ko=kor nl=nld "
    "pl=pol pt=por ru=rus sw=swa tr=tur ur=urd vi=vie zh=zho"
)
"""How lighteval calls the languages."""


@dataclass(frozen=True, eq=False)
class PublicSet:
    """One set of questions that others have published."""

    name: str
    title: str
    about: str
    """What it asks, in a few words of English."""
    licence: str
    """As its card says; `none stated` where it says nothing."""
    source: str
    """Where it is to be found, as an address."""
    configs: Mapping[str, str]
    """Its languages among ours, and what it calls them."""
    hub: str = ""
    """Its repository on the Hugging Face Hub; empty where it is not there."""
    splits: Mapping[str, str] = field(default_factory=lambda: {"test": ""})
    """Its splits that are read, and ours; empty where a hash of the question decides."""
    train_share: float = 1.0
    """Of the questions to train on those that are read, chosen by a hash: some sets have many."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Names of its parts, and what a row of each says."""
    culture: Culture = "no"
    """Whether the right answer takes knowledge of one culture: then agreeing more may be wrong."""
    files: str = ""
    """How the files of a folder are named that hold it; empty where it is read from the Hub only"""
    is_parallel: bool = True
    """Whether its languages ask the same questions."""
    has_same_choices: bool = False
    """Whether two choices of a question may be the same, as in X-CSQA's translations."""
    lm_eval: str = ""
    lighteval: str = ""
    """Tasks of both harnesses for a language; empty where they have none."""

    def task(self, harness: str, code: str) -> str:
        """Return what a harness calls the task of a language; empty where it has none.

        `harness` is `lm-eval` or `lighteval`.
        """
        template = self.lm_eval if harness == "lm-eval" else self.lighteval
        if code not in self.configs or ("{" not in template and code != "en"):
            return ""
        config = self.configs[code]
        return template.format(
            code=code, config=config, small=config.lower(), iso=ISO_639_3.get(code, code)
        )


SETS: Mapping[str, PublicSet] = {
    made.name: made
    for made in (
        PublicSet(
            XCSQA,
            "X-CSQA",
            "common sense, five choices",
            "MIT",
            "https://huggingface.co/datasets/INK-USC/xcsr",
            _configs(
                "en=X-CSQA-en zh=X-CSQA-zh de=X-CSQA-de es=X-CSQA-es fr=X-CSQA-fr it=X-CSQA-it "
                "ja=X-CSQA-jap nl=X-CSQA-nl pl=X-CSQA-pl pt=X-CSQA-pt ru=X-CSQA-ru ar=X-CSQA-ar "
                "vi=X-CSQA-vi hi=X-CSQA-hi sw=X-CSQA-sw ur=X-CSQA-ur"
            ),
            hub="INK-USC/xcsr",
            splits={"validation": ""},  # nobody may see the right answers of its test split
            files="x_csqa_<language>_test.json",
            has_same_choices=True,
            lighteval="xcsqa_{iso}_cf",
        ),
        PublicSet(
            "global-mmlu-lite",
            "Global-MMLU-Lite",
            "school and university subjects, translated or corrected by people",
            "Apache-2.0",
            "https://huggingface.co/datasets/CohereLabs/Global-MMLU-Lite",
            _configs("en zh de es fr it ja pt ar hi sw bn id ko"),
            hub="CohereLabs/Global-MMLU-Lite",
            parts={"agnostic": "CA", "sensitive": "CS"},
            culture="in part",
            lm_eval="global_mmlu_{code}",
            lighteval="global_mmlu_all_{iso}_cf:SUBJECT",  # of the full set, 57 subjects
        ),
        PublicSet(
            "mmmlu",
            "MMMLU",
            "school and university subjects, MMLU's test translated by people, without English",
            "MIT",
            "https://huggingface.co/datasets/openai/MMMLU",
            _configs(
                "zh=ZH_CN de=DE_DE es=ES_LA fr=FR_FR it=IT_IT ja=JA_JP pt=PT_BR ar=AR_XY hi=HI_IN "
                "sw=SW_KE bn=BN_BD id=ID_ID ko=KO_KR"
            ),
            hub="openai/MMMLU",
            culture="in part",
            lm_eval="mmmlu_{small}",
            lighteval="openai_mmlu_{iso}_cf:SUBJECT",
        ),
        PublicSet(
            "belebele",
            "Belebele",
            "a passage, and a question on it",
            "CC-BY-SA-4.0",
            "https://huggingface.co/datasets/facebook/belebele",
            _configs(
                "en=eng_Latn zh=zho_Hans de=deu_Latn es=spa_Latn fr=fra_Latn it=ita_Latn "
                "ja=jpn_Jpan nl=nld_Latn pl=pol_Latn pt=por_Latn ru=rus_Cyrl ar=arb_Arab "
                "vi=vie_Latn hi=hin_Deva sw=swh_Latn ur=urd_Arab bn=ben_Beng fa=pes_Arab "
                "id=ind_Latn ko=kor_Hang tr=tur_Latn"
            ),
            hub="facebook/belebele",
            lm_eval="belebele_{config}",
            lighteval="belebele_{config}_cf",
        ),
        PublicSet(
            "include",
            "INCLUDE",
            "exams of each language's own regions, so other questions in each language",
            "Apache-2.0",
            "https://huggingface.co/datasets/CohereLabs/include-base-44",
            _configs(
                "zh=Chinese de=German es=Spanish fr=French it=Italian ja=Japanese nl=Dutch "
                "pl=Polish pt=Portuguese ru=Russian ar=Arabic vi=Vietnamese hi=Hindi ur=Urdu "
                "bn=Bengali fa=Persian id=Indonesian ko=Korean tr=Turkish"
            ),
            hub="CohereLabs/include-base-44",
            culture="yes",
            is_parallel=False,
            lm_eval="include_base_44_{small}",
        ),
        PublicSet(
            "bmlama17",
            "BMLAMA-17",
            "facts with a gap, up to ten candidates",
            "Apache-2.0",
            "https://github.com/Betswish/Cross-Lingual-Consistency",
            _configs("en zh es fr ja nl ru ar vi fa ko tr"),
            files="<language>.tsv",
        ),
        PublicSet(
            "klar",
            "KLAR",
            "facts in five wordings, up to ten candidates",
            "none stated",
            "https://huggingface.co/datasets/mingyang26/KLAR-CLC",
            _configs("en zh es fr ja nl ru ar vi ko tr"),
            hub="mingyang26/KLAR-CLC",
            files="<language>/<relation>.json",
        ),
        PublicSet(
            "polyfact-clean",
            "PolyFact-Clean",
            "facts of Wikidata, four choices",
            "CC-BY-SA-4.0",
            "https://huggingface.co/datasets/jvonrad/PolyFact-Clean",
            _configs("en zh de es fr ja pt ru ar sw bn id"),
            hub="jvonrad/PolyFact-Clean",
            splits={"train": "train", "test": "held-out"},
            train_share=0.125,
        ),
        PublicSet(
            "medqa",
            "MedQA",
            "exams for doctors in the United States, four choices, in English",
            "CC-BY-SA-4.0",
            "https://huggingface.co/datasets/GBaker/MedQA-USMLE-4-options-hf",
            _configs("en=default"),
            hub="GBaker/MedQA-USMLE-4-options-hf",
            splits={"train": "train", "test": "held-out"},
            files="test_native_<language>_<number>.json",
            lm_eval="medqa_4options",
            lighteval="med_qa",
        ),
    )
}
"""All sets, by the names that `--questions` takes."""


@dataclass(frozen=True)
class Named:
    """A set as somebody named it."""

    set: PublicSet
    part: str = ""
    folder: Path | None = None
    revision: str = ""
    """Of the Hub; empty for the newest."""

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.set.title} {self.set.parts[self.part]}" if self.part else self.set.title

    @property
    def culture(self) -> Culture:
        """Whether the right answers of this part take knowledge of one culture."""
        of_part: Mapping[str, Culture] = {"agnostic": "no", "sensitive": "yes"}
        return of_part.get(self.part, self.set.culture)


OF_HUB: Mapping[str, Named] = {
    f"{made.name}:{part}" if part else made.name: Named(made, part)
    for made in SETS.values()
    if made.hub
    for part in ("", *made.parts)
}
"""What can be asked for without a file of one's own, by name."""


def described(made: PublicSet) -> list[str]:
    """Return what there is to know of a set before it is asked: lines of English."""
    names = [made.name] if made.hub else []
    names += [f"{made.name}:{part}" for part in made.parts]
    names += [f"{made.name}:FOLDER"] if made.files else []
    lines = [
        ", ".join(names),
        f"  {made.title}: {made.about}",
        f"  licence: {made.licence}; {made.source}",
        f"  languages: {','.join(made.configs)}",
    ]
    if made.files:
        lines.append(f"  files in FOLDER: {made.files}")
    if not all(made.splits.values()):
        lines.append("  a third of its questions is held out, chosen by a hash")
    for harness in ("lm-eval", "lighteval"):
        tasks = [task for code in made.configs if (task := made.task(harness, code))]
        more = f" and {len(tasks) - 1} more" if len(tasks) > 1 else ""
        lines += [f"  {harness}: {tasks[0]}{more}"] if tasks else []
    if made.culture != "no":
        lines.append(
            f"  right answers that take knowledge of one culture: {CULTURES[made.culture]}"
        )
    return lines


def named_set(name: str) -> Named | None:
    """Return the public set that a name stands for; `None` for anything else.

    Raises CalmError where the set has no such part and is not read from a folder, and where it
    needs one.
    """
    found = NAMED.fullmatch(name)
    if found is None or found["set"] not in SETS:
        return None
    made, rest, revision = SETS[found["set"]], found["rest"] or "", found["revision"] or ""
    if rest in made.parts:
        return Named(made, part=rest, revision=revision)
    if rest and not made.files:
        parts = [f"{made.name}:{part}" for part in made.parts]
        raise CalmError("questions.no-part", name=made.name, part=repr(rest), known=parts)
    if not rest and not made.hub:
        raise CalmError("questions.needs-folder", name=made.name, source=made.source)
    folder = Path(os.path.expanduser(rest)) if rest else None  # noqa: PTH111 - as for own files
    return Named(made, folder=folder, revision=revision)


def is_public(name: str) -> bool:
    """Tell whether a name stands for a public set, of the Hub or in a folder."""
    return public_set_of(name) is not None


def public_set_of(name: str) -> PublicSet | None:
    """Return the set that a name begins with, whatever part or folder it has; `None` for others."""
    found = NAMED.fullmatch(name)
    return SETS.get(found["set"]) if found else None


def full_set_name(name: str) -> str:
    """Return the name of a public set with the whole path of its folder, if it has one."""
    named = named_set(name)
    if named is None or named.folder is None:
        return name
    return f"{named.set.name}:{named.folder.resolve()}"


def set_called(name: str) -> str:
    """Return what a set is called in records that leave this machine: without its folder's place.

    A name that is not of a public set stays as it is.
    """
    found = NAMED.fullmatch(name)
    if found is None or found["set"] not in SETS or not found["rest"]:
        return name
    return name[: found.start("rest")] + re.split(r"[/\\]", found["rest"].rstrip("/\\"))[-1]
