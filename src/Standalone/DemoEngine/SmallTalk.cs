namespace Parley.Standalone.DemoEngine;

/// <summary>What is said around the orders.</summary>
internal static class SmallTalk
{
    private static readonly Suggestion[] Start = [Suggestion.Status, Suggestion.Return, Suggestion.Person];

    public static string Hello(string? name) => name is null ? "Hello!" : $"Hello {name}!";

    public static Answer Greet(Memory memory, string? name, bool introduced)
    {
        var first = memory is { Greeted: false };
        memory = memory with { Greeted = true };
        if (first)
        {
            return Answer.Say(
                memory, $"{Hello(name)} I am the order assistant of {Catalogue.Shop}. Give me an order number, for example ORD123456, and I look it up. "
                + "I can also cancel or redirect an order, start a return, or get you a person.", Start);
        }

        if (introduced) return new Answer(memory, $"Nice to meet you, {name}. What can I do for you?") { Suggestions = Start };
        var about = memory.Order is { } order ? $" Is it about order {order}?" : " What can I do for you?";
        return new Answer(memory, $"Hello again{(name is null ? "" : ", " + name)}!{about}") { Suggestions = Start };
    }

    public static Answer Help(Memory memory) => Answer.Say(
        memory, "I can tell you where an order is and when it arrives, what is in it, cancel it or change its address before it leaves, start a return, and get you a person. "
        + "Just give me the order number.", Start);

    public static Answer HandOff(Memory memory) => Answer.Say(
        memory, "I am getting you a colleague, who can read what we have talked about and answers here. It usually takes a few minutes.") with { HandOff = true };

    public static Answer CannotSell(Memory memory) => Answer.Say(
        memory, "I cannot take new orders in this chat, please use the shop's website. I can help with an order you have placed.", Start);

    public static Answer Welcome(Memory memory, string? name) => Answer.Say(
        memory, $"You are welcome{(name is null ? "" : ", " + name)}! Is there anything else?", Suggestion.Status, Suggestion.Person);

    public static Answer Goodbye(Memory memory) => Answer.Say(memory, $"Goodbye, and thank you for shopping at {Catalogue.Shop}!");

    public static Answer LeaveIt(Memory memory) => Answer.Say(
        memory, memory.Order is { } order ? $"All right, I leave order {order} as it is. Is there anything else?" : "All right. Is there anything else?", Suggestion.Status, Suggestion.Person);

    public static Answer WhatElse(Memory memory) => Answer.Say(memory, "All right. What can I do for you?", Start);

    public static Answer Puzzled(Memory memory) => memory.Puzzled == 0
        ? Answer.Say(memory, "I did not quite get that. I know about orders: where they are, what is in them, cancelling, addresses and returns.", Start) with
        {
            Memory = memory with { Puzzled = 1, Expecting = null, Topic = Intent.None },
            Confidence = 0.3,
        }
        : Answer.Ask(
            memory, Intent.Person, Expecting.PersonConfirmation, "I am sorry, I still do not understand. Shall I get you a person?",
            new Suggestion("yes", "Yes, please"), new Suggestion("no", "No, thank you")) with { Confidence = 0.3 };
}
