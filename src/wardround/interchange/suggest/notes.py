"""What a draft says beside its lines: each note a template, so that a page says it in its reader's language.

A note is one or several of these, joined by "; ". Mapping files and the command line keep them in English.
"""

import textwrap
from collections.abc import Callable, Iterator

from wardround.clinical.sentences import template

Say = Callable[[str], str]  # a sentence in the reader's language
_BETWEEN = "; "
_WIDTH = 118

OPENING = {
    True: template(
        "A draft, made of the names and all %(rows)s rows of a table. Read every line; a line that begins with # is not used, "
        "and the columns that are named in none are reported by the import and not read."
    ),
    False: template(
        "A draft, made of the names and the first %(rows)s rows of a table. Read every line; a line that begins with # is not "
        "used, and the columns that are named in none are reported by the import and not read."
    ),
}
NOT_COMPLETE = template("NOT COMPLETE: %(why)s")
NOTHING_SAYS_WHEN = template(
    "Nothing in this table says when: no finding can be read from it before a column of days is there."
)

# What the source is
SAME_SLUG = template("the same for all tables that number their patients alike")
THIS_HOMES = template("this home's")
EMPTY_WORDS = template("words that stand for an empty cell")
TWO_SIGNS = template("%(commas)s numbers have a comma and %(points)s a point: say which is the decimal sign")
COMMAS = template("%(commas)s numbers have a comma, none a point")
POINTS = template("%(points)s numbers have a point, none a comma")
CENTRAL_EUROPE = template("it is not UTF-8; there are letters as of Central Europe. Look at the names in it")
WESTERN_EUROPE = template("it is not UTF-8, and looks like Western Europe. Look at the names in it")
OTHER_SHEETS = template("there are other sheets with something in them: %(sheets)s")

# What the name and the cells of a column say
NAME_SAYS = template("the name says %(title)s")
NAME_SAYS_SEX = template("the name says sex")
NO_RANGE = template("the catalogue has no range to compare the values with")
IN_RANGE = {
    kind: template(f"%(fitting)s of %(all)s values lie in the {kind} range of %(title)s in %(unit)s")
    for kind in ("usual", "plausible", "possible")
}
PLAIN_NUMBERS = template("plain numbers")
UNIT_INFERRED = template("the unit is inferred from them")
CODES_IN_CELLS = template("%(codes)s codes in %(cells)s cells")
DIFFERENT_CODES = template("%(codes)s different codes in %(cells)s cells")
LOOK_LIKE = template("%(codes)s different codes in %(cells)s cells, which look like %(system)s")
UCI_CODES = template("the codes are those of the UCI heart data's code book: compare them with yours")
ROWS_HAVE_ONE = template("%(filled)s of %(rows)s rows have one")
ROWS_DIFFER = template("%(filled)s of %(rows)s rows have one, %(distinct)s are different")
CELLS_FILLED = template("%(filled)s of %(rows)s cells are filled")
YEARS = template("years of four digits")
TEXTS = template("texts")
BEHIND = template("it stands behind %(column)s, which is filled wherever it is")

# How it writes its days
YEAR_FIRST = template("the year stands first")
MONTH_NAMED = template("the month stands as a name")
EIGHT_DIGITS = template("eight digits, all of them days")
TWO_DIGITS = template("its years have two digits: of which century?")
BOTH_ORDERS = template("%(days)s cells can only be day first, %(months)s only month first")
DAY_FIRST = template("day first: %(days)s of %(all)s cells begin with a number above 12")
MONTH_FIRST = template("month first: in %(months)s of %(all)s cells the second number is above 12")
WITH_POINTS = template("day first, as days with points are written")
NOT_CONTRADICTED = template("no cell contradicts")
NO_CELL_TELLS = template("no cell tells whether day or month stands first")
AS_OTHERS = {
    "day first": template("day first, as in the table's other columns of days"),
    "month first": template("month first, as in the table's other columns of days"),
}

# Doubts, and why nothing is said
LIKE_IT = template("DOUBT: the name is only like it")
ONLY_CELLS = template("DOUBT: only its cells say that it is a time")
TAKEN_FOR_VISIT = template("DOUBT: taken for the visit's, as the first column of days")
MAY_BE = template("it may as well be %(other)s")
IS_EMPTY = template("the column is empty")
NO_DAYS = template("its cells are no days")
FEW_NUMBERS = template("only %(numbers)s of %(cells)s cells are numbers")
ALL_ZERO = template("all its numbers are 0")
WRONG_UNIT = template("the unit %(unit)s in its name is none of %(title)s")
NOT_PLAUSIBLE = template("%(many)s are not plausible")
TOO_MANY_ANSWERS = template("it has %(many)s different answers, too many for codes")
NEITHER = template("%(missing)s of its %(codes)s codes are neither yes nor no")
OF_NO_BOOK = template("%(missing)s of its %(codes)s codes are of no code book that is known")
MUST_SAY_THEM = template("[answers.%(key)s] has to say them")
TELLS_NONE_APART = template("it does not tell rows apart as a number of patients or visits does")
NO_YEARS = template("its cells are no years of four digits")
NO_TEXTS = template("its cells are numbers or days")
SEVERAL_WORDS = template("its cells hold several words: a whole name belongs in two columns")
WHICH_SEX = template("its %(codes)s codes do not say which sex is which")
SEX_MUST_SAY = template("[answers.sex] has to")
YES_OR_NO = template("its cells are 0 and 1: a yes or no about one condition, not a code")
NO_CONDITIONS = template("its cells are no codes of conditions")
UNKNOWN_NAME = template("its name says nothing that is known")
HOLDS = {what: template(f"it holds {what}") for what in ("days", "numbers", "codes", "texts", "nothing")}
NOT_DATED = template("nothing dates it: a column with the visit's day, or a time, is missing")
FITS_BETTER = template("another column fits this role better")
LESS_LIKELY = template("less likely")
OTHER_CONDITIONS = template(
    "%(many)s other codes are in the file: write CODE = an ICD-10-CM code, or give the column its system, such as %(example)s"
)
OTHER_RESULTS = template(
    "%(many)s other codes are in the file, or come too seldom: write CODE = a key of the catalogue"
)


def joined(*notes: str) -> str:
    """Several notes on one line."""
    return _BETWEEN.join(note for note in notes if note)


def noted(text: str, *, say: Say) -> str:
    """A note as it stands behind a line."""
    return _BETWEEN.join(say(" ".join(note.split())) for note in text.split(_BETWEEN))


def commented(text: str) -> Iterator[str]:
    """A long note as lines of their own."""
    yield from (f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))
