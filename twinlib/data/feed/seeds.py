"""Names of the random streams of a training, in one file so that no two meet. Records hang on the numbers: they stay.

A stream of numpy is `default_rng([seed, STREAM, …])`; an epoch of SymFace alone has `[seed, epoch]`, two numbers. A
stream of torch is a generator with `seed · FACTOR + step`: the factors are primes far apart, so that two seeds share no
step.
"""

# numpy: which images come together
PICKED = 1  # images of a batch, and subjects of a family
ORDER = 2  # of families or subjects in an epoch
SINGLES = 4  # order of single people
ALONE = 5  # their images
TRIPLETS = 6  # Miao's, drawn once

# torch: what happens to them
AUGMENT = 1_000_003  # flips, turns, shifts
PARTNER_USE = 2_750_159  # in which blocks TA-PWCA sees a partner
PERTURB = 3_000_017  # of images, by process
DROPOUT = 5_000_011  # and what else a network draws, by process
PARTNER = 7_368_787  # who is whose partner
PROCESSES = 4_099  # more than there are processes
