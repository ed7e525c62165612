using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Control;
using CohortPipeline.Hosting;
using CohortPipeline.Log.Embedded;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

/// <summary>The one door to definitions, on the embedded log.</summary>
public sealed class ControlTransactionsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("control-").FullName;
    private readonly PipelineOptions _options = new() { Log = LogKind.Embedded, Prefix = "shop" };
    private readonly PipelineTopics _topics;
    private EmbeddedLog _log = null!;
    private ControlTransactions _transactions = null!;

    public ControlTransactionsTests() => _topics = _options.Topics();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _log = EmbeddedLog.Open(_folder, TimeProvider.System);
        foreach (var topic in _topics.All)
            await _log.Admin.CreateAsync(topic, Cancellation);
        _transactions = new(_log, _options);
    }

    public async ValueTask DisposeAsync()
    {
        _transactions.Dispose();
        await _log.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Writes_all_of_a_change_and_reads_it_back()
    {
        Assert.Equal("done", (await Write("a", "1")).Value);
        var rows = await _transactions.ReadAsync(_topics.CohortDefinitions, Cancellation);
        Assert.Equal("1", Encoding.UTF8.GetString(rows.Value.ByKey["a"]));
    }

    [Fact]
    public async Task A_plan_sees_what_was_written_before_it()
    {
        await Write("a", "1");
        await _transactions.WriteAsync<string>(
            _topics.CohortDefinitions,
            rows =>
            {
                Assert.Equal(["a"], rows.ByKey.Keys);
                return new ControlDraft<string>("seen", []);
            },
            Cancellation);
    }

    [Fact]
    public async Task Another_writer_in_between_makes_it_a_conflict_and_nothing_is_written()
    {
        var result = await _transactions.WriteAsync(
            _topics.CohortDefinitions,
            _ =>
            {
                _log.OpenWriter("shop.control").Dispose();
                return Draft("a", "1");
            },
            Cancellation);

        Assert.Equal(ControlErrorKind.Conflict, result.Error!.Kind);
        Assert.Empty((await _transactions.ReadAsync(_topics.CohortDefinitions, Cancellation)).Value.ByKey);
    }

    [Fact]
    public async Task A_refused_plan_writes_nothing()
    {
        var result = await _transactions.WriteAsync<string>(_topics.CohortDefinitions, _ => new ControlError(ControlErrorKind.Invalid, "no"), Cancellation);
        Assert.Equal("no", result.Error!.Title);
        Assert.Empty((await _transactions.ReadAsync(_topics.CohortDefinitions, Cancellation)).Value.ByKey);
    }

    private Task<ControlResult<string>> Write(string key, string value) =>
        _transactions.WriteAsync(_topics.CohortDefinitions, _ => Draft(key, value), Cancellation);

    private ControlResult<ControlDraft<string>> Draft(string key, string value) =>
        new ControlDraft<string>("done", [new(_topics.CohortDefinitions.Name, 0, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value))]);
}
