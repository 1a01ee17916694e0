import dataclasses

import pytest

from twinlib import config


@pytest.mark.parametrize("kind", [*config.MODELS.values(), *config.LOSSES.values(), config.Data, config.Train])
def test_settings_are_frozen_and_every_field_has_a_default(kind):
    settings = kind()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(settings, dataclasses.fields(kind)[0].name, None)
