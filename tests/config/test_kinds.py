import dataclasses

import pytest

from twinlib import config

REGISTRIES = (config.MODELS, config.LOSSES, config.TERMS, config.SAMPLERS, config.PERTURBATIONS)
KINDS = [*(kind for registry in REGISTRIES for kind in registry.values()), config.Data, config.Train]


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_frozen_and_every_field_has_a_default(kind):
    settings = kind()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(settings, next(iter(vars(settings)), "any"), None)
