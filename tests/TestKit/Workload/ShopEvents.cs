using System.Text.Unicode;

namespace CohortPipeline.TestKit.Workload;

/// <summary>
/// Seeded events of a shop's users, each user as likely as any other: the worst case for caches, and for a changelog that has
/// a profile once a commit. Writes into memory of its own and allocates nothing an event.
/// </summary>
/// <param name="hotShare">So many of the events, from 0 to 1, are the first user's beside those that come to it by chance.</param>
public sealed class ShopEvents(int users, int seed, double hotShare = 0)
{
    /// <summary>Events of one user in a day of the workload's own time.</summary>
    public const int PerUserAndDay = 4;

    private const double MillisecondsPerDay = 86_400_000;
    private const long Start = 1_767_225_600_000; // 2026-01-01
    private const int TextBytesMax = 512;
    private const int PlanChangePerMille = 30;

    private static readonly string[] Categories = ["shoes", "bags", "coats", "hats", "belts", "shirts", "socks", "scarves"];
    private static readonly string[] Cities = ["berlin", "hamburg", "munich", "cologne", "leipzig", "bremen", "dresden", "essen"];

    private readonly Random _random = new(seed);
    private readonly bool[] _isPro = new bool[users];
    private readonly byte[] _userId = new byte[TextBytesMax];
    private readonly byte[] _insertId = new byte[TextBytesMax];
    private readonly byte[] _properties = new byte[TextBytesMax];
    private readonly byte[] _userProperties = new byte[TextBytesMax];
    private int _userIdLength;
    private int _insertIdLength;
    private int _propertiesLength;
    private int _userPropertiesLength;
    private long _number;

    public int Users => users;

    /// <summary>Epoch milliseconds; they move on by what makes <see cref="PerUserAndDay"/> events a user and day.</summary>
    public long Time => Start + (long)(_number * MillisecondsPerDay / ((double)PerUserAndDay * users));

    public string Event { get; private set; } = "";

    public ReadOnlySpan<byte> UserId => _userId.AsSpan(0, _userIdLength);

    public ReadOnlySpan<byte> InsertId => _insertId.AsSpan(0, _insertIdLength);

    /// <summary>A JSON object.</summary>
    public ReadOnlySpan<byte> Properties => _properties.AsSpan(0, _propertiesLength);

    /// <summary>Identify operations; empty for most events.</summary>
    public ReadOnlySpan<byte> UserProperties => _userProperties.AsSpan(0, _userPropertiesLength);

    /// <summary>Moves on to a user's first sign of life: who they are.</summary>
    public void Introduce(int user)
    {
        Begin(user, "signed_up");
        Utf8.TryWrite(_userProperties, $$$"""{"$set":{"plan":"free","city":"{{{Cities[_random.Next(Cities.Length)]}}}","language":"de","source":"search"}}""", out _userPropertiesLength);
    }

    /// <summary>Moves on to the next event.</summary>
    public void Next()
    {
        var user = hotShare > 0 && _random.NextDouble() < hotShare ? 0 : _random.Next(users);
        Begin(user, Pick(_random.Next(1000)));
        if (Event != "plan_changed")
            return;
        _isPro[user] = !_isPro[user];
        Utf8.TryWrite(_userProperties, $$$"""{"$set":{"plan":"{{{(_isPro[user] ? "pro" : "free")}}}"}}""", out _userPropertiesLength);
    }

    private static string Pick(int perMille) => perMille switch
    {
        < PlanChangePerMille => "plan_changed",
        < 105 => "order_completed",
        < 255 => "cart_added",
        < 405 => "searched",
        _ => "product_viewed",
    };

    private void Begin(int user, string @event)
    {
        _number++;
        Event = @event;
        _userPropertiesLength = 0;
        Utf8.TryWrite(_userId, $"user-{user:D8}", out _userIdLength);
        Utf8.TryWrite(_insertId, $"{_number:x12}", out _insertIdLength);
        Utf8.TryWrite(_properties, $$"""{"item":"sku-{{_random.Next(100_000):D5}}","category":"{{Categories[_random.Next(Categories.Length)]}}","value":{{_random.Next(1, 500)}}}""", out _propertiesLength);
    }
}
