"""Training: one loop, checkpoints, and the run that ends in a record.

Whatever is compared runs in the same loop and differs in its experiment alone. To add

a network: a settings class in `twinlib.config`, a module in `twinlib.models`, a line in both `MODELS`. The module says
    what it takes in `inputs` (of images, boxes, partner) and, if terms shall read more than the embedding, what it can
    give in `outputs`; its `forward(images, …, wanted=())` then returns the embedding alone for no wanted names, else
    (embedding, {name: tensor with a row an image}), and computes only those. Weights under `backbone` can be loaded and
    frozen by themselves.
a classification loss: settings in `LOSSES` of both sides and a `Head`; `loss: none` leaves it out.
a term beside it: settings in `twinlib.config.terms.TERMS`, a `twinlib.losses.term.Term` in
`twinlib.methods.terms.TERMS`;
    it sees a `StepView`, adds `forward(view)` and may weight the samples of the head's loss by `sample_weight(view)`.
    In an experiment: `terms: {alignment: {weight: 0.1}, ehsm: {}}`.
a sampler: settings in `twinlib.config.samplers.SAMPLERS`, a `pick(number)` that depends on (seed, number) alone, a line
    in `twinlib.train.samplers.SAMPLERS`. In an experiment: `sampler: {name: pairs, twins: 0.7}`; the size of a batch
    is 2 · train.groups · train.images_per_subject.
a perturbation of the images: a line in both `PERTURBATIONS`. In an experiment: `perturb: {name: dpap, k: 7}`.
"""
