using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

/// <summary>The tests that share one Python server.</summary>
[CollectionDefinition(nameof(GrpcTestGroup))]
public sealed class GrpcTestGroup : ICollectionFixture<PythonGrpcServer>;
