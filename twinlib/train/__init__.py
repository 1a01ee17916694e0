"""Training: one loop, checkpoints, and the run that ends in a record.

Whatever is compared runs in the same loop and differs in its experiment alone. What a configuration can name is in
`NAMED` of a room's `__init__.py`, beside its settings:

a network: its module says what it takes in `inputs` (of images, boxes, partner) and, if terms shall read more than
    the embedding, what it can give in `outputs`; its `forward(images, …, wanted=())` then returns the embedding alone
    for no wanted names, else (embedding, {name: tensor, a row for each image}), and computes only those. Weights under
    `backbone` can be loaded and frozen by themselves.
a classification loss: a `twinlib.losses.head.Head`; `loss: none` leaves it out.
a term beside it: a `twinlib.losses.term.Term`; it sees a `StepView`, adds `forward(view)` and may weight the samples of
    the head's loss by `sample_weight(view)`. In an experiment: `terms: {alignment: {weight: 0.1}, ehsm: {}}`.
a sampler: a `pick(number)` that depends on (seed, number) alone. In an experiment: `sampler: {name: pairs, twins: 0.7}`
    (the size of a batch is 2 · train.groups · train.images_per_subject).
a perturbation of the images. In an experiment: `perturb: {name: dpap, k: 7}`.
"""
