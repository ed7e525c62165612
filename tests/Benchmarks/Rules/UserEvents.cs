using System.Globalization;
using System.Text;

namespace CohortPipeline.Benchmarks.Rules;

/// <summary>Events with their keys, one behind the other in memory as a batch of records has them.</summary>
internal sealed class UserEvents(int count)
{
    private const int KeyBytes = 14;

    private readonly byte[] _keys = new byte[count * KeyBytes];
    private readonly UserEvent[] _events = new UserEvent[count];

    public int Count => count;

    public ref readonly UserEvent this[int index] => ref _events[index];

    public static byte[] KeyOf(int profile) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"u:user-{profile:D7}"));

    public ReadOnlySpan<byte> Key(int index) => _keys.AsSpan(index * KeyBytes, KeyBytes);

    public void Set(int index, in UserEvent drawn)
    {
        _events[index] = drawn;
        KeyOf(drawn.Profile).CopyTo(_keys, index * KeyBytes);
    }
}

/// <summary>An event of some profile.</summary>
/// <param name="Number">Rises with time.</param>
internal readonly record struct UserEvent(int Profile, int Type, long Number);
