"""The orders of the demo shop. There is no list of them: everything about one follows from the SHA-256 of its number."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta

SHOP = "Larch & Loom"

# Name and price in cents. The order of the lines matters: order numbers are mapped to places in it.
PRODUCTS = [
    ("Walnut desk lamp", 4990),
    ("Linen duvet cover", 7900),
    ("Set of 4 stoneware mugs", 3450),
    ("Cast-iron pan", 6400),
    ("Wool throw", 8900),
    ("Oak side table", 14900),
    ("Brass picture frame", 2490),
    ("Bamboo cutting board", 2990),
    ("Espresso maker", 3990),
    ("Pair of bath towels", 2750),
    ("Ceramic plant pot", 1990),
    ("Set of 3 beeswax candles", 2200),
]
STATUSES = ["processing", "packed", "shipped", "shipped", "out_for_delivery", "delivered", "delivered", "delayed"]
CARRIERS = [("Swift Parcel", "SP"), ("Northline", "NL"), ("Green Van", "GV"), ("Harbour Post", "HP")]

_NUMBER = re.compile(r"(?<![0-9a-z])(?:ORD[ \-]?|#)([0-9]{6})(?![0-9a-z])", re.IGNORECASE)
_BARE = re.compile(r"(?<![0-9a-z])(?:ORD[ \-]?|#)?([0-9]{6})(?![0-9a-z])", re.IGNORECASE)
_MALFORMED = re.compile(r"(?<![0-9a-z])ORD[ \-]?[0-9]+", re.IGNORECASE)


@dataclass(frozen=True)
class Order:
    number: str
    status: str
    lines: tuple  # of (quantity, name, price in cents)
    eta_days: int
    carrier: str
    tracking: str

    @property
    def total(self) -> str:
        return money(sum(quantity * price for quantity, _, price in self.lines))

    @property
    def contents(self) -> str:
        """For example: 2 × Wool throw and 1 × Espresso maker."""
        return listing([f"{quantity} × {name}" for quantity, name, _ in self.lines])

    def arrives_on(self, first_asked: date) -> date:
        return first_asked + timedelta(days=self.eta_days)

    def status_on(self, first_asked: date, today: date) -> str:
        """How far it is today, when it was as `status` says on the day somebody first asked."""
        left = (self.arrives_on(first_asked) - today).days
        if left < 0:
            return "delivered"
        if left == 0:
            return "out_for_delivery"
        if left <= 2 and today > first_asked:
            return "shipped"
        return self.status


def number_in(text: str, bare: bool) -> str | None:
    """The order number in a text, as ORD123456. With bare, six digits alone are one too."""
    match = (_BARE if bare else _NUMBER).search(text)
    return "ORD" + match.group(1) if match else None


def has_malformed_number(text: str) -> bool:
    return number_in(text, bare=False) is None and _MALFORMED.search(text) is not None


def find(number: str) -> Order | None:
    """The order of a number; None when the shop has none (ORD000000)."""
    if number == "ORD000000":
        return None
    digest = hashlib.sha256(number.encode("ascii")).digest()
    status = STATUSES[digest[0] % len(STATUSES)]
    carrier, prefix = CARRIERS[digest[9] % len(CARRIERS)]
    return Order(number, status, _lines(digest), _eta(status, digest[8]), carrier, prefix + digest[10:14].hex().upper())


def _lines(digest: bytes) -> tuple:
    lines, taken = [], set()
    for i in range(1 + digest[1] % 3):
        place = digest[2 + i] % len(PRODUCTS)
        while place in taken:
            place = (place + 1) % len(PRODUCTS)
        taken.add(place)
        lines.append((1 + digest[5 + i] % 2, *PRODUCTS[place]))
    return tuple(lines)


def _eta(status: str, chance: int) -> int:
    return {
        "processing": 4 + chance % 3,
        "packed": 3 + chance % 2,
        "shipped": 1 + chance % 3,
        "out_for_delivery": 0,
        "delivered": -1 - chance % 6,
        "delayed": 5 + chance % 4,
    }[status]


# Lists, amounts and days as people say them. Names of days are spelt out here: strftime would follow the machine's locale.
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def listing(items: list) -> str:
    return "".join(items) if len(items) < 2 else ", ".join(items[:-1]) + " and " + items[-1]


def money(cents: int) -> str:
    return f"€{cents // 100}.{cents % 100:02d}"


def day(when: date, today: date) -> str:
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((when - today).days)
    return named or f"on {_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]}"
