using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Parley.Common.Tenants;
using Parley.Engine.V1;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Parley.Processor.Engine;

/// <summary>Calls the engine of a tenant: permit, deadline, retries, breaker, and a look at whether the answer belongs to the request.</summary>
/// <remarks>
/// The scheduler admits somewhat more turns than an engine has permits (<see cref="ProcessorExtensions"/>): while one is being read from
/// the store, another is at the gate, and a permit that comes free is taken at once (<see cref="PermitLine"/>).
/// </remarks>
internal sealed class EngineCaller(IOptions<EngineOptions> options, EngineFactory create, TimeProvider time) : IDisposable
{
    private readonly EngineOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>The engine's address of a tenant; also the name of its pool of permits.</summary>
    public string AddressOf(Tenant? tenant) => tenant?.EngineAddress ?? _options.Address;

    public async Task<EngineOutcome> CallAsync(Tenant tenant, ProcessMessageRequest request, int level, CancellationToken cancellation)
    {
        var line = LineOf(AddressOf(tenant));
        await line.Permits.WaitAsync(level, cancellation);
        try
        {
            var response = await line.Pipeline.ExecuteAsync(
                static (call, token) => new ValueTask<ProcessMessageResponse>(
                    call.Line.Engine.ProcessAsync(call.Request, call.Caller.Deadline(), token)),
                (Line: line, Request: request, Caller: this),
                cancellation);
            return AnswerCheck.Judge(request, response);
        }
        catch (BrokenCircuitException e)
        {
            return new EngineOutcome.Down("the circuit breaker is open", e.RetryAfter ?? _options.BreakerPause);
        }
        catch (RpcException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (RpcException e)
        {
            return Judge(e.Status);
        }
        finally
        {
            line.Permits.Release();
        }
    }

    /// <summary>Whether the default engine says that it serves.</summary>
    public Task<bool> IsServingAsync(CancellationToken cancellation) =>
        LineOf(_options.Address).Engine.IsServingAsync(time.GetUtcNow().UtcDateTime.AddSeconds(2), cancellation);

    public void Dispose()
    {
        foreach (var line in _lines.Values) (line.Engine as IDisposable)?.Dispose();
    }

    internal static bool IsWorthRetrying(StatusCode code) => code is StatusCode.Unavailable or StatusCode.ResourceExhausted or StatusCode.Aborted;

    private EngineOutcome Judge(Status status)
    {
        var reason = $"{status.StatusCode}: {status.Detail}";
        return status.StatusCode switch
        {
            StatusCode.Unavailable => new EngineOutcome.Down(reason, _options.BreakerPause),
            StatusCode.ResourceExhausted or StatusCode.Aborted or StatusCode.DeadlineExceeded or StatusCode.Cancelled
                or StatusCode.Internal or StatusCode.Unknown => new EngineOutcome.Failed(reason),
            _ => new EngineOutcome.Refused(reason),
        };
    }

    private DateTime Deadline() => (time.GetUtcNow() + _options.Deadline).UtcDateTime;

    private Line LineOf(string address) => _lines.GetOrAdd(address, static (key, caller) => caller.Draw(key), this);

    private Line Draw(string address) => new(create(address), Build(), new PermitLine(_options.Permits));

    private ResiliencePipeline<ProcessMessageResponse> Build()
    {
        var builder = new ResiliencePipelineBuilder<ProcessMessageResponse> { TimeProvider = time };
        if (_options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<ProcessMessageResponse>
            {
                MaxRetryAttempts = _options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _options.RetryDelay,
                ShouldHandle = static call => ValueTask.FromResult(call.Outcome.Exception is RpcException e && IsWorthRetrying(e.StatusCode)),
            });
        }

        return builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<ProcessMessageResponse>
            {
                FailureRatio = _options.BreakerRatio,
                SamplingDuration = _options.BreakerWindow,
                MinimumThroughput = _options.BreakerMinimumCalls,
                BreakDuration = _options.BreakerPause,

                // Deadlines do not open it: one tenant's slow conversations must not stop everybody on the same engine.
                ShouldHandle = static call => ValueTask.FromResult(call.Outcome.Exception is RpcException { StatusCode: StatusCode.Unavailable }),
            })
            .Build();
    }

    /// <summary>An engine, and what stands in front of it.</summary>
    private sealed record Line(IEngine Engine, ResiliencePipeline<ProcessMessageResponse> Pipeline, PermitLine Permits);
}
