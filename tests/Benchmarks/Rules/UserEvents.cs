using System.Globalization;
using System.Text;

namespace CohortPipeline.Benchmarks.Rules;

/// <summary>Events with their keys and properties, one behind the other in memory as a batch of records has them.</summary>
internal sealed class UserEvents(int count)
{
    private const int KeyBytes = 14;
    private const int PropertiesBytesMax = 256;

    private readonly byte[] _keys = new byte[count * KeyBytes];
    private readonly byte[] _properties = new byte[count * PropertiesBytesMax];
    private readonly int[] _propertiesEnds = new int[count + 1];
    private readonly UserEvent[] _events = new UserEvent[count];

    public int Count => count;

    public ref readonly UserEvent this[int index] => ref _events[index];

    public static byte[] KeyOf(int profile) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"u:user-{profile:D7}"));

    public ReadOnlySpan<byte> Key(int index) => _keys.AsSpan(index * KeyBytes, KeyBytes);

    public ReadOnlySpan<byte> Properties(int index) => _properties.AsSpan(_propertiesEnds[index].._propertiesEnds[index + 1]);

    /// <summary>Events are set one after the other.</summary>
    public void Set(int index, in UserEvent drawn, byte[] properties)
    {
        _events[index] = drawn;
        KeyOf(drawn.Profile).CopyTo(_keys, index * KeyBytes);
        properties.CopyTo(_properties, _propertiesEnds[index]);
        _propertiesEnds[index + 1] = _propertiesEnds[index] + properties.Length;
    }
}

/// <summary>An event of some profile.</summary>
/// <param name="Number">Rises with time.</param>
internal readonly record struct UserEvent(int Profile, int Type, long Number);
