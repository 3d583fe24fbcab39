using System.Text.Json;

namespace Parley.TestKit.Dialogues;

/// <summary><c>samples/dialogues.json</c>: what the demo assistant answers, in whichever form it runs.</summary>
public static class SampleDialogues
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<SampleDialogue> All { get; } = Read();

    private static IReadOnlyList<SampleDialogue> Read()
    {
        using var file = File.OpenRead(Path.Combine(Repository.Root, "samples", "dialogues.json"));
        return JsonSerializer.Deserialize<DialogueFile>(file, SnakeCase)!.Dialogues;
    }

    private sealed record DialogueFile(IReadOnlyList<SampleDialogue> Dialogues);
}
