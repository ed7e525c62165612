using CohortPipeline.Tests.Integration.EndToEnd;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>
/// The services, and who starts them again, as Kubernetes does. One may end by itself where another owner fenced it; any
/// other end is a fault.
/// </summary>
internal sealed class ChaosFleet(KafkaServices services)
{
    private const int FailedExitCode = 1;
    private const int StartsMax = 5;

    /// <summary>In the log of a service that another one's transactions have overtaken.</summary>
    private const string FencedMark = "FencedException";

    private readonly List<string> _fenced = [];

    public KafkaServices Services => services;

    public ControlApi Control => services.Control;

    /// <summary>How many evaluators there are: instances from 0.</summary>
    public int Evaluators { get; private set; } = 1;

    /// <summary>Those that stopped because another owner had fenced them.</summary>
    public IReadOnlyList<string> Fenced => _fenced;

    public void Start(string service, int instance) => services.Start(service, instance);

    public async Task KillAsync(string service, int instance, CancellationToken cancellation) => await services.KillAsync(service, cancellation, instance);

    /// <summary>Waits until it is ready, started anew where it ended by itself.</summary>
    public async Task ReadyAsync(string service, int instance, CancellationToken cancellation)
    {
        for (var start = 1; ; start++)
        {
            try
            {
                await services.ReadyAsync(service, cancellation, instance);
                return;
            }
            catch (InvalidOperationException) when (start < StartsMax && services.ProcessOf(service, instance).HasExited)
            {
                await RestartEndedAsync(cancellation);
            }
        }
    }

    public async Task AllReadyAsync(CancellationToken cancellation)
    {
        await RestartEndedAsync(cancellation);
        foreach (var (service, instance) in services.Running)
            await ReadyAsync(service, instance, cancellation);
    }

    /// <summary>Starts what has ended by itself.</summary>
    /// <exception cref="ChaosFault">It had no reason to.</exception>
    public async Task RestartEndedAsync(CancellationToken cancellation)
    {
        foreach (var (service, instance) in services.Running)
        {
            var process = services.ProcessOf(service, instance);
            if (!process.HasExited)
                continue;
            if (process.ExitCode != FailedExitCode || !process.Output.Contains(FencedMark, StringComparison.Ordinal))
                throw new ChaosFault($"{service}-{instance} ended by itself with exit code {process.ExitCode}");
            _fenced.Add($"{service}-{instance}");
            await services.KillAsync(service, cancellation, instance);
            services.Start(service, instance);
        }
    }

    /// <summary>Evaluators come, all at once, or go by SIGTERM, the last ones first.</summary>
    public async Task ScaleAsync(int evaluators, CancellationToken cancellation)
    {
        for (var instance = Evaluators; instance < evaluators; instance++)
            services.Start(KafkaServices.Evaluator, instance);
        for (var instance = evaluators; instance < Evaluators; instance++)
        {
            await ReadyAsync(KafkaServices.Evaluator, instance, cancellation);
            if (await services.StopAsync(KafkaServices.Evaluator, cancellation, instance) is var exitCode and not 0)
                throw new ChaosFault($"{KafkaServices.Evaluator}-{instance} was told to end and did with exit code {exitCode}");
        }

        Evaluators = evaluators;
        for (var instance = 0; instance < evaluators; instance++)
            await ReadyAsync(KafkaServices.Evaluator, instance, cancellation);
    }
}
