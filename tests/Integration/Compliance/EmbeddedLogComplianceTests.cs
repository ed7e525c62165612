using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Time.Testing;

namespace CohortPipeline.Tests.Integration.Compliance;

public sealed class EmbeddedLogComplianceTests() : EmbeddedLogCompliance(new EmbeddedLogOptions());

/// <summary>The same with nothing kept in memory, so that every record is read back from the file.</summary>
public sealed class EmbeddedLogFromDiskComplianceTests() : EmbeddedLogCompliance(new EmbeddedLogOptions { TailBytesMax = 0 });

public abstract class EmbeddedLogCompliance(EmbeddedLogOptions options) : ServedLogComplianceTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("embedded-log-").FullName;

    protected override Task<ILog> OpenAsync() => Task.FromResult<ILog>(EmbeddedLog.Open(_folder, _time, options));

    protected override Task PassPollIntervalAsync(Action keepPolling)
    {
        _time.Advance(options.PollInterval - TimeSpan.FromSeconds(1));
        keepPolling();
        _time.Advance(TimeSpan.FromSeconds(2));
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
