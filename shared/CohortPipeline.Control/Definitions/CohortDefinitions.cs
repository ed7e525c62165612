using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Rules.Definitions;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>A cohort as it is defined now.</summary>
public sealed record CohortView(string Id, string Name, int Version, JsonElement Definition, long Members, long Enters, long Exits)
{
    /// <summary>From when on events count: behaviors that no cohort had before start empty.</summary>
    public string History { get; init; } = "from_definition";
}

/// <summary>A file of definitions as it was sent; <paramref name="Name"/> is for error messages.</summary>
public sealed record DefinitionFile(string Name, string Text);

/// <summary>Cohorts: what is defined, and change sets.</summary>
public sealed class CohortDefinitions
{
    private readonly ControlTransactions _transactions;
    private readonly CohortCounts _counts;
    private readonly ILogger<CohortDefinitions> _logger;
    private readonly PipelineTopics _topics;
    private readonly ChangeSetPlanner _planner;

    internal CohortDefinitions(ControlTransactions transactions, CohortCounts counts, PipelineOptions options, ILogger<CohortDefinitions> logger)
    {
        _transactions = transactions;
        _counts = counts;
        _logger = logger;
        _topics = options.Topics();
        _planner = new(_topics);
    }

    /// <summary>Live cohorts, by id.</summary>
    public async Task<ControlResult<IReadOnlyList<CohortView>>> ListAsync(CancellationToken cancellation)
    {
        var rows = await _transactions.ReadAsync(_topics.CohortDefinitions, cancellation);
        if (rows.IsError)
            return rows.Error!;
        var read = DefinitionRows.Read(rows.Value);
        if (read.IsError)
            return read.Error!;
        return ControlResult.Of<IReadOnlyList<CohortView>>([.. read.Value.Values.Where(row => !row.IsDeleted).OrderBy(row => row.Id, StringComparer.Ordinal).Select(View)]);
    }

    public async Task<ControlResult<CohortView>> GetAsync(string id, CancellationToken cancellation)
    {
        var cohorts = await ListAsync(cancellation);
        if (cohorts.IsError)
            return cohorts.Error!;
        return cohorts.Value.FirstOrDefault(cohort => cohort.Id == id) is { } found ? found : DefinitionRows.NotFound(id);
    }

    /// <summary>Applies all definitions of all files as one change set, or nothing with every error of every file.</summary>
    public async Task<ControlResult<CohortChangeSet>> ApplyAsync(IReadOnlyList<DefinitionFile> files, CancellationToken cancellation)
    {
        var parsed = files.Select(file => DefinitionParser.Parse(file.Text, file.Name)).ToArray();
        var errors = parsed.SelectMany(result => result.Errors).Select(error => error.ToString()).ToArray();
        if (errors.Length > 0)
            return new ControlError(ControlErrorKind.Invalid, "The definitions have errors; nothing was applied", errors);
        var definitions = parsed.SelectMany(result => result.Definitions).ToArray();
        if (definitions.Length == 0)
            return new ControlError(ControlErrorKind.Invalid, "There is no definition", "found no definition in what was sent, expected at least one.");
        var change = Guid.NewGuid().ToString("N");
        return Log(await _transactions.WriteAsync(_topics.CohortDefinitions, rows => _planner.Apply(rows, definitions, change), cancellation));
    }

    public async Task<ControlResult<CohortChangeSet>> DeleteAsync(string id, CancellationToken cancellation)
    {
        var change = Guid.NewGuid().ToString("N");
        return Log(await _transactions.WriteAsync(_topics.CohortDefinitions, rows => _planner.Delete(rows, id, change), cancellation));
    }

    private CohortView View(CohortDefinitionRow row)
    {
        using var document = JsonDocument.Parse(row.Definition!.Value);
        var name = document.RootElement.TryGetProperty("name"u8, out var named) ? named.GetString() : null;
        var count = _counts[row.Id];
        return new(row.Id, name ?? row.Id, row.Version, document.RootElement.Clone(), count.Members, count.Enters, count.Exits);
    }

    private ControlResult<CohortChangeSet> Log(ControlResult<CohortChangeSet> result)
    {
        if (!result.IsError && result.Value.Change is { } change)
            LogEvents.ChangeSetWritten(_logger, change, string.Join(", ", result.Value.Cohorts.Select(cohort => $"{cohort.Id} {cohort.Kind} v{cohort.Version}")));
        return result;
    }
}
