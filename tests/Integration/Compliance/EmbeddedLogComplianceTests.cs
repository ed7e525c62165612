using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Time.Testing;

namespace CohortPipeline.Tests.Integration.Compliance;

public sealed class EmbeddedLogComplianceTests : LogComplianceTests
{
    private static readonly EmbeddedLogOptions Options = new();

    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("embedded-log-").FullName;

    protected override Task<ILog> OpenAsync() => Task.FromResult<ILog>(EmbeddedLog.Open(_folder, _time, Options));

    protected override Task PassPollIntervalAsync(Action keepPolling)
    {
        _time.Advance(Options.PollInterval - TimeSpan.FromSeconds(1));
        keepPolling();
        _time.Advance(TimeSpan.FromSeconds(2));
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
