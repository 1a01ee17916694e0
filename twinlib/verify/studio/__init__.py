"""The twin studio and the guessing game: rendered twins to turn and to judge, and the networks that judge them.

`turned` draws a pair of twins for any setting of its factors, `judges` are the networks with their thresholds, `stored`
draws every setting of a page once and scores it, `on_demand` draws while one watches, `guesses` makes the pairs of the
game.
"""
