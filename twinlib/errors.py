"""The one exception for input a user can mend."""


class InputError(ValueError):
    """Bad input: a file, field or value that the user can mend.

    The message names the file or field, says what was wanted and what was found, and ends with the remedy.
    The command line prints it without a traceback and exits with code 2.
    """
