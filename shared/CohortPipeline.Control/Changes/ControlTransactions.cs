using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;

namespace CohortPipeline.Control;

/// <summary>
/// The one way in which definitions, destinations and final watermarks are written. All writers use one transactional id:
/// opening it fences any other, then the rows are read to their end, checked and written in one transaction. A writer that
/// was fenced meanwhile has changed nothing and says so.
/// </summary>
internal sealed class ControlTransactions(ILog log, PipelineOptions options) : IDisposable
{
    /// <summary>Longest wait for a predecessor's open transaction while rows are read to their end.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _transactionalId = new PipelineGroups(options.Topics()).Control;

    /// <summary>Reads <paramref name="rows"/> to its end without changing anything.</summary>
    public async Task<ControlResult<TopicRows>> ReadAsync(TopicSpec rows, CancellationToken cancellation)
    {
        try
        {
            return await ReadRows(rows, cancellation);
        }
        catch (LogUnavailableException exception)
        {
            return Unavailable(exception.Message);
        }
    }

    /// <summary>Plans a change on what the topic holds now and writes it, all or nothing.</summary>
    public async Task<ControlResult<T>> WriteAsync<T>(TopicSpec rows, Func<TopicRows, ControlResult<ControlDraft<T>>> plan, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // The log's calls block, and requests must not hold a pool's few threads for long.
            return await Task.Factory.StartNew(() => Write(rows, plan, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        }
        catch (LogUnavailableException exception)
        {
            return Unavailable(exception.Message);
        }
        catch (FencedException)
        {
            return Conflict();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<ControlResult<T>> Write<T>(TopicSpec rows, Func<TopicRows, ControlResult<ControlDraft<T>>> plan, CancellationToken cancellation)
    {
        CommitOutcome outcome;
        ControlDraft<T> draft;
        using (var writer = log.OpenWriter(_transactionalId))
        {
            var planned = plan(await ReadRows(rows, cancellation));
            if (planned.Error is { } error)
                return error;
            draft = planned.Value;
            if (draft.Appends.Count == 0)
                return draft.Answer;
            foreach (var append in draft.Appends)
                writer.Append(writer.Topic(append.Topic), append.Partition, append.Key, append.Value);
            outcome = writer.Commit(null, []);
        }

        return outcome switch
        {
            CommitOutcome.Committed => draft.Answer,
            CommitOutcome.Fenced => Conflict(),
            CommitOutcome.Unknown when await Stands(rows, draft.Appends, cancellation) => draft.Answer,
            _ => Unavailable("the log gave the transaction up"),
        };
    }

    /// <summary>Opening the id again decides what became of a transaction with an unknown outcome; then the rows tell.</summary>
    private async Task<bool> Stands(TopicSpec rows, IReadOnlyList<ControlAppend> appends, CancellationToken cancellation)
    {
        using (log.OpenWriter(_transactionalId))
            return (await ReadRows(rows, cancellation)).Hold(rows, appends);
    }

    private async Task<TopicRows> ReadRows(TopicSpec topic, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ReadTimeout);
        var rows = new TopicRows();
        try
        {
            await TopicFollower.ReadToEndAsync(log, _transactionalId, [topic.Name], (in LogRecord record) => rows.Apply(record.Key, record.Value, record.IsTombstone), limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new LogUnavailableException($"{topic.Name} could not be read to its end within {ReadTimeout.TotalSeconds} s", exception);
        }

        return rows;
    }

    private static ControlError Conflict() => new(
        ControlErrorKind.Conflict,
        "Somebody else changed definitions or destinations at the same time",
        "Nothing of this request was written. Look at what is there now, and send it again.");

    private static ControlError Unavailable(string reason) => new(
        ControlErrorKind.Unavailable,
        "The log does not answer",
        $"{reason}. Nothing of this request is known to have been written: look at what is there, and send it again.");
}
