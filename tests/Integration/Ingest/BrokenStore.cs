using System.Reflection;
using Parley.Common.Stores;

namespace Parley.Integration.Ingest;

/// <summary>A store whose every call fails once it has been set up.</summary>
public class BrokenStore : DispatchProxy
{
    private Func<Exception> _failure = null!;

    public static IConversationStore Failing(Func<Exception> failure)
    {
        var store = Create<IConversationStore, BrokenStore>();
        ((BrokenStore)(object)store)._failure = failure;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == nameof(IConversationStore.InitialiseAsync) ? Task.CompletedTask : throw _failure();
}
