"""How alike two texts are: Winkler's measure for names."""

_PREFIX_SCALE, _PREFIX_LENGTH = 0.1, 4  # Winkler's own constants


def jaro_winkler(one: str, other: str) -> float:
    """How alike two names are, 0 to 1 (Winkler, "String Comparator Metrics", 1990)."""
    if one == other:
        return 1.0
    alike = _jaro(one, other)
    shared = 0
    for a, b in zip(one[:_PREFIX_LENGTH], other[:_PREFIX_LENGTH], strict=False):
        if a != b:
            break
        shared += 1
    return alike + shared * _PREFIX_SCALE * (1 - alike)


def _jaro(one: str, other: str) -> float:
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken: set[int] = set()
    matched: list[str] = []
    for at, letter in enumerate(one):
        for place in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if place not in taken and other[place] == letter:
                taken.add(place)
                matched.append(letter)
                break
    if not matched:
        return 0.0
    swapped = sum(a != other[b] for a, b in zip(matched, sorted(taken), strict=True)) / 2
    number = len(matched)
    return (number / len(one) + number / len(other) + (number - swapped) / number) / 3


def is_one_slip(one: str, other: str) -> bool:
    """May one be the other mistyped once: a character wrong, missing or too many, or two neighbours swapped?"""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    if len(short) < len(long):
        return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
    places = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) == 1:
        return True
    return (
        len(places) == 2
        and places[1] == places[0] + 1
        and one[places[0]] == other[places[1]]
        and one[places[1]] == other[places[0]]
    )


def is_date_slip(one: str, other: str) -> bool:
    """May one whole date be the other, mistyped: day and month swapped, a digit wrong, or two neighbours swapped?"""
    if len(one) != 10 or len(other) != 10 or one == other:
        return False
    return one == f"{other[:4]}-{other[8:10]}-{other[5:7]}" or is_one_slip(one.replace("-", ""), other.replace("-", ""))
