"""The study: a table of rows, the queue that trains what is missing of it, and what there is so far.

`rows` reads the table, `board` says what is done of it, `status` prints that, `queue` trains the next missing one on
each core, `tuning` chooses the settings that a row runs with. `twinlib study --help` is the command.
"""
