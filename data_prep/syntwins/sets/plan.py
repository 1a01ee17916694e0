"""Which families a set holds: numbers, splits, relations, palettes."""

from dataclasses import dataclass
from itertools import product

from syntwins.identity import Subject, sample_subject
from syntwins.knobs import RELATIONS, SPLITS, SetConfig
from syntwins.nuisance import Nuisance, sample_nuisance
from syntwins.paint.palette import AGES, SEXES, TONES, Palette, sample_palette
from syntwins.streams import Stream, stream

MEMBERS = "abcd"


@dataclass(frozen=True)
class FamilyPlan:
    """One family of a set.

    Attributes:
        number: unique over all splits.
        palette: number of the first family with the same palette.
        sex, tone_bin, age_bin: of the palette.
        images: per subject.
        members: subjects.
    """

    number: int
    split: str
    relation: str
    palette: int
    sex: str
    tone_bin: str
    age_bin: str
    images: int
    members: int

    @property
    def name(self) -> str:
        """Family id, as in the manifest."""
        return f"f{self.number:04d}"


def plan_families(config: SetConfig) -> list[FamilyPlan]:
    """All families of a set in order. Within a split, sex × tone × age cells are used equally often."""
    plans: list[FamilyPlan] = []
    cells = list(product(SEXES, TONES, AGES))
    for index, split in enumerate(SPLITS):
        counts = config.split(split)
        relations = [relation for relation in RELATIONS for _ in range(getattr(counts, relation))]
        start = config.first_family + len(plans)
        for i, relation in enumerate(relations):
            group = i // config.palette_size
            order = stream(config.seed, Stream.PLAN, index, group // len(cells)).permutation(len(cells))
            sex, tone, age = cells[order[group % len(cells)]]
            plans.append(
                FamilyPlan(
                    number=start + i,
                    split=split,
                    relation=relation,
                    palette=start + group * config.palette_size,
                    sex=sex,
                    tone_bin=tone,
                    age_bin=age,
                    images=counts.images,
                    members=1 if relation == "single" else config.members,
                )
            )
    return plans


def family_palette(config: SetConfig, plan: FamilyPlan) -> Palette:
    """Colours of a family, equal for all families of its palette."""
    return sample_palette(stream(config.seed, Stream.PALETTE, plan.palette), plan.sex, plan.tone_bin, plan.age_bin)


def subject_of(config: SetConfig, plan: FamilyPlan, member: int) -> Subject:
    """One member of a planned family."""
    return sample_subject(plan.number, member, config.knobs, seed=config.seed, relation=plan.relation,
                          palette=family_palette(config, plan))  # fmt: skip


def nuisance_of(config: SetConfig, plan: FamilyPlan, member: int, image: int) -> Nuisance:
    """Factors of one planned image."""
    return sample_nuisance(stream(config.seed, Stream.IMAGE, plan.number, member, image), config.variation)
