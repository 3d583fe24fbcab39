using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Parley.Integration.Grpc;

/// <summary>Answers that break the rules, or keep them in unusual ways.</summary>
public sealed class OddServerTests
{
    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    public async Task An_HTTP_error_without_a_status_is_given_one(int http, StatusCode expected)
    {
        RpcException thrown = await FailAsync(async context =>
        {
            context.Response.StatusCode = http;
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<p>no</p>");
        });

        Assert.Equal(expected, thrown.StatusCode);
    }

    [Fact]
    public async Task A_status_on_an_HTTP_error_counts()
    {
        RpcException thrown = await FailAsync(context =>
        {
            OddServer.Begin(context).StatusCode = 503;
            context.Response.Headers["grpc-status"] = "8";
            return Task.CompletedTask;
        });

        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
    }

    // The protocol asks for UNKNOWN; Grpc.Net.Client says CANCELLED.
    [Fact]
    public async Task An_answer_that_is_not_gRPC_is_no_success()
    {
        RpcException thrown = await FailAsync(context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<p>hello</p>");
        });

        Assert.True(thrown.StatusCode is StatusCode.Unknown or StatusCode.Cancelled, thrown.Message);
    }

    [Fact]
    public async Task An_answer_without_a_status_is_no_success()
    {
        RpcException thrown = await FailAsync(async context => await OddServer.Begin(context).Body.WriteAsync(OddServer.Frame("hello"u8)));

        Assert.True(thrown.StatusCode is StatusCode.Unknown or StatusCode.Cancelled, thrown.Message);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("-1")]
    public async Task A_status_that_is_no_number_is_no_success(string status)
    {
        RpcException thrown = await FailAsync(async context =>
        {
            await OddServer.Begin(context).Body.WriteAsync(OddServer.Frame("hello"u8));
            context.Response.AppendTrailer("grpc-status", status);
        });

        Assert.NotEqual(StatusCode.OK, thrown.StatusCode);
    }

    [Theory]
    [InlineData(0x1, StatusCode.Internal)] // PROTOCOL_ERROR
    [InlineData(0x2, StatusCode.Internal)] // INTERNAL_ERROR
    [InlineData(0x7, StatusCode.Unavailable)] // REFUSED_STREAM
    [InlineData(0x8, StatusCode.Cancelled)] // CANCEL
    [InlineData(0xb, StatusCode.ResourceExhausted)] // ENHANCE_YOUR_CALM
    [InlineData(0xc, StatusCode.PermissionDenied)] // INADEQUATE_SECURITY
    public async Task A_reset_has_the_status_of_its_reason_before_the_answer_and_within(int reason, StatusCode expected)
    {
        RpcException before = await FailAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(reason);
            return Task.CompletedTask;
        });
        RpcException within = await FailAsync(async context =>
        {
            await OddServer.Begin(context).Body.WriteAsync(OddServer.Frame("hello"u8).AsMemory(0, 7));
            await context.Response.Body.FlushAsync();
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(reason);
        });

        Assert.Equal((expected, expected), (before.StatusCode, within.StatusCode));
    }

    [Fact]
    public async Task An_answer_that_ends_within_a_message_is_no_success()
    {
        RpcException thrown = await FailAsync(async context =>
        {
            await OddServer.Begin(context).Body.WriteAsync(OddServer.Frame("hello"u8).AsMemory(0, 7));
            context.Response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(StatusCode.Internal, thrown.StatusCode);
    }

    [Fact]
    public async Task A_failure_that_cuts_a_message_off_keeps_its_status()
    {
        RpcException thrown = await FailAsync(async context =>
        {
            await OddServer.Begin(context).Body.WriteAsync(OddServer.Frame("hello"u8).AsMemory(0, 3));
            context.Response.AppendTrailer("grpc-status", "10");
        });

        Assert.True(thrown.StatusCode is StatusCode.Aborted or StatusCode.Internal, thrown.Message);
    }

    [Fact]
    public async Task Success_without_a_message_is_no_success()
    {
        RpcException thrown = await FailAsync(context =>
        {
            OddServer.Begin(context).Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        });

        Assert.Equal(StatusCode.Internal, thrown.StatusCode);
    }

    [Fact]
    public async Task Two_messages_are_no_answer_of_a_unary_call()
    {
        RpcException thrown = await FailAsync(async context =>
        {
            await OddServer.Begin(context).Body.WriteAsync((byte[])[.. OddServer.Frame("one"u8), .. OddServer.Frame("two"u8)]);
            context.Response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(StatusCode.Internal, thrown.StatusCode);
    }

    [Fact]
    public async Task A_compression_that_was_not_offered_is_refused()
    {
        RpcException thrown = await FailAsync(async context =>
        {
            OddServer.Begin(context).Headers["grpc-encoding"] = "snappy";
            await context.Response.Body.WriteAsync(OddServer.Frame("hello"u8, compressed: 1));
            context.Response.AppendTrailer("grpc-status", "0");
        });

        Assert.True(thrown.StatusCode is StatusCode.Internal or StatusCode.Unimplemented, thrown.Message);
        Assert.Contains("snappy", thrown.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_text_with_a_broken_escape_is_kept_as_it_is()
    {
        RpcException thrown = await FailAsync(context =>
        {
            OddServer.Begin(context).Headers["grpc-status"] = "5";
            context.Response.Headers["grpc-message"] = "100%, %zz, caf%C3%A9";
            return Task.CompletedTask;
        });

        Assert.Equal("100%, %zz, café", thrown.Status.Detail);
    }

    [Fact]
    public async Task Binary_trailers_may_come_without_padding()
    {
        RpcException thrown = await FailAsync(context =>
        {
            OddServer.Begin(context).Headers["grpc-status"] = "5";
            context.Response.Headers["one-bin"] = "AA";
            context.Response.Headers["two-bin"] = "AAE";
            return Task.CompletedTask;
        });

        Assert.Equal([0], thrown.Trailers.GetValueBytes("one-bin")!);
        Assert.Equal([0, 1], thrown.Trailers.GetValueBytes("two-bin")!);
    }

    [Fact]
    public async Task Binary_trailers_may_come_joined_by_commas_and_broken_ones_do_not_hide_the_status()
    {
        Assert.SkipUnless(ScriptClient.OverStandIn, "Grpc.Net.Client refuses such trailers");
        RpcException thrown = await FailAsync(context =>
        {
            OddServer.Begin(context).Headers["grpc-status"] = "5";
            context.Response.Headers["list-bin"] = "AA==,AAE";
            context.Response.Headers["broken-bin"] = "?";
            return Task.CompletedTask;
        });

        Assert.Equal(StatusCode.NotFound, thrown.StatusCode);
        Assert.Equal([[0], [0, 1]], thrown.Trailers.GetAll("list-bin").Select(entry => entry.ValueBytes));
        Assert.Null(thrown.Trailers.Get("broken-bin"));
    }

    [Fact]
    public async Task A_server_that_answers_before_it_has_read_the_request_is_heard()
    {
        await using OddServer server = await OddServer.StartAsync(context =>
        {
            OddServer.Begin(context).Headers["grpc-status"] = "8";
            return Task.CompletedTask;
        });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);

        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await new ScriptClient(channel).Unary(new { note = new string('x', 3_000_000) }));
        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Messages_arrive_whole_however_the_bytes_are_cut(int seed)
    {
        var random = new Random(seed);
        string[] messages = [.. Enumerable.Range(0, 60).Select(i => new string((char)('a' + (i % 26)), random.Next(4) switch { 0 => 0, 1 => random.Next(10), 2 => random.Next(6_000), _ => random.Next(60_000) }))];
        byte[] body = [.. messages.SelectMany(message => OddServer.Frame(System.Text.Encoding.UTF8.GetBytes(message)))];
        await using OddServer server = await OddServer.StartAsync(async context =>
        {
            OddServer.Begin(context);
            for (int sent = 0; sent < body.Length;)
            {
                int count = Math.Min(body.Length - sent, random.Next(3) == 0 ? random.Next(1, 8) : random.Next(1, 40_000));
                await context.Response.Body.WriteAsync(body.AsMemory(sent, count));
                await context.Response.Body.FlushAsync();
                sent += count;
            }

            context.Response.AppendTrailer("grpc-status", "0");
        });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        using AsyncServerStreamingCall<string> call = new ScriptClient(channel).Stream(new { });
        List<string> received = [];
        await foreach (string message in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            received.Add(message);

        Assert.Equal(messages, received);
    }

    [Fact]
    public async Task A_claimed_length_above_the_limit_is_refused_before_the_bytes_come()
    {
        RpcException thrown = await FailAsync(async context =>
        {
            await OddServer.Begin(context).Body.WriteAsync((byte[])[0, 0x7f, 0xff, 0xff, 0]);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        Assert.Equal(StatusCode.ResourceExhausted, thrown.StatusCode);
    }

    private static async Task<RpcException> FailAsync(RequestDelegate answer)
    {
        await using OddServer server = await OddServer.StartAsync(answer);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        using AsyncUnaryCall<string> call = new ScriptClient(channel).Unary(new { });
        return await Assert.ThrowsAsync<RpcException>(async () => await call);
    }
}
