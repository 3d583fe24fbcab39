using System.Collections.Concurrent;
using Parley.Common.Stores.Sql;

namespace Parley.Common.Stores.Postgres;

/// <summary>Statements in PostgreSQL's words, rendered once: Npgsql recognises a prepared statement by its text.</summary>
internal static class PostgresSql
{
    private static readonly ConcurrentDictionary<Statement, string> Rendered = new();

    public static string Of(Statement statement) => Rendered.GetOrAdd(statement, static s => Dialect.Postgres.Render(s));
}
