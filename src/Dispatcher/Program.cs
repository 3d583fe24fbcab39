using Parley.Common.Telemetry;
using Parley.Dispatcher;

var builder = WebApplication.CreateBuilder(args);
builder.AddDispatcher();

var app = builder.Build();
app.MapProbes();
await app.RunAsync();
