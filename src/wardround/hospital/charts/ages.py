"""How old somebody is, as precisely as it matters at their age (NHS Common User Interface, patient banner).

Days in the first four weeks, weeks and days in the first year, months and days in the second, years and months until 18,
then years. A day of birth alone gives no hours.
"""

from datetime import date

from django.utils.translation import gettext

_WEEKS_FROM_DAYS = 28
_WHOLE_DATE = 10
_YEARS_ALONE_FROM = 18


def printed_age(birth: str, *, on: date) -> str:
    """ "3d", "7w 4d", "15m 3d", "11y 8m", "63y"; of whose birthday may still come this year "about 63y".

    Empty where it cannot be known.
    """
    if not birth[:4].isdecimal():
        return ""
    had_birthday = birth[5:_WHOLE_DATE] <= on.isoformat()[5 : min(len(birth), _WHOLE_DATE)]
    years = on.year - int(birth[:4]) - (0 if had_birthday else 1)
    if years < 0:
        return ""
    if len(birth) >= _WHOLE_DATE and years < _YEARS_ALONE_FROM:
        return _precise(date.fromisoformat(birth[:_WHOLE_DATE]), on=on, years=years)
    if not years:
        return gettext("under 1y")
    age = gettext("%(years)sy") % {"years": years}
    may_still_come = len(birth) < _WHOLE_DATE and on.isoformat().startswith(birth[5:], 5)
    return gettext("about %(age)s") % {"age": age} if may_still_come else age


def _precise(birth: date, *, on: date, years: int) -> str:
    days = (on - birth).days
    if days < _WEEKS_FROM_DAYS:
        return gettext("%(days)sd") % {"days": days}
    if years < 1:
        return gettext("%(weeks)sw %(days)sd") % {"weeks": days // 7, "days": days % 7}
    months = (on.year - birth.year) * 12 + on.month - birth.month - (1 if on.day < birth.day else 0)
    if years < 2:
        since = (on - _after(birth, months=months)).days
        return gettext("%(months)sm %(days)sd") % {"months": months, "days": since}
    return gettext("%(years)sy %(months)sm") % {"years": years, "months": months % 12}


def _after(birth: date, *, months: int) -> date:
    """The day this many months later; of a month that is too short, its last day."""
    year, month = divmod(birth.month - 1 + months, 12)
    for day in (birth.day, 30, 29, 28):
        try:
            return date(birth.year + year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("Every month has 28 days.")
