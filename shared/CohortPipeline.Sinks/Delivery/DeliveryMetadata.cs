using System.Globalization;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>The text beside a sink's committed position: until when it is delivered, and what the destination has beyond the position.</summary>
/// <param name="At">What was written before this instant (epoch milliseconds) is delivered; 0: nobody knows.</param>
/// <param name="Ahead">From the position on.</param>
/// <param name="Serial">Rises with each commit that is one with records: so its text tells whether it stands.</param>
public sealed record DeliveryMetadata(long At, AcceptedAhead Ahead, long Serial = 0)
{
    private const string Version = "1";
    private const string NumberedVersion = "2";
    private const char Separator = ' ';

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}{Separator}{At}{Separator}{Ahead}{Separator}{Serial}");

    /// <summary>The text beside a position that is not what is counted: with the number that <see cref="Ahead"/> begins at.</summary>
    public string ToNumberedText() => string.Create(CultureInfo.InvariantCulture, $"{NumberedVersion}{Separator}{At}{Separator}{Ahead.Position}{Separator}{Ahead}{Separator}{Serial}");

    /// <summary>Reads what <see cref="ToNumberedText"/> wrote; null for another text.</summary>
    public static DeliveryMetadata? OfNumbered(in CommittedPosition committed)
    {
        var parts = committed.Metadata.Split(Separator);
        return parts is [NumberedVersion, var at, var first, var ahead, var serial]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var instant)
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            && AcceptedAhead.TryRead(position, ahead, out var read)
            && long.TryParse(serial, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(instant, read, number)
            : null;
    }

    /// <summary>Reads what is committed. A text that no sink wrote, or none, is a position with nothing beyond it.</summary>
    public static DeliveryMetadata Of(in CommittedPosition committed)
    {
        var parts = committed.Metadata.Split(Separator);
        return parts is [Version, var at, var ahead, var serial]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var instant)
            && AcceptedAhead.TryRead(committed.Offset, ahead, out var read)
            && long.TryParse(serial, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(instant, read, number)
            : new(0, AcceptedAhead.None(committed.Offset));
    }
}
