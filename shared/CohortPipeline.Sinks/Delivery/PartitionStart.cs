using System.Globalization;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>
/// What a partition's owner sends before the deltas from the committed position on: the members there are (a snapshot), or,
/// where deltas are gone, the present state of everyone who may have changed meanwhile (a resync). It stands in the metadata
/// of the position until it is done, so that a crash starts it over.
/// </summary>
/// <param name="Since">Rows written before this instant (epoch milliseconds) have not changed; null: a snapshot.</param>
/// <param name="Marks">Ends of the partitions of <c>memberships</c> before the position was taken: rows from there on may be as new as deltas behind it. Empty: all may be.</param>
/// <param name="DeadLetters">Written so far: each commit has a text of its own, by which it is known whether it stands.</param>
public sealed record PartitionStart(long? Since, IReadOnlyList<long> Marks, long DeadLetters = 0)
{
    private const string SnapshotWord = "snapshot";
    private const string ResyncWord = "resync";
    private const char Separator = ' ';
    private const char MarkSeparator = ',';

    public bool IsSnapshot => Since is null;

    /// <summary>False for the metadata of a partition that has started.</summary>
    public static bool TryRead(string metadata, out PartitionStart start)
    {
        start = new(null, []);
        var parts = metadata.Split(Separator);
        if (parts is [SnapshotWord, var marks, var letters])
            start = new(null, MarksOf(marks), Number(letters));
        else if (parts is [ResyncWord, var since, var marksOfResync, var lettersOfResync])
            start = new(Number(since), MarksOf(marksOfResync), Number(lettersOfResync));
        else
            return parts[0] is SnapshotWord;
        return true;
    }

    /// <summary>Whether a row at this place may be as new as deltas behind the position.</summary>
    public bool IsPastMark(int partition, long offset) => partition >= Marks.Count || offset >= Marks[partition];

    public override string ToString()
    {
        var head = Since is { } since ? string.Create(CultureInfo.InvariantCulture, $"{ResyncWord}{Separator}{since}") : SnapshotWord;
        var tail = string.Create(CultureInfo.InvariantCulture, $"{Separator}{DeadLetters}");
        var text = $"{head}{Separator}{string.Join(MarkSeparator, Marks)}{tail}";
        return text.Length <= CommittedPosition.MetadataBytesMax ? text : $"{head}{Separator}{tail}";
    }

    private static long[] MarksOf(string text) =>
        text.Length == 0 ? [] : [.. text.Split(MarkSeparator).Select(Number)];

    /// <summary>0 for what is no number: as an instant and as a mark it leaves nobody out.</summary>
    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
