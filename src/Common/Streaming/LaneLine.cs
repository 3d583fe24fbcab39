namespace Parley.Common.Streaming;

/// <summary>Lanes in a line, any of which may leave it: all in O(1), linked through the lanes themselves.</summary>
internal sealed class LaneLine(bool isBusy)
{
    private Lane? _last;

    public Lane? First { get; private set; }

    public bool IsEmpty => First is null;

    public void Add(Lane lane)
    {
        if (_last is null) First = lane;
        else LinksOf(_last).Next = lane;
        LinksOf(lane) = new LaneLinks { Previous = _last };
        _last = lane;
    }

    /// <summary>The lane must stand here.</summary>
    public void Remove(Lane lane)
    {
        var (previous, next) = (LinksOf(lane).Previous, LinksOf(lane).Next);
        if (previous is null) First = next;
        else LinksOf(previous).Next = next;
        if (next is null) _last = previous;
        else LinksOf(next).Previous = previous;
        LinksOf(lane) = default;
    }

    private ref LaneLinks LinksOf(Lane lane) => ref isBusy ? ref lane.InBusyLine : ref lane.InLine;
}

/// <summary>A lane's neighbours in a line.</summary>
internal struct LaneLinks
{
    public Lane? Previous;
    public Lane? Next;
}
