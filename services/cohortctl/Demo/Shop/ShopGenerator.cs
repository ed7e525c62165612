using System.Text;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>
/// A small shop on a busy minute, made from a seed: shoppers come, look, fill carts, buy or do not; their plans are set and
/// changed by identify calls. Some records are late, some are sent twice, some are broken. The same seed and start give the
/// same records, byte for byte.
/// </summary>
internal sealed class ShopGenerator(int seed, DateTimeOffset opening, TimeSpan length)
{
    public const int ShopperCount = 500;

    private const double LateShare = 0.03;
    private const double DuplicateShare = 0.03;
    private const double BrokenShare = 0.01;

    private static readonly string[] Categories = ["shoes", "bags", "hats", "shirts", "books"];
    private static readonly string[] Cities = ["Berlin", "Lyon", "Porto", "Turin", "Graz"];
    private static readonly TimeSpan LateMax = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan DuplicateDelay = TimeSpan.FromMilliseconds(400);

    // Draws are for a show, not for secrets.
#pragma warning disable CA5394
    private readonly Random _random = new(seed);
    private readonly List<ShopRecord> _records = [];
    private int _insertId;

    /// <summary>All records in the order of their due times.</summary>
    public IReadOnlyList<ShopRecord> Generate()
    {
        _records.Clear();
        for (var number = 1; number <= ShopperCount; number++)
            Visit(new($"shopper-{number:0000}", (ShopShape)(number % 3)));
        Break();
        return [.. _records.OrderBy(record => record.Due)];
    }

    /// <summary>One shopper's stay: who they are, then a few sessions with pauses between them.</summary>
    private void Visit(Shopper shopper)
    {
        var time = Between(0, length.TotalSeconds * 0.6);
        Identify(shopper, time, [("plan", Pick(["free", "free", "trial", "pro"])), ("city", Pick(Cities))]);
        for (var sessions = _random.Next(1, 4); sessions > 0 && time < length; sessions--)
        {
            time = Session(shopper, time + Between(0.1, 1));
            time += Between(4, 12);
        }
    }

    private TimeSpan Session(Shopper shopper, TimeSpan time)
    {
        Track(shopper, time, "session_started", []);
        var inCart = 0m;
        for (var looks = _random.Next(1, 9); looks > 0; looks--)
        {
            time += Between(0.1, 0.9);
            var (category, price) = (Pick(Categories), Math.Round((decimal)(_random.NextDouble() * 140) + 5, 2));
            Track(shopper, time, "product_viewed", [("category", category), ("price", price)]);
            if (_random.NextDouble() > 0.3)
                continue;
            inCart += price;
            time += Between(0.1, 0.4);
            Track(shopper, time, "cart_added", [("category", category), ("price", price)]);
        }

        if (inCart == 0 || _random.NextDouble() > 0.5)
            return time;
        time += Between(0.2, 0.6);
        Track(shopper, time, "order_completed", [("value", inCart)]);
        if (_random.NextDouble() < 0.4)
            Identify(shopper, time + Between(0.1, 0.3), [("plan", "pro")]);
        return time;
    }

    private void Track(Shopper shopper, TimeSpan time, string name, (string Name, object Value)[] properties)
    {
        if (time >= length)
            return;
        var isLate = _random.NextDouble() < LateShare;
        var happened = opening + time - (isLate ? Between(5, LateMax.TotalSeconds) : TimeSpan.Zero);
        var value = ShopPayload.Event(shopper, name, happened, InsertId(), properties);
        var topic = ShopTopic.Events;
        Add(new(time, topic, isLate ? ShopRecordKind.Late : ShopRecordKind.Ordinary, KeyOf(shopper), value));
        if (_random.NextDouble() < DuplicateShare)
            Add(new(time + DuplicateDelay, topic, ShopRecordKind.Duplicate, KeyOf(shopper), value));
    }

    private void Identify(Shopper shopper, TimeSpan time, (string Name, object Value)[] properties) =>
        Add(new(time, ShopTopic.Identifies, ShopRecordKind.Ordinary, KeyOf(shopper), ShopPayload.Identify(shopper, opening + time, InsertId(), properties)));

    /// <summary>Records that no shop should send and every shop does.</summary>
    private void Break()
    {
        string[] broken =
        [
            "{\"event\": \"product_viewed\", \"user_id\": ",
            "{\"event\": \"product_viewed\", \"user_id\": \"undefined\"}",
            "{\"event\": \"\", \"user_id\": \"shopper-0001\"}",
            "{\"event\": \"product_viewed\", \"user_id\": \"shopper-0002\", \"time\": \"yesterday\"}",
            "{\"event\": \"product_viewed\", \"user_id\": \"shopper-0003\", \"properties\": \"none\"}",
            "{\"type\": \"track\", \"event\": \"product_viewed\"}",
            "42",
        ];
        for (var left = (int)(_records.Count * BrokenShare); left > 0; left--)
            Add(new(Between(0, length.TotalSeconds), ShopTopic.Events, ShopRecordKind.Broken, "?"u8.ToArray(), Encoding.UTF8.GetBytes(Pick(broken))));
    }

    private void Add(ShopRecord record)
    {
        if (record.Due < length)
            _records.Add(record);
    }

    private string InsertId() => $"shop-{seed}-{_insertId++}";

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    private TimeSpan Between(double from, double to) => TimeSpan.FromMilliseconds(Math.Round(1_000 * (from + (_random.NextDouble() * (to - from)))));
#pragma warning restore CA5394

    private static byte[] KeyOf(Shopper shopper) => Encoding.UTF8.GetBytes(shopper.UserId);
}
