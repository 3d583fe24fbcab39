using Google.Protobuf.Reflection;
using Parley.Engine.V1;
using Parley.TestKit;

namespace Parley.Unit.Standalone.DemoEngine;

public sealed class ContractTests
{
    /// <summary>After a change of the contract: see samples/engine-python/contract.py.</summary>
    [Fact]
    public void The_python_sample_carries_the_contract_as_it_is()
    {
        var compiled = FileDescriptorSet.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Repository.Root, "samples", "engine-python", "mcp_engine.binpb")));

        Assert.Equal(Plain(McpEngineReflection.Descriptor.ToProto()), Plain(Assert.Single(compiled.File)));
    }

    // The JSON names follow from the fields' names; not every compiler writes them down.
    private static FileDescriptorProto Plain(FileDescriptorProto file)
    {
        var plain = file.Clone();
        foreach (var message in plain.MessageType) Clear(message);
        return plain;
    }

    private static void Clear(DescriptorProto message)
    {
        foreach (var field in message.Field) field.ClearJsonName();
        foreach (var nested in message.NestedType) Clear(nested);
    }
}
