using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.TestKit.Workload;

/// <summary>Writes the workload's records of <c>activity</c> as ingest would: the cohorts' markers, every user's first record, then events.</summary>
public sealed class ActivityFeed : IDisposable
{
    /// <summary>The producers' topic that the records say they came from.</summary>
    public const string SourceTopic = "events";

    private const int RecordsPerCommit = 10_000;
    private const int KeyBytesMax = 128;
    private const int DeviceIdBytesMax = 32;

    private static readonly byte[] SourceTopicUtf8 = Encoding.UTF8.GetBytes(SourceTopic);

    private readonly ShopEvents _events;
    private readonly ILogWriter _writer;
    private readonly OutputTopic _activity;
    private readonly ArrayBufferWriter<byte> _value = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly byte[] _key = new byte[KeyBytesMax];
    private readonly byte[] _deviceId = new byte[DeviceIdBytesMax];
    private int _open;
    private long _bytes;

    public ActivityFeed(ILog log, string topic, ShopEvents events)
    {
        _events = events;
        _writer = log.OpenWriter("bench.feed");
        _activity = _writer.Topic(topic);
        _json = new(_value, JsonText.WriterOptions);
    }

    public long Published { get; private set; }

    /// <summary>Of a record's value.</summary>
    public double MeanBytes => (double)_bytes / Published;

    /// <summary>The number that <see cref="Event"/> wrote into a record's device id, which a delta carries on; 0 for another's.</summary>
    public static long StampOf(ReadOnlySpan<byte> deviceId) =>
        deviceId.StartsWith("d-"u8) && long.TryParse(deviceId[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var stamp) ? stamp : 0;

    /// <summary>Defines the cohorts in every partition, as one change set.</summary>
    public void Define(IReadOnlyList<CohortDefinition> cohorts)
    {
        for (var partition = 0; partition < _activity.PartitionCount; partition++)
        {
            for (var i = 0; i < cohorts.Count; i++)
            {
                Append(partition, [], new()
                {
                    Type = ActivityType.Definition,
                    Change = "bench"u8,
                    Part = i + 1,
                    Parts = cohorts.Count,
                    CohortId = Encoding.UTF8.GetBytes(cohorts[i].Id),
                    Version = 1,
                    Definition = DefinitionWriter.ToJson(cohorts[i]),
                });
            }
        }

        Commit();
    }

    public void IntroduceUsers()
    {
        for (var user = 0; user < _events.Users; user++)
        {
            _events.Introduce(user);
            AppendEvent(stamp: 0);
        }

        Commit();
    }

    /// <summary>Introduces the first <paramref name="count"/> users of one partition; the others' come with their events.</summary>
    public void IntroduceUsersOf(int partition, int count)
    {
        for (var (user, done) = (0, 0); done < count; user++)
        {
            _events.Introduce(user);
            if (_activity.PartitionOf(Key()) != partition)
                continue;
            AppendEvent(stamp: 0);
            done++;
        }

        Commit();
    }

    public void Events(long count)
    {
        for (var i = 0L; i < count; i++)
            Event(stamp: 0);
        Commit();
    }

    /// <summary>The next event, with a number in its device id by which its delta can be told.</summary>
    public void Event(long stamp)
    {
        _events.Next();
        AppendEvent(stamp);
    }

    public void Commit()
    {
        if (_open > 0 && _writer.Commit(null, []) != CommitOutcome.Committed)
            throw new InvalidOperationException("a commit of the feed failed");
        _open = 0;
    }

    public void Dispose()
    {
        _json.Dispose();
        _writer.Dispose();
    }

    private void AppendEvent(long stamp)
    {
        Utf8.TryWrite(_deviceId, $"d-{stamp:x16}", out var deviceIdLength);
        var key = Key();
        Append(_activity.PartitionOf(key), key, new()
        {
            Type = ActivityType.Event,
            Event = Encoding.UTF8.GetBytes(_events.Event),
            Timestamp = _events.Time,
            UserId = _events.UserId,
            DeviceId = _deviceId.AsSpan(0, deviceIdLength),
            Time = _events.Time,
            InsertId = _events.InsertId,
            Source = new(SourceTopicUtf8, 0, Published, 0),
            UserProperties = _events.UserProperties,
            Properties = _events.Properties,
        });
    }

    private Span<byte> Key() => _key.AsSpan(0, ProfileKey.Write(_events.UserId, default, _key));

    private void Append(int partition, ReadOnlySpan<byte> key, in ActivityRecord record)
    {
        _value.ResetWrittenCount();
        _json.Reset();
        ActivityWriter.Write(_json, record);
        _json.Flush();
        _writer.Append(_activity, partition, key.IsEmpty ? Bytes.Null : Bytes.From(key), _value.WrittenSpan);
        _bytes += _value.WrittenCount;
        Published++;
        if (++_open == RecordsPerCommit)
            Commit();
    }
}
