using Parley.Standalone.Serving;

namespace Parley.Unit.Standalone.Serving;

public sealed class DataFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("parley-").FullName;

    [Fact]
    public void Is_made_when_it_is_missing()
    {
        using var folder = DataFolder.Open(Path.Combine(_root, "a", "b"));

        Assert.True(Directory.Exists(folder.Path));
    }

    [Fact]
    public void Is_held_by_one_at_a_time_who_is_named()
    {
        using (DataFolder.Open(_root))
        {
            var e = Assert.Throws<CannotStartException>(() => DataFolder.Open(_root));
            Assert.Contains($"{_root} is in use by another parley (process {Environment.ProcessId})", e.Message, StringComparison.Ordinal);
            Assert.Contains("--data", e.Message, StringComparison.Ordinal);
        }

        DataFolder.Open(_root).Dispose();
    }

    [Fact]
    public void That_cannot_be_made_says_so()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");

        var e = Assert.Throws<CannotStartException>(() => DataFolder.Open(Path.Combine(file, "data")));

        Assert.Contains("cannot be made (--data)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_the_demo_tenants_secrets_for_its_owner_only()
    {
        var file = DataFolder.DemoTenantIn(_root);
        DemoTenant.Ensure(file);
        var first = File.ReadAllText(file);
        DemoTenant.Ensure(file);

        Assert.Equal(first, File.ReadAllText(file));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
