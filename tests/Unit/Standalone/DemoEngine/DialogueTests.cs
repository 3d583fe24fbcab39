using Parley.Standalone.DemoEngine;
using Parley.TestKit.Dialogues;

namespace Parley.Unit.Standalone.DemoEngine;

public sealed class DialogueTests
{
    public static TheoryData<string> Names => [.. SampleDialogues.All.Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answers_as_the_sample_dialogues_say(string name)
    {
        var dialogue = SampleDialogues.All.Single(d => d.Name == name);

        await dialogue.PlayAsync(request => Task.FromResult(Assistant.Answer(request, DateOnly.MinValue)));
    }
}
