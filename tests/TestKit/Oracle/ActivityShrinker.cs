using System.Text;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>Makes a failing history small: drops record after record, and change sets whole, as long as it still fails.</summary>
public static class ActivityShrinker
{
    public static IReadOnlyList<OracleRecord> Shrink(IReadOnlyList<OracleRecord> records, Func<IReadOnlyList<OracleRecord>, bool> fails)
    {
        var size = int.MaxValue;
        while (records.Count < size)
        {
            size = records.Count;
            foreach (var group in records.GroupBy(Unit).Reverse().ToList())
            {
                var without = records.Except(group).ToList();
                if (fails(without))
                    records = without;
            }
        }

        return records;
    }

    /// <summary>The history as text, a record a line.</summary>
    public static string Print(IReadOnlyList<OracleRecord> records) =>
        string.Join('\n', records.Select(record => $"  {record.Offset} {record.Key} {(record.Value is null ? "" : Encoding.UTF8.GetString(record.Value))}"));

    /// <summary>The parts of a change set stand or fall together.</summary>
    private static string Unit(OracleRecord record)
    {
        var text = record.Value is null ? "" : Encoding.UTF8.GetString(record.Value);
        var change = text.IndexOf("\"change\":", StringComparison.Ordinal);
        return change < 0 ? $"record {record.Offset}" : text[change..text.IndexOf(',', change)];
    }
}
