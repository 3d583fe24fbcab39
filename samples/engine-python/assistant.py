"""An assistant for the orders of a shop: one message and what is remembered in, an answer and what to remember out.

It keeps nothing itself. All it knows of a conversation is the context that Parley stores and sends along with the next turn,
so any number of these servers may run, and any of them may answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import intents
import orders

ACTIONS = {
    "status": "Order status",
    "tracking": "Track the parcel",
    "cancel": "Cancel the order",
    "address": "Change the address",
    "return": "Return something",
    "refund": "Ask for a refund",
    "person": "Talk to a person",
}
START = ["status", "return", "person"]
LABEL = "Put the things into any box; the label comes by email."
EXAMPLE = "for example ORD123456"


@dataclass(frozen=True)
class Notes:
    """What the customer did to an order. Its dates count from `day`, when it first came up, so that they stay the same tomorrow."""

    day: date
    cancelled: bool = False
    address: str | None = None
    return_number: str | None = None

    @staticmethod
    def read(value) -> Notes | None:
        try:
            return Notes(date.fromisoformat(value["day"]), value.get("cancelled") is True, _text(value, "address"), _text(value, "return"))
        except (TypeError, KeyError, ValueError):
            return None

    def write(self) -> dict:
        kept = {"day": self.day.isoformat(), "cancelled": self.cancelled, "address": self.address, "return": self.return_number}
        return {name: value for name, value in kept.items() if value}


@dataclass(frozen=True)
class Memory:
    """The turn's context. What is missing from it or of another kind (another engine's context) counts as not known."""

    name: str | None = None
    greeted: bool = False
    order: str | None = None  # the order last talked about: what "it" means
    topic: str | None = None  # what the customer was after when we asked back
    expecting: str | None = None  # what we asked for
    puzzled: int = 0  # messages in a row that were not understood
    orders: dict = field(default_factory=dict)

    @staticmethod
    def read(context: dict) -> "Memory":
        noted = context.get("orders")
        noted = noted if isinstance(noted, dict) else {}
        puzzled = context.get("puzzled")
        return Memory(
            name=_text(context, "name"),
            greeted=context.get("greeted") is True,
            order=_text(context, "order"),
            topic=intents.named(_text(context, "topic") or ""),
            expecting=_text(context, "expecting"),
            puzzled=int(min(max(puzzled, 0), 100)) if isinstance(puzzled, float) else 0,
            orders={number: notes for number, value in noted.items() if (notes := Notes.read(value))},
        )

    def write(self) -> dict:
        kept = {
            "name": self.name, "greeted": self.greeted, "order": self.order, "topic": self.topic, "expecting": self.expecting,
            "puzzled": float(self.puzzled), "orders": {number: notes.write() for number, notes in sorted(self.orders.items())},
        }
        return {name: value for name, value in kept.items() if value}

    def notes_of(self, order: orders.Order, today: date) -> Notes:
        return self.orders.get(order.number) or Notes(today)

    def with_notes(self, order: orders.Order, notes: Notes) -> "Memory":
        return replace(self, orders={**self.orders, order.number: notes})


@dataclass(frozen=True)
class Answer:
    memory: Memory
    text: str
    actions: tuple = ()  # of (id, title)
    hand_off: bool = False
    confidence: float = 0.95


def answer(memory: Memory, content: dict, name: str | None, today: date) -> Answer:
    """Answers one message. `content` has type, text, choice_id and data, as in the contract."""
    kind, text = content.get("type") or "text", content.get("text", "")
    if kind == "text":
        return _answer_text(memory, text, None, name, today)
    if kind == "choice":
        choice = content.get("choice_id", "")
        return _answer_text(memory, text or choice, intents.named(choice), name, today)
    if kind in ("image", "video", "document"):
        return _answer_file(memory, kind, text, name, today)
    if kind == "location":
        return _answer_location(memory, content.get("data") or {}, today)
    if kind == "audio":
        return _keep(memory, "I cannot listen to voice messages yet. Could you type it for me?")
    if kind == "sticker":
        return _keep(memory, "Nice one! What can I do for you?", "status", "person")
    if kind == "contacts":
        return _keep(memory, "Thank you, but I cannot do anything with contact cards. What can I do for you?", "status", "person")
    if kind == "reaction":
        return _keep(memory, "")
    if kind == "order":
        return _keep(memory, "I cannot take new orders in this chat, please use the shop's website. I can help with an order you have placed.", "status", "person")
    return _keep(memory, "I could not open what you sent. Could you describe it in words?")


# Finding out what a text is about.

def _answer_text(memory, text, chosen, name, today):
    text = text.strip()
    if memory.expecting == "address" and _looks_like_address(text) and (order := _order(memory)):
        return _set_address(memory, order, text, today)

    given = intents.name_in(text)
    if given:
        memory, name = replace(memory, name=given), given
    rest = intents.after_greeting(text)
    topic = _topic(replace(memory, greeted=memory.greeted or rest is not None), text if rest is None else rest, chosen, name, today)
    if topic is None:
        return _greet(memory, name, introduced=given is not None)
    if rest is not None and not memory.greeted:
        return replace(topic, text=f"{_hello(name)} {topic.text}")
    return topic


def _topic(memory, text, chosen, name, today):
    """The answer to the text; None when nothing is left of it but a greeting or a name."""
    number = orders.number_in(text, bare=memory.expecting != "address")
    intent = chosen or intents.of(text)
    if number:
        return _with_number(memory, number, intent, text, name, today)
    if orders.has_malformed_number(text):
        return _ask_again(memory, intent or memory.topic, f"That number is not complete: it is ORD and six digits, {EXAMPLE}.")
    if intent is None and (not text or intents.name_in(text)):
        return None
    return _expected(memory, intent, text, today) or _about(memory, intent, name, today)


def _with_number(memory, number, intent, text, name, today):
    # "ORD123456" alone goes on with what was asked for; with nothing asked for it is a question about the order.
    if intent in (None, "yes", "no", "thanks", "help"):
        intent = memory.topic if memory.expecting == "order_number" and memory.topic else "status"
    order = orders.find(number)
    if order is None:
        return _ask_again(memory, intent, f"I cannot find an order {number}. Could you check the number?")
    memory = replace(memory, order=number, expecting=None, topic=None)
    memory = memory.with_notes(order, memory.notes_of(order, today))
    if intent == "return" and intents.return_reason(text):
        return _start_return(memory, order, text, today)
    return _about(memory, intent, name, today)


def _expected(memory, intent, text, today):
    """The answer to what we asked for; None when the text is about something else."""
    order, expecting = _order(memory), memory.expecting
    if expecting == "cancel_confirmation" and intent in ("yes", "cancel") and order:
        return _cancel(memory, order, today)
    if expecting == "return_confirmation" and intent in ("yes", "return") and order:
        return _ask_reason(memory, order)
    if expecting == "return_reason" and intent in (None, "return", "items") and order:
        return _register_return(memory, order, text, today)
    if expecting == "person_confirmation" and intent == "yes":
        return _hand_off(memory)
    if expecting == "address" and intent in (None, "yes"):
        return _ask(memory, "address", "address", 'I need the whole address: street, number and town. Or say "never mind".')
    if expecting == "order_number" and intent in (None, "yes"):
        return _ask_again(memory, memory.topic, f"I need the order number for that: it is ORD and six digits, {EXAMPLE}.")
    if expecting and intent == "no":
        left = f"All right, I leave order {memory.order} as it is." if memory.order else "All right."
        return _say(memory, f"{left} Is there anything else?", "status", "person")
    return None


def _about(memory, intent, name, today):
    if intent == "person":
        return _hand_off(memory)
    if intent == "buy":
        return _say(memory, "I cannot take new orders in this chat, please use the shop's website. I can help with an order you have placed.", *START)
    if intent == "help":
        return _say(
            memory, "I can tell you where an order is and when it arrives, what is in it, cancel it or change its address before it leaves, "
            "start a return, and get you a person. Just give me the order number.", *START)
    if intent == "thanks":
        return _say(memory, f"You are welcome{', ' + name if name else ''}! Is there anything else?", "status", "person")
    if intent == "bye":
        return _say(memory, f"Goodbye, and thank you for shopping at {orders.SHOP}!")
    if intent in ("yes", "no"):
        return _say(memory, "All right. What can I do for you?", *START)
    if intent is None:
        return _puzzled(memory)

    order = _order(memory)
    if order is None:
        return _ask(memory, intent, "order_number", f"Which order is it about? The number starts with ORD, {EXAMPLE}.")
    topics = {
        "cancel": _ask_cancel, "address": _address, "return": lambda m, o, t: _start_return(m, o, "", t), "refund": _refund,
        "items": _items, "eta": _eta, "tracking": _tracking,
    }
    return topics.get(intent, _status)(memory, order, today)


# Questions about an order that change nothing.

def _status(memory, order, today):
    notes, what = memory.notes_of(order, today), f"Order {order.number} ({order.contents})"
    if notes.cancelled:
        return _say(memory, f"{what} was cancelled at your request. {_money_back(order)}", "person")
    arrives = _arrival(order, notes, today)
    status = order.status_on(notes.day, today)
    if status == "processing":
        return _say(memory, f"{what} is being prepared. It should arrive {arrives}.", "cancel", "address", "person")
    if status == "packed":
        return _say(memory, f"{what} is packed and waits for the carrier. It should arrive {arrives}.", "cancel", "address", "person")
    if status == "shipped":
        return _say(memory, f"{what} is on its way with {order.carrier}. It should arrive {arrives}.", "tracking", "person")
    if status == "out_for_delivery":
        return _say(memory, f"{what} is out for delivery with {order.carrier}. It should arrive {arrives}.", "tracking", "person")
    if status == "delivered":
        return _say(memory, f"{what} was delivered {arrives}.", "return", "refund", "person")
    return _say(
        memory, f"{what} is delayed: {order.carrier} holds it at the depot, and I am sorry for that. It should arrive {arrives}.", "tracking", "person")


def _eta(memory, order, today):
    notes = memory.notes_of(order, today)
    if notes.cancelled:
        return _say(memory, f"Order {order.number} was cancelled, so nothing will arrive.", "person")
    arrives, to = _arrival(order, notes, today), f" at {notes.address}" if notes.address else ""
    if order.status_on(notes.day, today) == "delivered":
        return _say(memory, f"Order {order.number} has arrived: it was delivered {arrives}{to}.", "return", "person")
    return _say(memory, f"Order {order.number} should arrive {arrives}{to}.", "tracking", "person")


def _items(memory, order, today):
    return _say(memory, f"Order {order.number}: {order.contents}, {order.total} in all.", "status", "person")


def _tracking(memory, order, today):
    notes = memory.notes_of(order, today)
    if notes.cancelled:
        return _say(memory, f"Order {order.number} was cancelled, so there is no parcel to track.", "person")
    if order.status_on(notes.day, today) in ("processing", "packed"):
        return _say(memory, f"Order {order.number} has not left our warehouse yet, so there is no tracking number.", "status", "person")
    return _say(memory, f"Order {order.number} travels with {order.carrier}, tracking number {order.tracking}.", "status", "person")


# Cancelling and redirecting: both only until the order has left the house.

def _ask_cancel(memory, order, today):
    notes = memory.notes_of(order, today)
    if notes.cancelled:
        return _say(memory, f"Order {order.number} is cancelled already. {_money_back(order)}", "person")
    status = order.status_on(notes.day, today)
    if status in ("processing", "packed"):
        return _ask(
            memory, "cancel", "cancel_confirmation", f"Shall I cancel order {order.number} ({order.contents})?",
            ("yes", "Yes, cancel it"), ("no", "No, keep it"))
    if status == "delivered":
        return _say(memory, f"Order {order.number} has been delivered, so I cannot cancel it. You can return it.", "return", "person")
    return _say(
        memory, f"Order {order.number} is on its way, so I cannot cancel it any more. You can return it once it has arrived.", "tracking", "person")


def _cancel(memory, order, today):
    notes = replace(memory.notes_of(order, today), cancelled=True)
    return _say(memory.with_notes(order, notes), f"Done, order {order.number} is cancelled. {_money_back(order)}", "person")


def _address(memory, order, today):
    notes = memory.notes_of(order, today)
    if notes.cancelled:
        return _say(memory, f"Order {order.number} was cancelled, so it goes nowhere.", "person")
    status = order.status_on(notes.day, today)
    if status in ("processing", "packed"):
        return _ask(memory, "address", "address", f"Where should order {order.number} go? Please write the whole address.")
    if status == "delivered":
        return _say(memory, f"Order {order.number} has been delivered already.", "return", "person")
    return _say(
        memory, f"Order {order.number} is on its way and I cannot redirect it. {order.carrier} may, with tracking number {order.tracking}.",
        "tracking", "person")


def _set_address(memory, order, address, today):
    address = ", ".join(line.strip() for line in address.split("\n") if line.strip())
    notes = replace(memory.notes_of(order, today), address=address)
    return _say(
        memory.with_notes(order, notes),
        f"Thank you. Order {order.number} goes to {address} and should arrive {_arrival(order, notes, today)}.", "status", "person")


def _looks_like_address(text):
    """Letters and a digit, not too short, not a question, not an order number, not a request for a person."""
    return (
        8 <= len(text) <= 200 and any(c.isalpha() for c in text) and any(c in "0123456789" for c in text) and "?" not in text
        and orders.number_in(text, bare=False) is None and intents.of(text) != "person")


# Sending things back, and the money for them.

def _start_return(memory, order, reason, today):
    notes = memory.notes_of(order, today)
    if notes.cancelled:
        return _say(memory, f"Order {order.number} was cancelled, so there is nothing to return. {_money_back(order)}", "person")
    if notes.return_number:
        return _say(memory, f"The return of order {order.number} is registered as {notes.return_number}. {LABEL}", "person")
    if order.status_on(notes.day, today) != "delivered":
        return _too_early(memory, order, notes, today)
    return _register_return(memory, order, reason, today) if intents.return_reason(reason) else _ask_reason(memory, order)


def _ask_reason(memory, order):
    return _ask(
        memory, "return", "return_reason", f"I can take back order {order.number} ({order.contents}). What is the reason?",
        ("damaged", "Damaged or broken"), ("wrong", "Wrong item"), ("unwanted", "Changed my mind"))


def _register_return(memory, order, reason, today):
    number = "RET" + order.number[len("ORD"):]
    notes = replace(memory.notes_of(order, today), return_number=number)
    sorry = {
        "damaged": "I am sorry that it did not reach you whole. A picture of the damage helps us. ",
        "wrong": "I am sorry that we sent the wrong thing. ",
    }.get(intents.return_reason(reason), "")
    return _say(
        memory.with_notes(order, notes),
        f"{sorry}Your return is registered as {number}. {LABEL} You get {order.total} back within 5 working days of its arrival.", "person")


def _refund(memory, order, today):
    notes = memory.notes_of(order, today)
    if notes.cancelled:
        return _say(memory, f"Order {order.number} was cancelled. {_money_back(order)}", "person")
    if notes.return_number:
        return _say(
            memory, f"The {order.total} for order {order.number} come back within 5 working days of return {notes.return_number} arriving here.", "person")
    if order.status_on(notes.day, today) == "delivered":
        return _ask(
            memory, "refund", "return_confirmation", f"A refund follows a return. Shall I start the return of order {order.number}?",
            ("yes", "Yes, return it"), ("no", "No, keep it"))
    return _too_early(memory, order, notes, today)


def _too_early(memory, order, notes, today):
    if order.status_on(notes.day, today) in ("processing", "packed"):
        return _say(memory, f"Order {order.number} has not left our warehouse yet: you can simply cancel it.", "cancel", "person")
    return _say(
        memory, f"Order {order.number} is still on its way and should arrive {_arrival(order, notes, today)}. You can return it then.", "tracking", "person")


# Around the orders.

def _greet(memory, name, introduced):
    first, memory = not memory.greeted, replace(memory, greeted=True)
    if first:
        return _say(
            memory, f"{_hello(name)} I am the order assistant of {orders.SHOP}. Give me an order number, {EXAMPLE}, and I look it up. "
            "I can also cancel or redirect an order, start a return, or get you a person.", *START)
    if introduced:
        return _keep(memory, f"Nice to meet you, {name}. What can I do for you?", *START)
    about = f"Is it about order {memory.order}?" if memory.order else "What can I do for you?"
    return _keep(memory, f"Hello again{', ' + name if name else ''}! {about}", *START)


def _puzzled(memory):
    if memory.puzzled == 0:
        said = _say(memory, "I did not quite get that. I know about orders: where they are, what is in them, cancelling, addresses and returns.", *START)
        return replace(said, memory=replace(said.memory, puzzled=1), confidence=0.3)
    return replace(_ask(
        memory, "person", "person_confirmation", "I am sorry, I still do not understand. Shall I get you a person?",
        ("yes", "Yes, please"), ("no", "No, thank you")), confidence=0.3)


def _hand_off(memory):
    said = _say(memory, "I am getting you a colleague, who can read what we have talked about and answers here. It usually takes a few minutes.")
    return replace(said, hand_off=True)


# Content that is not text.

def _answer_file(memory, kind, text, name, today):
    what = "picture" if kind == "image" else kind
    if not text:
        return _keep(memory, _filed(memory, what), "status", "person")
    caption = _answer_text(memory, text, None, name, today)
    return replace(caption, text=f"{caption.text}\n\n{_filed(caption.memory, what)}")


def _filed(memory, what):
    notes = memory.orders.get(memory.order)
    if notes and notes.return_number:
        return f"Thank you, I have put the {what} to return {notes.return_number}."
    return f"Thank you for the {what}. I cannot look into it, but a colleague can."


def _answer_location(memory, data, today):
    place = ", ".join(part for part in (_text(data, "name"), _text(data, "address")) if part)
    order = _order(memory)
    if memory.expecting == "address" and place and order:
        return _set_address(memory, order, place, today)
    return _keep(memory, 'Thank you for the location. If an order should go there, say "change the address" first.', "address", "status")


# The ways of answering.

def _say(memory, text, *actions):
    """An answer after which nothing in particular is expected."""
    return Answer(replace(memory, expecting=None, topic=None, puzzled=0), text, _titled(actions))


def _ask(memory, topic, expecting, text, *actions):
    """An answer that asks for something."""
    return Answer(replace(memory, expecting=expecting, topic=topic, puzzled=0), text, _titled(actions))


def _ask_again(memory, topic, text):
    return replace(_ask(memory, topic, "order_number", text), confidence=0.7)


def _keep(memory, text, *actions):
    """Says something and keeps waiting for what was asked."""
    return Answer(memory, text, _titled(actions), confidence=0.8)


def _titled(actions):
    return tuple(action if isinstance(action, tuple) else (action, ACTIONS[action]) for action in actions)


def _hello(name):
    return f"Hello {name}!" if name else "Hello!"


def _money_back(order):
    return f"The {order.total} are back in your account within 5 working days."


def _arrival(order, notes, today):
    return orders.day(order.arrives_on(notes.day), today)


def _order(memory):
    return orders.find(memory.order) if memory.order else None


def _text(values, name):
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, str) and value else None
