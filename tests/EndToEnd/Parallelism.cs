// Each test starts processes of its own, several of them Java: side by side they would only wait for the cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
