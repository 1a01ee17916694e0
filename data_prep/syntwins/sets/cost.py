"""How long a set takes and how much it fills, before it is rendered."""

from dataclasses import dataclass

from syntwins.knobs import SetConfig
from syntwins.sets.plan import plan_families

# CPU seconds on one core of the machine that results/benchmarks/syntwins_speed.csv was measured on, by side of the
# texture; a rendered pixel costs the same with both. Bytes are means of the rendered sets.
TEXTURE_S = {512: 0.030, 1024: 0.080}
IMAGE_S = {512: 0.0135, 1024: 0.0200}
PIXEL_S = 5.8e-7
PIXEL_BYTES, TRUTH_BYTES = 0.31, 5700


@dataclass(frozen=True)
class Cost:
    """What a set costs.

    Attributes:
        families, subjects, images: how many.
        core_seconds: on one core; divide by the number of cores.
        megabytes: of images and truth on disk.
    """

    families: int
    subjects: int
    images: int
    core_seconds: float
    megabytes: float

    def __str__(self) -> str:
        return (
            f"{self.families} families, {self.subjects} subjects, {self.images} images; "
            f"about {self.core_seconds / 60:.1f} core minutes and {self.megabytes:.0f} MB"
        )


def expected_cost(config: SetConfig) -> Cost:
    """Expected cost of a set: linear in subjects and images."""
    plans = plan_families(config)
    subjects = sum(plan.members for plan in plans)
    images = sum(plan.images * plan.members for plan in plans)
    side, pixels = texture_side(config.size), config.size**2
    seconds = subjects * TEXTURE_S[side] + images * (IMAGE_S[side] + PIXEL_S * pixels)
    return Cost(len(plans), subjects, images, seconds, images * (PIXEL_BYTES * pixels + TRUTH_BYTES) / 1e6)


def texture_side(size: int) -> int:
    """Side of the texture that is fine enough for images of `size` px."""
    return 512 if size <= 160 else 1024
