using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Sinks;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>A destination as it is configured; <paramref name="Error"/> says why a row that is no destination is none.</summary>
public sealed record DestinationView(string Id, string Sink, JsonElement? Definition, string? Error);

/// <summary>What came of trying a destination; <paramref name="Passed"/> where nothing failed.</summary>
public sealed record DestinationCheck(string Id, string Sink, bool Passed, IReadOnlyList<CheckLine> Lines);

/// <summary>Destinations: what is configured, added in our shape or Lytics', deleted; their policies.</summary>
public sealed class DestinationRegistry
{
    private readonly ControlTransactions _transactions;
    private readonly PipelineTopics _topics;
    private readonly DestinationPlanner _planner;
    private readonly IReadOnlyList<PolicyPrinter> _printers;
    private readonly IReadOnlyList<DestinationChecker> _checkers;
    private readonly ILogger<DestinationRegistry> _logger;

    internal DestinationRegistry(ControlTransactions transactions, PipelineOptions options, IEnumerable<PolicyPrinter> printers, IEnumerable<DestinationChecker> checkers, ILogger<DestinationRegistry> logger)
    {
        _transactions = transactions;
        _topics = options.Topics();
        _planner = new(_topics, DestinationAdmission.NewExternalId);
        _printers = [.. printers];
        _checkers = [.. checkers];
        _logger = logger;
    }

    /// <summary>All of them by id, those that cannot be read among them.</summary>
    public async Task<ControlResult<IReadOnlyList<DestinationView>>> ListAsync(CancellationToken cancellation)
    {
        var rows = await _transactions.ReadAsync(_topics.Destinations, cancellation);
        if (rows.IsError)
            return rows.Error!;
        var read = DestinationRows.Read(rows.Value);
        var all = read.Destinations.Values.Select(View).Concat(read.Unreadable.Select(row => new DestinationView(row.Key, "", null, row.Value)));
        return ControlResult.Of<IReadOnlyList<DestinationView>>([.. all.OrderBy(destination => destination.Id, StringComparer.Ordinal)]);
    }

    public async Task<ControlResult<DestinationView>> GetAsync(string id, CancellationToken cancellation)
    {
        var all = await ListAsync(cancellation);
        if (all.IsError)
            return all.Error!;
        return all.Value.FirstOrDefault(destination => destination.Id == id) is { } found ? found : DestinationRows.NotFound(id);
    }

    /// <summary>Adds or changes all destinations of a text (YAML or JSON, our shape or Lytics' call), or none with every error.</summary>
    public async Task<ControlResult<DestinationChangeSet>> AddAsync(string text, CancellationToken cancellation)
    {
        var reading = DestinationText.Read(text);
        if (!reading.IsValid)
            return new ControlError(ControlErrorKind.Invalid, "The destinations have errors; nothing was added", [.. reading.Errors.Select(error => error.ToString())]);
        if (reading.Destinations.Count == 0)
            return new ControlError(ControlErrorKind.Invalid, "There is no destination", "found no destination in what was sent, expected at least one.");

        var cohorts = await _transactions.ReadAsync(_topics.CohortDefinitions, cancellation);
        if (cohorts.IsError)
            return cohorts.Error!;
        var definitions = DefinitionRows.Read(cohorts.Value);
        if (definitions.IsError)
            return definitions.Error!;
        return Log(await _transactions.WriteAsync(
            _topics.Destinations,
            rows => _planner.Add(rows, reading.Destinations, id => ExportsOf(definitions.Value.GetValueOrDefault(id))),
            cancellation));
    }

    public async Task<ControlResult<DestinationChangeSet>> DeleteAsync(string id, CancellationToken cancellation) =>
        Log(await _transactions.WriteAsync(_topics.Destinations, rows => _planner.Delete(rows, id), cancellation));

    /// <summary>Tries whether a destination can be delivered to; it is sent something only where <paramref name="send"/> says so.</summary>
    public async Task<ControlResult<DestinationCheck>> CheckAsync(string id, bool send, CancellationToken cancellation)
    {
        var found = await FindAsync(id, cancellation);
        if (found.IsError)
            return found.Error!;
        var destination = found.Value;
        if (_checkers.FirstOrDefault(checker => checker.Sink == destination.Sink) is not { } checker)
            return new ControlError(ControlErrorKind.Invalid, $"Sink {destination.Sink} cannot be checked here", "expected a control-api that was built with this sink.");
        var lines = await checker.Check(destination, send, cancellation);
        return new DestinationCheck(id, destination.Sink, lines.All(line => line.Outcome != CheckOutcome.Failed), lines);
    }

    /// <summary>The policies that whoever owns the stream or bucket has to put in place.</summary>
    public async Task<ControlResult<IReadOnlyList<PolicyDocument>>> PoliciesAsync(string id, PolicyRequest request, CancellationToken cancellation)
    {
        var found = await FindAsync(id, cancellation);
        if (found.IsError)
            return found.Error!;
        var destination = found.Value;
        var printer = _printers.FirstOrDefault(printer => printer.Sink == destination.Sink);
        if (printer is null)
            return new ControlError(ControlErrorKind.Invalid, $"Sink {destination.Sink} has no policies here", "expected a control-api that was built with this sink.");
        try
        {
            return ControlResult.Of(printer.Print(destination, request));
        }
        catch (ArgumentException exception)
        {
            return new ControlError(ControlErrorKind.Invalid, $"The policies of `{id}` need more to be filled in", exception.Message);
        }
    }

    private async Task<ControlResult<Destination>> FindAsync(string id, CancellationToken cancellation)
    {
        var rows = await _transactions.ReadAsync(_topics.Destinations, cancellation);
        if (rows.IsError)
            return rows.Error!;
        return DestinationRows.Read(rows.Value).Destinations.TryGetValue(id, out var destination) ? destination : DestinationRows.NotFound(id);
    }

    private static ExportedProperties? ExportsOf(CohortDefinitionRow? row)
    {
        if (row is null or { IsDeleted: true })
            return null;
        using var document = JsonDocument.Parse(row.Definition!.Value);
        return new(document.RootElement.TryGetProperty("export_properties"u8, out var names)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : []);
    }

    private static DestinationView View(Destination destination)
    {
        using var document = JsonDocument.Parse(DestinationCodec.Encode(destination));
        return new(destination.Id, destination.Sink, document.RootElement.Clone(), null);
    }

    private ControlResult<DestinationChangeSet> Log(ControlResult<DestinationChangeSet> result)
    {
        if (result.IsError)
            return result;
        foreach (var change in result.Value.Destinations.Where(change => change.Kind != DestinationChangeKind.Unchanged))
            LogEvents.DestinationWritten(_logger, change.Id, change.Kind.ToString());
        return result;
    }
}
