using System.Diagnostics;

namespace CohortPipeline.Lanes;

/// <summary>
/// Drives restores on a few threads of their own: one that has to wait gives its thread to the next. Threads come with the
/// restores and go with them.
/// </summary>
internal sealed class RestoreThreads(string name) : IRestoreRunner
{
    /// <summary>More at once would only share the same cores, and each holds a reader's memory.</summary>
    private const int ThreadsMax = 4;

    private readonly object _gate = new();
    private readonly PriorityQueue<PartitionRestore, long> _waiting = new();
    private readonly List<Thread> _threads = [];
    private bool _isDisposed;

    public void Start(PartitionRestore restore)
    {
        lock (_gate)
        {
            _waiting.Enqueue(restore, Stopwatch.GetTimestamp());
            Monitor.Pulse(_gate);
            if (_threads.Count == ThreadsMax)
                return;
            var thread = new Thread(Drive) { Name = $"{name}-restore", IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Waits for steps that are on their way, each of which has a time-out of its own, and lets all that were cut end.</summary>
    public void Dispose()
    {
        Thread[] threads;
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
            threads = [.. _threads];
        }

        foreach (var thread in threads)
            thread.Join();
        while (_waiting.TryDequeue(out var restore, out _))
            restore.Step();
    }

    private void Drive()
    {
        while (TakeDue() is { } restore)
        {
            var wait = restore.Step();
            while (wait == TimeSpan.Zero)
                wait = restore.Step();
            if (wait is { } pause)
                PutBack(restore, pause);
        }
    }

    /// <summary>The next restore whose time has come; null when there is nothing left for this thread, which ends with it.</summary>
    private PartitionRestore? TakeDue()
    {
        lock (_gate)
        {
            while (!_isDisposed && _waiting.TryPeek(out _, out var due))
            {
                var delay = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (delay <= TimeSpan.Zero)
                    return _waiting.Dequeue();
                Monitor.Wait(_gate, delay);
            }

            _threads.Remove(Thread.CurrentThread);
            return null;
        }
    }

    private void PutBack(PartitionRestore restore, TimeSpan pause)
    {
        lock (_gate)
            _waiting.Enqueue(restore, Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency));
    }
}
