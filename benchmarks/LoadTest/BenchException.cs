namespace Parley.LoadTest;

/// <summary>Something the user can put right; shown without a stack trace.</summary>
internal sealed class BenchException(string message) : Exception(message);
