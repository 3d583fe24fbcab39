using System.Text;
using Confluent.Kafka;
using Parley.Chaos.History;
using Parley.Common.Records;

namespace Parley.Chaos.Workload;

/// <summary>Another system that writes <c>parley.inbound</c> itself: good records under ids of its own, and now and then rubbish.</summary>
internal sealed class ForeignProducer : IDisposable
{
    private readonly IProducer<string?, byte[]?> _producer;
    private readonly RunHistory _history;

    public ForeignProducer(string bootstrapServers, RunHistory history)
    {
        _history = history;
        _producer = new ProducerBuilder<string?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, EnableIdempotence = true, Acks = Acks.All, LingerMs = 2, Partitioner = Partitioner.Murmur2Random, MessageTimeoutMs = 30_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    public async Task<Outcome> SendAsync(Conversation conversation, IReadOnlyList<MessageKey> messages)
    {
        var began = RunHistory.Now;
        var sent = messages.Select(m => ProduceAsync(RecordCodec.Encode(Message(conversation, m), "/another/system"))).ToList();
        var outcome = (await Task.WhenAll(sent)).All(ok => ok) ? Outcome.Ok : Outcome.Info;
        _history.Add(new Delivery("records", began, RunHistory.Now, Intent.Valid, messages, outcome, 0));
        return outcome;
    }

    /// <summary>A record that nobody can read, of one of several kinds, under a conversation's key.</summary>
    public async Task CorruptAsync(Conversation conversation, ChaosTenant other, Random random)
    {
        var key = new MessageKey(conversation.Tenant.Id, conversation.Name, -1);
        var good = RecordCodec.Encode(Message(conversation, key), "/another/system");
        var bad = random.Next(5) switch
        {
            0 => good with { Value = "{\"tenant\":"u8.ToArray() },
            1 => good with { Headers = [.. good.Headers.Select(h => h.Key == "ce_type" ? new KeyValuePair<string, byte[]>("ce_type", "parley.message.v99"u8.ToArray()) : h)] },
            2 => good with { Value = null },
            3 => good with { Key = "no key of ours" },
            // In one's own name on another tenant's account.
            _ => RecordCodec.Encode(Message(conversation, key) with { Account = other.Account }, "/another/system"),
        };
        var began = RunHistory.Now;
        var done = await ProduceAsync(bad);
        _history.Add(new Delivery("corrupt", began, RunHistory.Now, Intent.Corrupt, [key], done ? Outcome.Ok : Outcome.Info, 0));
    }

    public void Dispose() => _producer.Dispose();

    private static InboundMessage Message(Conversation conversation, MessageKey key) => new()
    {
        Tenant = conversation.Tenant.Id,
        ConversationId = conversation.Name,
        Channel = "whatsapp",
        Account = conversation.Tenant.Account,
        Participant = new Participant(conversation.Phone),
        MessageId = MessageText.Id(key),
        Content = new MessageContent { Type = "text", Text = MessageText.Of(key, conversation.Tenant.Canary) },
    };

    private async Task<bool> ProduceAsync(KafkaRecord record)
    {
        var headers = new Headers();
        foreach (var (name, value) in record.Headers) headers.Add(name, value);
        try
        {
            await _producer.ProduceAsync(Topics.Inbound, new Message<string?, byte[]?> { Key = record.Key, Value = record.Value, Headers = headers });
            return true;
        }
        catch (ProduceException<string?, byte[]?>)
        {
            return false;
        }
    }
}
