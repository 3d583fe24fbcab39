namespace Parley.Standalone.DemoEngine;

/// <summary>One text of the customer: what it is about, and who answers it.</summary>
internal static class Dialogue
{
    /// <param name="memory">Of the conversation so far.</param>
    /// <param name="text">What the customer wrote, or the title of the button.</param>
    /// <param name="chosen">What the button stands for; None for written text.</param>
    /// <param name="name">The customer's first name, when known.</param>
    /// <param name="today">Dates count from here.</param>
    public static Answer Answer(Memory memory, string text, Intent chosen, string? name, DateOnly today)
    {
        text = text.Trim();
        if (memory.Expecting == Expecting.Address && Changes.LooksLikeAddress(text) && OrderOf(memory) is { } moving)
        {
            return Changes.SetAddress(memory, moving, text, today);
        }

        if (Intents.NameIn(text) is { } given) (memory, name) = (memory with { Name = given }, given);
        var rest = Intents.AfterGreeting(text);
        var answer = Topic(memory with { Greeted = memory.Greeted || rest is not null }, rest ?? text, chosen, name, today);
        if (answer is null) return SmallTalk.Greet(memory, name, introduced: Intents.NameIn(text) is not null);

        return rest is not null && !memory.Greeted ? answer with { Text = $"{SmallTalk.Hello(name)} {answer.Text}" } : answer;
    }

    /// <summary>The answer to the text; null when nothing is left of it but a greeting or a name.</summary>
    private static Answer? Topic(Memory memory, string text, Intent chosen, string? name, DateOnly today)
    {
        var number = Order.NumberIn(text, bare: memory.Expecting != Expecting.Address);
        var intent = chosen != Intent.None ? chosen : Intents.Of(text);
        if (number is not null) return WithNumber(memory, number, intent, text, name, today);
        if (Order.HasMalformedNumber(text))
        {
            return OrderTopics.AskAgain(memory, intent == Intent.None ? memory.Topic : intent, "That number is not complete: it is ORD and six digits, for example ORD123456.");
        }

        if (intent == Intent.None && (text.Length == 0 || Intents.NameIn(text) is not null)) return null;

        return Expected(memory, intent, text, today) ?? About(memory, intent, name, today);
    }

    private static Answer WithNumber(Memory memory, string number, Intent intent, string text, string? name, DateOnly today)
    {
        // "ORD123456" alone goes on with what was asked for; with nothing asked for it is a question about the order.
        if (intent is Intent.None or Intent.Yes or Intent.No or Intent.Thanks or Intent.Help)
        {
            intent = memory.Expecting == Expecting.OrderNumber && memory.Topic != Intent.None ? memory.Topic : Intent.Status;
        }

        if (Order.Find(number) is null) return OrderTopics.AskAgain(memory, intent, $"I cannot find an order {number}. Could you check the number?");

        memory = memory with { Order = number, Expecting = null, Topic = Intent.None };
        memory = memory.WithNotes(number, memory.NotesOf(number, today));
        return intent == Intent.Return && Returns.ReasonIn(text) is not null ? Returns.Start(memory, Order.Find(number)!, text, today) : About(memory, intent, name, today);
    }

    /// <summary>The answer to what the assistant asked for; null when the text is about something else.</summary>
    private static Answer? Expected(Memory memory, Intent intent, string text, DateOnly today) => (memory.Expecting, intent) switch
    {
        (Expecting.CancelConfirmation, Intent.Yes or Intent.Cancel) when OrderOf(memory) is { } order => Changes.Cancel(memory, order, today),
        (Expecting.ReturnConfirmation, Intent.Yes or Intent.Return) when OrderOf(memory) is { } order => Returns.AskReason(memory, order),
        (Expecting.ReturnReason, Intent.None or Intent.Return or Intent.Items) when OrderOf(memory) is { } order => Returns.Register(memory, order, text, today),
        (Expecting.PersonConfirmation, Intent.Yes) => SmallTalk.HandOff(memory),
        (Expecting.Address, Intent.None or Intent.Yes) => Changes.AskAddress(memory, "I need the whole address: street, number and town. Or say \"never mind\"."),
        (Expecting.OrderNumber, Intent.None or Intent.Yes) => OrderTopics.AskAgain(memory, memory.Topic, "I need the order number for that: it is ORD and six digits, for example ORD123456."),
        (not null, Intent.No) => SmallTalk.LeaveIt(memory),
        _ => null,
    };

    private static Answer About(Memory memory, Intent intent, string? name, DateOnly today)
    {
        switch (intent)
        {
            case Intent.Person: return SmallTalk.HandOff(memory);
            case Intent.Buy: return SmallTalk.CannotSell(memory);
            case Intent.Help: return SmallTalk.Help(memory);
            case Intent.Thanks: return SmallTalk.Welcome(memory, name);
            case Intent.Bye: return SmallTalk.Goodbye(memory);
            case Intent.Yes or Intent.No: return SmallTalk.WhatElse(memory);
            case Intent.None: return SmallTalk.Puzzled(memory);
        }

        if (OrderOf(memory) is not { } order) return OrderTopics.AskNumber(memory, intent);
        return intent switch
        {
            Intent.Cancel => Changes.AskCancel(memory, order, today),
            Intent.Address => Changes.Address(memory, order, today),
            Intent.Return => Returns.Start(memory, order, "", today),
            Intent.Refund => Returns.Refund(memory, order, today),
            Intent.Items => OrderTopics.Items(memory, order),
            Intent.Eta => OrderTopics.Eta(memory, order, today),
            Intent.Tracking => OrderTopics.Tracking(memory, order, today),
            _ => OrderTopics.Status(memory, order, today),
        };
    }

    private static Order? OrderOf(Memory memory) => memory.Order is { } number ? Order.Find(number) : null;
}
