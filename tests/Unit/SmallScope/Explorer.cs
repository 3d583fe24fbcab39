using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Unit.SmallScope;

/// <summary>Every state that can be reached, breadth first, each once: so the first violation that is found has the shortest path.</summary>
internal sealed class Explorer(Scope scope, int most)
{
    private readonly HashSet<UInt128> _known = [];
    private readonly List<(int From, string Step)> _way = [];

    public int States => _way.Count;
    public int Steps { get; private set; }
    public int Ends { get; private set; }
    public TimeSpan Time { get; private set; }

    /// <summary>Every kind of step that was taken, without its particulars.</summary>
    public HashSet<string> Taken { get; } = [];

    /// <summary>What is broken and the shortest way there; null when nothing is.</summary>
    public string? Run(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var frontier = new Queue<(int Index, SmallWorld World)>();
        Visit(frontier, new SmallWorld(scope), -1, "the beginning");
        while (frontier.TryDequeue(out var at))
        {
            cancellation.ThrowIfCancellationRequested();
            if (States > most) return $"more than {most:N0} states, {Steps:N0} steps, {frontier.Count:N0} in front, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s";
            var steps = at.World.Steps();
            if (!steps.Exists(s => s.Kind == StepKind.Free))
            {
                Ends++;
                if (Violation(at.World.CheckEnd) is { } problem) return Told(problem, at.Index, "nothing more happens");
            }

            foreach (var step in steps)
            {
                Steps++;
                Taken.Add(Kind(step.Name));
                SmallWorld? next = null;
                if (Violation(() => next = at.World.After(step)) is { } problem) return Told(problem, at.Index, step.Name);
                Visit(frontier, next!, at.Index, step.Name);
            }
        }

        Time = Stopwatch.GetElapsedTime(started);
        return null;
    }

    private void Visit(Queue<(int, SmallWorld)> frontier, SmallWorld world, int from, string step)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(world.Print()));
        if (!_known.Add(new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash, 8)))) return;
        _way.Add((from, step));
        frontier.Enqueue((_way.Count - 1, world));
    }

    private static string? Violation(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (SmallViolationException e)
        {
            return e.Message;
        }
    }

    private static string Kind(string step) => string.Join(' ', step.Split(' ').Where(word => !word.Any(char.IsDigit)));

    private string Told(string problem, int index, string last)
    {
        var path = new List<string> { last };
        for (; index > 0; index = _way[index].From) path.Add(_way[index].Step);
        path.Reverse();
        return $"{problem}, after {path.Count} steps:\n{string.Join('\n', path.Select((step, i) => $"{i + 1,3} {step}"))}";
    }
}
