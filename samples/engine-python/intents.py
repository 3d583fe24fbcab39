"""What a text asks for, by words. The first line that matches wins, so the order is the rule."""

from __future__ import annotations

import re

_PATTERNS = [
    ("person", r"\b(human|person|agent|representative|operator|manager|colleague|complain|complaint|(talk|speak) (to|with) (someone|somebody))\b"),
    ("cancel", r"\b(cancel|cancelled|cancellation|call off)\b"),
    ("address", r"\b(address|send it (to|somewhere)|deliver it (to|somewhere)|i (have )?moved)\b"),
    ("return", r"\b(return|returns|returning|send (it|them) back|exchange|wrong (item|thing|one|size)|broken|damaged|defective|doesn.?t (work|fit))\b"),
    ("refund", r"\b(refund|refunds|refunded|money back|reimburse|reimbursed)\b"),
    ("items", r"\b(items?|what did i (order|buy)|what.?s in|what is in|contents|how much|total|price|cost|paid)\b"),
    ("eta", r"\b(when|eta|arrive|arrives|arriving|arrival|how long|delivery date|delivery time)\b"),
    ("tracking", r"\b(track|tracking|carrier|courier|who delivers)\b"),
    ("buy", r"\b(buy|purchase|place an order|new order|in stock|catalogue)\b"),
    ("status", r"\b(status|where.?s|where is|where are|order|orders|parcel|package|delivery|delivered|update)\b"),
    ("help", r"\b(help|what can you do|options|menu)\b|^\?+$"),
    ("thanks", r"\b(thanks|thank you|thx|cheers|great|perfect|awesome)\b"),
    ("bye", r"\b(bye|goodbye|see you|that.?s all|nothing else)\b"),
    ("yes", r"^(yes|yeah|yep|yup|sure|ok|okay|please do|do it|correct|right|exactly)\b"),
    ("no", r"^(no|nope|not now|never ?mind|keep it|forget it)\b"),
]
_COMPILED = [(intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _PATTERNS]
_NAMES = {intent for intent, _ in _PATTERNS}

_REFUSAL = re.compile(r"^(no|nope)\b.*\b(don.?t|do not|keep)\b|^(please )?(don.?t|do not) ", re.IGNORECASE)
_NAME = re.compile(r"\b(?:my name is|my name.s|i am called|i.m called)\s+([a-z][a-z'\-]{1,30})\b", re.IGNORECASE)
_GREETING = re.compile(r"^\s*(hi there|hello there|hi|hello|hey|hiya|good (morning|afternoon|evening|day))\b[\s,.!]*", re.IGNORECASE)
_DAMAGED = re.compile(r"\b(damaged|broken|defective|cracked|torn|scratched|doesn.?t work)\b", re.IGNORECASE)
_WRONG = re.compile(r"\bwrong\b", re.IGNORECASE)


def of(text: str) -> str | None:
    # A refusal comes first: "no, don't cancel it" asks for nothing.
    if _REFUSAL.search(text):
        return "no"
    return next((intent for intent, pattern in _COMPILED if pattern.search(text)), None)


def named(name: str) -> str | None:
    """The intent of a name, as buttons and the context carry it; None for a name that is not ours."""
    return name if name in _NAMES else None


def name_in(text: str) -> str | None:
    match = _NAME.search(text)
    return match.group(1) if match else None


def after_greeting(text: str) -> str | None:
    """The text after a leading greeting; None when it does not start with one."""
    match = _GREETING.match(text)
    return text[match.end():] if match else None


def return_reason(text: str) -> str | None:
    return "damaged" if _DAMAGED.search(text) else "wrong" if _WRONG.search(text) else None
