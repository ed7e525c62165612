using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>What an object's upload wants done next.</summary>
internal enum UploadCommand
{
    /// <summary>Render the next part.</summary>
    Read,

    /// <summary>Create the object of its one part.</summary>
    Put,

    Begin,

    /// <summary>Send the part that was read last.</summary>
    Send,

    Complete,

    /// <summary>Ask for the checksum of the object that is there already.</summary>
    Compare,

    /// <summary>Give the upload in parts up: the object is there.</summary>
    Abort,

    /// <summary>Wait out a failure.</summary>
    Wait,

    /// <summary>Give up what was sent, and render the object from its beginning.</summary>
    StartOver,

    Done,
}

/// <summary>What came of a command.</summary>
internal abstract record UploadInput
{
    /// <summary>A part was rendered; <paramref name="IsLast"/> where the object ends with it.</summary>
    public sealed record PartRead(bool IsLast) : UploadInput;

    /// <summary>The store answered. To a comparison: <see cref="StoreAnswerKind.Stored"/> where the checksum is this object's.</summary>
    public sealed record Answered(StoreAnswer Answer) : UploadInput;

    /// <summary>The wait is over, or everything is as before the first part.</summary>
    public sealed record Ready : UploadInput;
}

/// <summary>
/// The upload of one object, step by step. Pure: what happened goes in, what to do comes out. An object of one part is put;
/// a larger one is sent in parts. Whatever fails is tried again until it works, for as long as it takes. An object that is
/// there already (412) is this upload's own if its checksum is the same: a crash, or an answer that never came. Anything
/// else is somebody else's, parks the destination, and is never overwritten.
/// </summary>
internal sealed record UploadSteps
{
    public UploadCommand Command { get; private init; } = UploadCommand.Read;

    /// <summary>Failures in a row.</summary>
    public int Attempt { get; private init; }

    /// <summary>What has to be waited out, with <see cref="UploadCommand.Wait"/>.</summary>
    public StoreAnswer Failure { get; private init; }

    /// <summary>Somebody must look: the store refuses, or has failed too often.</summary>
    public bool IsParked => Command == UploadCommand.Wait && (Failure.Kind == StoreAnswerKind.Refused || Attempt >= PublishingLimits.AttemptsBeforeParked);

    /// <summary>With <see cref="UploadCommand.Done"/>: an earlier attempt of the same plan had stored it.</summary>
    public bool WasThereBefore { get; private init; }

    /// <summary>An upload in parts is begun.</summary>
    private bool IsBegun { get; init; }

    private bool IsLastRead { get; init; }

    /// <summary>The upload in parts is not there any more: it was completed by a call whose answer never came, or has to be sent anew.</summary>
    private bool IsGone { get; init; }

    /// <summary>What is done after a wait.</summary>
    private UploadCommand Again { get; init; }

    /// <exception cref="InvalidOperationException">Nothing of the kind was asked for.</exception>
    public UploadSteps After(UploadInput input) => (Command, input) switch
    {
        (UploadCommand.Read, UploadInput.PartRead read) => AfterRead(read.IsLast),
        (UploadCommand.Wait, UploadInput.Ready) => this with { Command = Again },
        (UploadCommand.StartOver, UploadInput.Ready) => new() { Attempt = Attempt },
        (UploadCommand.Put or UploadCommand.Begin or UploadCommand.Send or UploadCommand.Complete, UploadInput.Answered answered) => AfterWrite(answered.Answer),
        (UploadCommand.Compare, UploadInput.Answered answered) => AfterComparison(answered.Answer),
        // Where giving up fails, the upload is left over, and the next start gives it up.
        (UploadCommand.Abort, UploadInput.Answered) => this with { Command = UploadCommand.Done },
        _ => throw new InvalidOperationException($"{input} after {Command}"),
    };

    private UploadSteps AfterRead(bool isLast) => this with
    {
        IsLastRead = isLast,
        Command = IsBegun ? UploadCommand.Send : isLast ? UploadCommand.Put : UploadCommand.Begin,
    };

    private UploadSteps AfterWrite(in StoreAnswer answer) => answer.Kind switch
    {
        StoreAnswerKind.Stored => AfterStored(),
        StoreAnswerKind.Exists => this with { Command = UploadCommand.Compare, Again = Command },
        StoreAnswerKind.UploadGone when Command == UploadCommand.Complete => this with { Command = UploadCommand.Compare, Again = Command, IsGone = true },
        StoreAnswerKind.UploadGone => ToWait(answer, UploadCommand.StartOver),
        _ => ToWait(answer, Command),
    };

    private UploadSteps AfterStored() => Command switch
    {
        UploadCommand.Begin => this with { Command = UploadCommand.Send, IsBegun = true, Attempt = 0 },
        UploadCommand.Send => this with { Command = IsLastRead ? UploadCommand.Complete : UploadCommand.Read, Attempt = 0 },
        _ => this with { Command = UploadCommand.Done },
    };

    private UploadSteps AfterComparison(in StoreAnswer answer) => answer.Kind switch
    {
        StoreAnswerKind.Stored => this with { Command = IsBegun && !IsGone ? UploadCommand.Abort : UploadCommand.Done, WasThereBefore = true },
        StoreAnswerKind.Absent => ToWait(answer, IsGone ? UploadCommand.StartOver : Again),
        _ => ToWait(answer, Again),
    };

    private UploadSteps ToWait(in StoreAnswer failure, UploadCommand again) => this with
    {
        Command = UploadCommand.Wait,
        Again = again,
        Failure = failure,
        Attempt = Attempt + 1,
    };
}
