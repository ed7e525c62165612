using CohortPipeline.Log;

namespace CohortPipeline.TestKit.SimulatedKafka;

/// <summary>
/// What happens to calls, requests and markers, and how others go on while somebody waits. This one lets everything go well
/// and at once; a simulation draws from its seed.
/// </summary>
public class Fates
{
    /// <summary>Somebody's call reaches the client: an exception out of here is what it meets, and others may go on in here first.</summary>
    public virtual void AtCall(SimulatedLog client, LogCall call)
    {
    }

    /// <summary>A call waits for so long inside: time passes, and others go on.</summary>
    public virtual void Wait(SimulatedLog client, TimeSpan duration) => client.Broker.Clock.Advance(duration);

    /// <summary>How many records a poll brings.</summary>
    public virtual int BatchSize(int max) => max;

    /// <summary>True: what was appended goes to the broker at once, and stands there undecided.</summary>
    public virtual bool FlushesNow() => true;

    /// <summary>How a request that ends a transaction fares.</summary>
    public virtual RequestFate OfEnd(SimulatedLog client, bool isCommit) => RequestFate.Answered;

    /// <summary>True: the group takes the positions of a transaction; false: it refuses, for a reason that passes.</summary>
    public virtual bool TakesPositions(SimulatedLog client) => true;

    /// <summary>How long after the decision a partition gets its marker, or the group (null) that positions were committed for.</summary>
    public virtual TimeSpan MarkerDelay(TopicPartition? partition) => TimeSpan.Zero;

    /// <summary>How late a request arrives whose sender has given it up.</summary>
    public virtual TimeSpan Lateness() => TimeSpan.FromSeconds(1);

    /// <summary>How long a client waits for an answer that does not come.</summary>
    public virtual TimeSpan Patience() => TimeSpan.FromSeconds(1);

    /// <summary>True: the client has heard of the group's newest generation outside of a poll.</summary>
    public virtual bool HearsOfGeneration() => true;

    /// <summary>True: a new generation waits for every member to give up what it must, so that an owner's positions are taken until then. False: it may come at any moment.</summary>
    public virtual bool WaitsForOwners => false;

    /// <summary>The member, of so many, that is given the first partition.</summary>
    public virtual int FirstMember(int count) => 0;
}

/// <summary>A call of the log contract.</summary>
public enum LogCall
{
    OpenWriter,
    Topic,
    Append,
    Commit,
    Abort,
    Subscribe,
    Poll,
    Seek,
    Committed,
    FirstOffset,
    EndOffset,
}

/// <summary>What becomes of a request.</summary>
public enum RequestFate
{
    Answered,

    /// <summary>The broker says no, and did nothing.</summary>
    Refused,

    /// <summary>It never arrives.</summary>
    Lost,

    /// <summary>It arrives and is done; the answer is lost.</summary>
    AnswerLost,

    /// <summary>It arrives when its sender has given it up already.</summary>
    Late,
}
