#!/usr/bin/env python3
"""Writes recurrence_cases.txt: random rules and what python3-dateutil makes of them.

A line is DTSTART, rule, the first starts, and "end" if there are no more. DTSTART is always one that the rule makes, and where dateutil reads RFC 5545
otherwise than we do no case is made: BYDAY with and without numbers mixed, BYWEEKNO without BYDAY, and BYSETPOS with
WEEKLY, where it counts from DTSTART in the first week.
"""
import datetime
import itertools
import random
import signal

from dateutil.rrule import rrulestr

random.seed(5545)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(values, most):
    return sorted(random.sample(values, random.randint(1, min(most, len(values)))))


def join(name, values):
    return f"{name}=" + ",".join(map(str, values))


def rule():
    freq = random.choice(["YEARLY"] * 3 + ["MONTHLY"] * 3 + ["WEEKLY"] * 2 + ["DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
    parts = [f"FREQ={freq}"]
    small = freq in ("HOURLY", "MINUTELY", "SECONDLY")
    if random.random() < 0.5:
        parts.append(f"INTERVAL={random.choice([2, 3, 4, 5, 7, 10, 13, 90, 100] if small else [2, 3, 4, 5, 7])}")
    if random.random() < 0.3:
        parts.append("WKST=" + random.choice(DAYS))
    by = []
    if random.random() < 0.35:
        by.append(join("BYMONTH", some(range(1, 13), 4)))
    both_signs = lambda n: list(range(1, n + 1)) + list(range(-n, 0))
    week = freq == "YEARLY" and random.random() < 0.2
    if week:
        by.append(join("BYWEEKNO", some(list(range(1, 54)) + [-1, -2], 6)))
    if freq in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY") and not week and random.random() < 0.15:
        by.append(join("BYYEARDAY", some(both_signs(366), 30)))
    if freq != "WEEKLY" and not week and random.random() < 0.3:
        by.append(join("BYMONTHDAY", some(both_signs(31), 8)))
    if week or random.random() < 0.4:
        days = some(DAYS, 5)
        if freq in ("YEARLY", "MONTHLY") and not week and random.random() < 0.6:
            ordinals = both_signs(5) if freq == "MONTHLY" or any(p.startswith("BYMONTH=") for p in by) else both_signs(53)
            days = [f"{random.choice(ordinals)}{day}" for day in days]
        by.append(join("BYDAY", days))
    if random.random() < (0.5 if small else 0.2):
        by.append(join("BYHOUR", some(range(24), 4)))
    if random.random() < (0.4 if small else 0.15):
        by.append(join("BYMINUTE", some(range(60), 4)))
    if random.random() < (0.4 if small else 0.1):
        by.append(join("BYSECOND", some(range(60), 4)))
    if by and not small and freq != "WEEKLY" and random.random() < 0.25:
        by.append(join("BYSETPOS", some(both_signs(6), 3)))
    parts += by
    return ";".join(parts)


class TooSlow(Exception):
    pass


def give_up(*_):
    raise TooSlow


def starts(text, start, number):
    """The first starts, then None if there are no more; nothing where dateutil walks for too long."""
    end = start + datetime.timedelta(days=366 * 45)
    found = []
    signal.setitimer(signal.ITIMER_PROF, 0.05)
    try:
        for value in itertools.islice(iter(rrulestr(text, dtstart=start)), number):
            if value > end:
                return found
            found.append(value)
    except (ValueError, TooSlow):
        return []
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found if len(found) == number else found + [None]


def main():
    form = "%Y%m%dT%H%M%S"
    lines = []
    signal.signal(signal.SIGPROF, give_up)
    while len(lines) < 2000:
        text = rule()
        start = datetime.datetime(random.randint(1996, 2030), random.randint(1, 12), random.randint(1, 28),
                                  random.randint(0, 23), random.randint(0, 59), random.choice([0, 0, 0, 30]))
        first = starts(text, start, 1)
        if not first or first[0] is None:
            continue
        text += random.choice(["", "", f";COUNT={random.randint(1, 15)}"])
        found = starts(text, first[0], 10)
        if random.random() < 0.2 and "COUNT" not in text and found:
            text += f";UNTIL={random.choice([value for value in found if value]).strftime(form)}"
            found = starts(text, first[0], 10)
        if not found:
            continue
        lines.append(" ".join([first[0].strftime(form), text] + [value.strftime(form) if value else "end" for value in found]))
    with open(__file__.replace("make_", "").replace(".py", ".txt"), "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")


main()
