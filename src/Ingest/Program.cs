using Parley.Common.Backplane;
using Parley.Common.Kafka;
using Parley.Common.Tenants;
using Parley.Ingest;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TenantDirectory.Read(builder.Configuration));
builder.AddKafka();
builder.AddBackplane();
builder.AddIngest();

var app = builder.Build();
app.MapIngest();
app.Run();
