"""Random events, ranges, and the occurrences that python-dateutil and zoneinfo find in them.

A case is a line: the zone for floating times, the range, the event with "|" between its lines, and the occurrences as
start/end in UTC. An occurrence is in the range if "start < DTEND AND end > DTSTART", or, without a length, if
"start <= DTSTART AND end > DTSTART" (RFC 4791 9.9).
"""
import datetime as dt
import zoneinfo

from dateutil.rrule import rrulestr

UTC = dt.timezone.utc
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "America/Sao_Paulo", "Asia/Tehran",
         "Africa/Casablanca", "Europe/Dublin", "Pacific/Auckland", "America/St_Johns", "Asia/Tokyo", "Pacific/Apia"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FORM = "%Y%m%dT%H%M%S"


def utc(local, zone):
    """The instant of a clock reading: fold 0 is the first of two, and the offset before a gap."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def rule(random):
    freq = random.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"])
    parts = [f"FREQ={freq}"]
    if random.random() < 0.5:
        parts.append(f"INTERVAL={random.randint(2, 5)}")
    if freq == "WEEKLY" and random.random() < 0.5:
        parts.append("BYDAY=" + ",".join(sorted(random.sample(DAYS, random.randint(1, 4)))))
    if freq == "MONTHLY" and random.random() < 0.5:
        parts.append(random.choice(["BYMONTHDAY=-1", "BYDAY=2TU", "BYDAY=-1FR", "BYMONTHDAY=13,31", "BYDAY=MO,TU,WE;BYSETPOS=-2"]))
    if freq == "YEARLY" and random.random() < 0.5:
        parts.append(random.choice(["BYMONTH=3,10;BYDAY=-1SU", "BYYEARDAY=-1,60", "BYWEEKNO=10,44;BYDAY=SU", "BYMONTH=2;BYMONTHDAY=29"]))
    return ";".join(parts)


class Event:
    def __init__(self, random):
        self.random = random
        self.kind = random.choice(["zoned", "zoned", "zoned", "utc", "floating", "date"])
        self.floating = zoneinfo.ZoneInfo(random.choice(ZONES))
        self.zone = zoneinfo.ZoneInfo(random.choice(ZONES)) if self.kind == "zoned" else UTC if self.kind == "utc" else self.floating
        year = random.choice([1931, 1962, 1975, 1999, 2007, 2015, 2026, 2036, 2050, 2085, 2099])
        # Near the days on which clocks change, at the hours at which they do.
        month, day = random.choice([(3, 28), (3, 8), (10, 24), (11, 1), (4, 2), (9, 25), (1, 15), (6, 10)])
        self.start = dt.datetime(year, month, day, random.choice([0, 1, 2, 2, 3, 9, 23]), random.choice([0, 30]))
        if self.kind == "date":
            self.start = self.start.replace(hour=0, minute=0)
        self.lines = []
        self.length()
        self.rule = rule(random) if random.random() < 0.85 else None
        if self.kind == "date" and self.rule and "HOURLY" in self.rule:
            self.rule = None

    def text(self, value):
        return value.strftime("%Y%m%d" if self.kind == "date" else FORM) + ("Z" if self.kind == "utc" else "")

    def line(self, name, values):
        parameter = ";VALUE=DATE" if self.kind == "date" else f";TZID={self.zone.key}" if self.kind == "zoned" else ""
        self.lines.append(f"{name}{parameter}:" + ",".join(map(self.text, values)))

    def length(self):
        """How an end is had from a start: `self.end(local)`."""
        random = self.random
        choice = random.choice(["none", "end", "days", "exact", "mixed"])
        days, hours = random.randint(0, 3), random.randint(0, 30)
        if self.kind == "date":
            hours = 0
            days = max(1, days)
        if choice == "none":
            nominal, exact = (1 if self.kind == "date" else 0), 0
        elif choice == "end":
            end = self.start + dt.timedelta(days=days, hours=hours)
            if utc(end, self.zone) <= utc(self.start, self.zone):
                return self.length()
            self.line("DTEND", [end])
            if self.kind == "date":
                nominal, exact = days, 0
            else:
                nominal, exact = 0, (utc(end, self.zone) - utc(self.start, self.zone)).total_seconds()
        else:
            nominal = 0 if choice == "exact" else days
            exact = 0 if choice == "days" or self.kind == "date" else hours * 3600
            if choice == "exact" and self.kind == "date":
                nominal = days
            self.lines.append(f"DURATION:P{nominal}D" + (f"T{exact // 3600}H" if exact else ""))
        self.end = lambda local: utc(local + dt.timedelta(days=nominal), self.zone) + dt.timedelta(seconds=exact)

    def starts(self, until):
        if not self.rule:
            return [self.start]
        text = self.rule
        random = self.random
        choice = random.random()
        if choice < 0.2:
            text += f";COUNT={random.randint(1, 40)}"
        found = []
        for value in rrulestr(text, dtstart=self.start):
            if value > until:
                break
            found.append(value)
        if 0.2 <= choice < 0.4 and len(found) > 3:
            last = random.choice(found[: len(found) // 2 + 1])
            if self.kind in ("zoned", "utc"):
                text += ";UNTIL=" + utc(last, self.zone).strftime(FORM) + "Z"
                # What the clock shows twice is one instant: the first.
                found = [value for value in found if value <= last]
            else:
                text += ";UNTIL=" + self.text(last)
                found = [value for value in found if value <= last]
        self.lines.append("RRULE:" + text)
        return found


def case(random):
    """A case; None where the event drawn has nothing to say."""
    event = Event(random)
    begin = event.start + dt.timedelta(days=random.choice([0, 3, 40] if event.rule and "HOURLY" in event.rule else [0, 3, 40, 400, 900]), hours=random.randint(-30, 30))
    width = random.choice([dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7), dt.timedelta(days=90)])
    low, high = begin.replace(tzinfo=UTC), (begin + width).replace(tzinfo=UTC)
    if event.rule:  # from a start that the rule makes
        event.lines = []
        first = next(iter(rrulestr(event.rule, dtstart=event.start)), None)
        if first is None:
            return None
        event.start = first
        event.length()
    starts = event.starts(begin + width + dt.timedelta(days=3))
    if len(starts) > 20000 or not starts:
        return None
    if event.rule and random.random() < 0.3:
        left_out = random.sample(starts, min(len(starts), 2))
        event.line("EXDATE", left_out)
        starts = [value for value in starts if value not in left_out]
    if event.rule and random.random() < 0.3:
        more = [event.start + dt.timedelta(days=random.randint(1, 4000), hours=0 if event.kind == "date" else random.randint(0, 20))]
        event.line("RDATE", more)
        starts = sorted(set(starts + more))
    found = {}
    near = dt.timedelta(days=8)
    for value in starts:
        if not begin - near < value < begin + width + near:
            continue
        start, end = utc(value, event.zone), event.end(value)
        if start < high and (low < end if end > start else low <= start):
            found.setdefault(start, end)  # an hour that the clock leaps over is the instant of the one after
    if len(found) > 60:
        return None
    event.line("DTSTART", [event.start])
    text = "|".join(event.lines)
    pairs = [start.strftime(FORM) + "Z/" + end.strftime(FORM) + "Z" for start, end in sorted(found.items())]
    return " ".join([event.floating.key, low.strftime(FORM) + "Z", high.strftime(FORM) + "Z", text] + pairs)
