using Parley.Standalone.CommandLine;

return await ParleyCommand.RunAsync(args);
