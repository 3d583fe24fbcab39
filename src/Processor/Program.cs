using Parley.Common.Telemetry;
using Parley.Processor;

var builder = WebApplication.CreateBuilder(args);
builder.AddProcessor();

var app = builder.Build();
app.MapProbes();
await app.RunAsync();
