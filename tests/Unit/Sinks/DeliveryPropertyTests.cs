using System.Globalization;
using System.Text;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

/// <summary>
/// Goal: whatever a destination does, the first occurrences of records are in order for each key and user, nothing is lost,
/// and the committed position never passes what is not stored. Method: a destination that, by a seed, rejects entries, fails
/// whole calls, times out after storing all or part, and answers late and out of order; partitions come and go, and a crash
/// starts from the committed positions. A failure names its seed.
/// </summary>
public sealed class DeliveryPropertyTests
{
    private const int Runs = 300;

    [Fact]
    public void First_occurrences_stay_in_order_and_nothing_is_lost()
    {
        for (var seed = 1; seed <= Runs; seed++)
        {
            var run = new Run(seed);
            var failure = run.Go();
            Assert.True(failure is null, $"seed {seed}: {failure}");
        }
    }

    private sealed class Run(int seed)
    {
        private const int RecordsMax = 120;
        private const int StepsMax = 20_000;

        private readonly Random _random = new(seed);
        private readonly List<string> _stored = [];
        private readonly List<(DeliveryRequest Request, DeliveryResponse Response, long At)> _answers = [];
        private readonly long[] _committed = [0, 0];
        private DeliveryQueue _queue = null!;
        private PartitionProgress[] _progress = null!;
        private List<Planned>[] _log = null!;
        private long _now;

        public string? Go()
        {
            _log = [Plan(0), Plan(1)];
            Start();
            for (var step = 0; step < StepsMax && !IsDone; step++)
            {
                Step();
                if (CheckCommitted() is { } failure)
                    return failure;
            }

            return IsDone ? CheckStored() : "did not end";
        }

        private bool IsDone => Enumerable.Range(0, 2).All(partition => _committed[partition] == _log[partition].Count);

        private List<Planned> Plan(int partition) =>
            [.. Enumerable.Range(0, _random.Next(1, RecordsMax)).Select(offset => new Planned(
                $"{partition}/{offset}",
                [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"{partition}:user{_random.Next(8)}").Distinct()],
                _random.Next(3) == 0 ? null : $"key{_random.Next(4)}"))];

        private void Start()
        {
            _answers.Clear();
            _queue = new(new(_random.Next(1, 8), 400, _random.Next(1, 5)), (ulong)seed);
            _progress = [.. Enumerable.Range(0, 2).Select(partition => Assign(partition))];
        }

        private PartitionProgress Assign(int partition) => new(new("deltas", partition), _committed[partition], _committed[partition], new());

        private void Step()
        {
            switch (_random.Next(20))
            {
                case < 8:
                    Read(_random.Next(2));
                    break;
                case < 12:
                    if (_queue.TryStart(_now) is { } request)
                        Send(request);
                    break;
                case < 16:
                    Answer();
                    break;
                case 16:
                    Commit();
                    break;
                case 17 when _random.Next(40) == 0:
                    Start();
                    break;
                case 18 when _random.Next(20) == 0:
                    Reassign(_random.Next(2));
                    break;
                default:
                    _now += _random.Next(500);
                    break;
            }
        }

        private void Read(int partition)
        {
            var progress = _progress[partition];
            if (progress.Position >= _log[partition].Count)
                return;
            var planned = _log[partition][(int)progress.Position];
            var sequence = progress.Take(progress.Position, _now);
            if (planned.IsFiltered)
            {
                progress.Filter(sequence);
                return;
            }

            var data = Encoding.UTF8.GetBytes(planned.Id);
            _queue.Add(new(data, "", 0, [.. planned.OrderKeys.Distinct()], progress, [sequence]) { HappenedAt = 0 });
        }

        private void Send(DeliveryRequest request)
        {
            var codes = request.Records.Select(_ => _random.Next(5) == 0 ? "InternalFailure" : null).ToArray();
            var kind = _random.Next(10);
            for (var i = 0; i < request.Records.Count; i++)
            {
                // A call that timed out may have stored any of it.
                var isStored = kind switch
                {
                    0 => _random.Next(2) == 0,
                    1 => false,
                    _ => codes[i] is null,
                };
                if (isStored)
                    _stored.Add(Encoding.UTF8.GetString(request.Records[i].Data.Span));
            }

            var response = kind switch
            {
                0 => DeliveryResponse.Failed(FailureKind.Transient, "Timeout", ""),
                1 => DeliveryResponse.Failed(FailureKind.Refused, "AccessDeniedException", ""),
                _ => DeliveryResponse.Answered(codes),
            };
            _answers.Add((request, response, _now));
        }

        private void Answer()
        {
            if (_answers.Count == 0)
                return;
            var index = _random.Next(_answers.Count);
            var (request, response, _) = _answers[index];
            _answers.RemoveAt(index);
            _queue.Complete(request, response, _now);
        }

        private void Commit()
        {
            foreach (var progress in _progress)
            {
                if (progress.Deliverable() is not { } delivery)
                    continue;
                progress.Commit(delivery);
                _committed[progress.Partition.Partition] = delivery.Position;
            }
        }

        private void Reassign(int partition)
        {
            _queue.Drop(_progress[partition]);
            _progress[partition].GiveBack();
            _progress[partition] = Assign(partition);
        }

        private string? CheckCommitted()
        {
            for (var partition = 0; partition < 2; partition++)
            {
                for (var offset = 0; offset < _committed[partition]; offset++)
                {
                    var planned = _log[partition][offset];
                    if (!planned.IsFiltered && !planned.IsSeenIn(_stored))
                        return $"{planned.Id} was committed and is not stored";
                }
            }

            return null;
        }

        private string? CheckStored()
        {
            var first = _stored.Distinct().ToList();
            foreach (var (left, right) in first.SelectMany((id, place) => first.Skip(place + 1).Select(later => (id, later))))
            {
                var (earlier, later) = (Find(left), Find(right));
                if (earlier.Partition == later.Partition && earlier.Offset > later.Offset && earlier.OrderKeys.Intersect(later.OrderKeys).Any())
                    return $"{earlier.Id} was first seen before {later.Id}, which comes earlier and shares a key or user";
            }

            return null;
        }

        private Planned Find(string id)
        {
            var parts = id.Split('/');
            return _log[int.Parse(parts[0], CultureInfo.InvariantCulture)][int.Parse(parts[1], CultureInfo.InvariantCulture)];
        }
    }

    /// <summary>A record of the log; without a key it is one that the destination did not ask for.</summary>
    private sealed record Planned(string Id, string[] Users, string? Key)
    {
        private bool _isSeen;

        public int Partition => Id[0] - '0';

        public int Offset => int.Parse(Id[2..], CultureInfo.InvariantCulture);

        public bool IsFiltered => Key is null;

        public IEnumerable<ulong> OrderKeys =>
            Users.Select(user => OrderKey.OfUser(Encoding.UTF8.GetBytes(user))).Append(OrderKey.OfPartitionKey(Encoding.UTF8.GetBytes(Key ?? "")));

        public bool IsSeenIn(List<string> stored) => _isSeen = _isSeen || stored.Contains(Id);
    }
}
