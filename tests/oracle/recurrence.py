"""Random recurrence rules and what python3-dateutil makes of them.

A case is a line: DTSTART, rule, the first starts, and "end" if there are no more. DTSTART is always one that the rule makes,
and where dateutil reads RFC 5545 otherwise than we do no case is made: BYDAY with and without numbers mixed, BYWEEKNO without
BYDAY, and BYSETPOS with WEEKLY, where it counts from DTSTART in the first week. Weeks 52 and 53 are left out: of some years
dateutil 2.8 and 2.9 miscount the weeks where they ask whether the first days of the next year belong to the last one.
"""
import datetime
import itertools

from dateutil.rrule import rrulestr

FORM = "%Y%m%dT%H%M%S"
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(random, values, most):
    return sorted(random.sample(list(values), random.randint(1, min(most, len(values)))))


def join(name, values):
    return f"{name}=" + ",".join(map(str, values))


def rule(random):
    freq = random.choice(["YEARLY"] * 3 + ["MONTHLY"] * 3 + ["WEEKLY"] * 2 + ["DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
    parts = [f"FREQ={freq}"]
    # dateutil walks through every second of a day that BYMONTH, BYDAY or BYHOUR leave out: of these a few must do.
    seconds = freq == "SECONDLY" and random.random() < 0.98
    small = freq in ("HOURLY", "MINUTELY", "SECONDLY")
    if random.random() < 0.5:
        parts.append(f"INTERVAL={random.choice([2, 3, 4, 5, 7, 10, 13, 90, 100] if small else [2, 3, 4, 5, 7])}")
    if random.random() < 0.3:
        parts.append("WKST=" + random.choice(DAYS))
    by = []
    if random.random() < 0.35:
        by.append(join("BYMONTH", some(random, range(1, 13), 4)))
    both_signs = lambda n: list(range(1, n + 1)) + list(range(-n, 0))
    week = freq == "YEARLY" and random.random() < 0.2
    if week:
        by.append(join("BYWEEKNO", some(random, list(range(1, 52)) + [-1, -2], 6)))
    if freq in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY") and not week and not by and random.random() < 0.15:
        by.append(join("BYYEARDAY", some(random, both_signs(366), 30)))
    if freq != "WEEKLY" and not week and random.random() < 0.3:
        by.append(join("BYMONTHDAY", some(random, both_signs(31), 8)))
    if week or random.random() < 0.4:
        days = some(random, DAYS, 5)
        if freq in ("YEARLY", "MONTHLY") and not week and random.random() < 0.6:
            ordinals = both_signs(5) if freq == "MONTHLY" or any(p.startswith("BYMONTH=") for p in by) else both_signs(53)
            days = [f"{random.choice(ordinals)}{day}" for day in days]
        by.append(join("BYDAY", days))
    if random.random() < (0.5 if small else 0.2):
        by.append(join("BYHOUR", some(random, range(24), 4)))
    if random.random() < (0.4 if small else 0.15):
        by.append(join("BYMINUTE", some(random, range(60), 4)))
    if random.random() < (0.4 if small else 0.1):
        by.append(join("BYSECOND", some(random, range(60), 4)))
    if by and not small and freq != "WEEKLY" and random.random() < 0.25:
        by.append(join("BYSETPOS", some(random, both_signs(6), 3)))
    parts += [part for part in by if not seconds or part.startswith(("BYMINUTE", "BYSECOND"))]
    return ";".join(parts)


def starts(text, start, number):
    """The first starts, then None if a COUNT or UNTIL ended them. dateutil looks no further than ten years."""
    most = datetime.MAXYEAR
    datetime.MAXYEAR = start.year + 10  # what it compares the year with
    try:
        found = list(itertools.islice(iter(rrulestr(text, dtstart=start)), number))
    finally:
        datetime.MAXYEAR = most
    return found + [None] if len(found) < number and ("COUNT" in text or "UNTIL" in text) else found


def case(random):
    """A case; None if the rule drawn makes nothing."""
    text = rule(random)
    start = datetime.datetime(random.randint(1950, 2090), random.randint(1, 12), random.randint(1, 28),
                              random.randint(0, 23), random.randint(0, 59), random.choice([0, 0, 0, 30]))
    try:
        free = starts(text, start, 8)
    except ValueError:  # hours, minutes or seconds that the interval never meets
        return None
    if len(free) < 3:
        return None
    choice = random.random()
    if choice < 0.3:
        count = random.randint(1, len(free))
        text += f";COUNT={count}"
        found = free[:count] + [None]
    elif choice < 0.5:
        last = random.randint(0, len(free) - 1)
        text += f";UNTIL={free[last].strftime(FORM)}"
        found = free[: last + 1] + [None]
    else:
        found = free
    return " ".join([free[0].strftime(FORM), text] + [value.strftime(FORM) if value else "end" for value in found])
