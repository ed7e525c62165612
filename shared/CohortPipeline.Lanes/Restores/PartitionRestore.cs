using System.Runtime.ExceptionServices;
using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>
/// A partition between its assignment and its first record: what the group has committed for it, the state of that commit,
/// and where to read from. It goes on in steps, beside the lane that will have the partition, and is handed over once, done.
/// </summary>
/// <remarks>
/// The order is the promise: the committed position first (stable), then the end of what the state is read from. A state that
/// is another commit's is no broken promise yet: the partition may have gone to another owner meanwhile. So the group is asked
/// again, and only where it stands by its answer are the two held against each other.
/// </remarks>
public sealed class PartitionRestore
{
    private readonly ILog _log;
    private readonly string _group;
    private readonly Random _chance;
    private ILogReader? _reader;
    private Phase _phase = Phase.Ask;
    private bool _hasRead;
    private int _unavailable;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _isCut;
    private volatile bool _isDone;
    private volatile string? _waitingFor;

    internal PartitionRestore(ILog log, string group, TopicPartition partition, IStateRestore? state, Random chance)
    {
        _log = log;
        _group = group;
        _chance = chance;
        Partition = partition;
        State = state;
    }

    private enum Phase
    {
        Ask,
        Read,
        Complete,
        Place,
    }

    public TopicPartition Partition { get; }

    /// <summary>Nothing is left to do; what it found may be looked at from here on, on any thread.</summary>
    public bool IsDone => _isDone;

    /// <summary>Why it stands still at the moment; null while it goes on.</summary>
    internal string? WaitingFor => _waitingFor;

    internal IStateRestore? State { get; }

    /// <summary>Where the group stands.</summary>
    internal CommittedPosition Committed { get; private set; }

    /// <summary>Number of the commit that the state is that of.</summary>
    internal long Sequence { get; private set; }

    /// <summary>The offset to read from.</summary>
    internal long Start { get; private set; }

    /// <summary>Does one bounded piece of work.</summary>
    /// <returns>How long to wait before the next one; null once it is done.</returns>
    public TimeSpan? Step()
    {
        try
        {
            if (_isCut || Advance())
                return End();
            _unavailable = 0;
            _waitingFor = null;
            return TimeSpan.Zero;
        }
        catch (LogUnavailableException exception)
        {
            _waitingFor = exception.Message;
            return Backoff.Delay(_unavailable++, _chance.NextDouble());
        }
        catch (Exception exception)
        {
            // The lane throws it, on its own thread, if the partition is still the lane's.
            _failure = ExceptionDispatchInfo.Capture(exception);
            return End();
        }
    }

    /// <summary>Nobody wants it any more: the next step is its last.</summary>
    internal void Cut() => _isCut = true;

    internal void ThrowFailure() => _failure?.Throw();

    /// <summary>True once the partition can be handed over.</summary>
    private bool Advance()
    {
        _reader ??= _log.OpenReader(new(_group) { ReadsToEnd = true });
        switch (_phase)
        {
            case Phase.Ask:
                _phase = Ask(_reader);
                return false;
            case Phase.Read:
                if (!State!.Read(_reader))
                    return false;
                _hasRead = true;
                _phase = IsOfTheCommit(State) ? Phase.Complete : Phase.Ask;
                return false;
            case Phase.Complete:
                if (State!.Complete())
                    _phase = Phase.Place;
                return false;
            default:
                var (offset, sequence) = State?.Position ?? (Committed.Offset, Sequence);
                Start = offset == CommittedPosition.None ? _reader.FirstOffset(Partition) : offset;
                Sequence = sequence;
                return true;
        }
    }

    private Phase Ask(ILogReader reader)
    {
        var before = Committed;
        var committed = reader.Committed([Partition])[0];
        if (!CommitMetadata.TryParse(committed.Metadata, out var metadata))
            throw new InvalidOperationException($"{Partition}: group {_group} has the metadata \"{committed.Metadata}\", which no lane wrote; is another program using this group?");
        Committed = committed;
        Sequence = metadata.Sequence;
        if (State is null)
            return Phase.Place;
        if (!_hasRead)
            return Phase.Read;
        if (IsOfTheCommit(State))
            return Phase.Complete;
        return committed == before ? Judge(State.Position) : Phase.Read;
    }

    private bool IsOfTheCommit(IStateRestore state) => state.Position == (Committed.Offset, Sequence);

    /// <summary>The group has no position (it has none yet, or they expired): the state says where to go on. Else the state must be the position's.</summary>
    private Phase Judge((long Offset, long Sequence) state) => Committed.Exists
        ? throw new InvalidOperationException($"{Partition}: the group stands at offset {Committed.Offset}, commit {Sequence}; the state at offset {state.Offset}, commit {state.Sequence}. The state is not the positions': nothing is read until someone has found out who else wrote to the group or the state's topic")
        : Phase.Complete;

    private TimeSpan? End()
    {
        _reader?.Dispose();
        _reader = null;
        _waitingFor = null;
        _isDone = true;
        return null;
    }
}
