using System.Globalization;
using System.Text;

namespace CohortPipeline.Evaluator;

/// <summary>
/// The keys of <c>evaluator-changelog</c>. Profiles are under their profile keys; what the partition itself needs is under
/// keys that start with a zero byte, which no profile key does.
/// </summary>
internal static class ChangelogKeys
{
    public static ReadOnlySpan<byte> Position => "\0position"u8;

    public static ReadOnlySpan<byte> CohortPrefix => "\0cohort/"u8;

    public static ReadOnlySpan<byte> PartPrefix => "\0part/"u8;

    public static ReadOnlySpan<byte> EditionPrefix => "\0edition/"u8;

    public static bool IsProfile(ReadOnlySpan<byte> key) => !key.IsEmpty && key[0] != 0;

    public static byte[] Cohort(string cohortId) => [.. CohortPrefix, .. Encoding.UTF8.GetBytes(cohortId)];

    public static byte[] Part(int part) => Numbered(PartPrefix, part);

    /// <summary>Of the plan that profiles are being moved to.</summary>
    public static byte[] Edition(int generation) => Numbered(EditionPrefix, generation);

    /// <summary>Of a part of its change set.</summary>
    public static byte[] EditionPart(int generation, int part) => Numbered([.. Edition(generation), (byte)'/'], part);

    private static byte[] Numbered(ReadOnlySpan<byte> prefix, int number) => [.. prefix, .. Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture))];
}
