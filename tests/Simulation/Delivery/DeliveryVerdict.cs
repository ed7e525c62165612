using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.SimulatedKafka;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>Holds what a stream has against what it was to get: everything, in order the first time, and again only what may come again.</summary>
internal sealed class DeliveryVerdict(Broker broker, PipelineTopics topics, DeliveryWorkload workload, SentEvaluations sent, bool mayRepeat)
{
    public string? FirstFault(SimulatedStream stream)
    {
        var arrived = stream.Stored.SelectMany(entry => SentEvaluations.NumbersOf(entry.Data).Select(number => (Number: number, entry))).ToList();
        if (workload.Grows && GrownWrong([.. arrived.Select(one => one.Number).Where(number => workload.Evaluations[number - 1].IsOfOther)]) is { } fault)
            return fault;
        arrived.RemoveAll(one => workload.Evaluations[one.Number - 1].IsOfOther);
        if (workload.IsNew)
            return Disordered(arrived.ConvertAll(one => one.Number)) ?? OtherMembers(arrived.ConvertAll(one => one.Number), isOfOther: false);
        return Lost(arrived.ConvertAll(one => one.Number)) ?? Disordered(arrived.ConvertAll(one => one.Number)) ?? Repeated(arrived) ?? SentInVain() ?? DeadLetters();
    }

    /// <summary>A cohort that came later begins with its members, whatever was delivered of the others. One that went meanwhile is told nothing of who left then.</summary>
    private string? GrownWrong(List<int> arrived) =>
        (workload.Shrinks ? null : Disordered(arrived)) ?? OtherMembers(arrived, isOfOther: true);

    private string? Lost(List<int> arrived)
    {
        var numbers = arrived.ToHashSet();
        foreach (var evaluation in workload.Evaluations.Where(evaluation => !evaluation.IsOfOther))
        {
            if (evaluation.Fate == Fate.Wanted != numbers.Contains(evaluation.Number))
                return $"{evaluation} is {(numbers.Contains(evaluation.Number) ? "" : "not ")}in the stream";
        }

        return null;
    }

    /// <summary>A destination that began with the members there were has the members there are: what it was told last of each user.</summary>
    private string? OtherMembers(List<int> arrived, bool isOfOther)
    {
        var received = arrived.Select(number => workload.Evaluations[number - 1]).GroupBy(evaluation => evaluation.User).ToDictionary(user => user.Key, user => user.MaxBy(evaluation => evaluation.Number)!);
        foreach (var user in workload.Evaluations.Where(evaluation => evaluation.Fate != Fate.Filtered && evaluation.IsOfOther == isOfOther).GroupBy(evaluation => evaluation.User))
        {
            var last = user.MaxBy(evaluation => evaluation.Number)!;
            var told = received.GetValueOrDefault(user.Key);
            var mayBeOld = isOfOther && workload.Shrinks;
            if (last.Fate == Fate.Wanted && (last.IsIn ? told != last : told is { IsIn: true } && !mayBeOld))
                return $"user {user.Key} is {(last.IsIn ? "in" : "out")} ({last}), and the stream was told last: {told?.ToString() ?? "nothing"}";
        }

        return null;
    }

    /// <summary>The first occurrence of each, by user and by partition key, is in the order of the log.</summary>
    private string? Disordered(List<int> arrived)
    {
        var last = new Dictionary<string, Evaluation>();
        foreach (var evaluation in arrived.Distinct().Select(number => workload.Evaluations[number - 1]))
        {
            string[] lines = evaluation.Key is null ? [$"user {evaluation.User}"] : [$"user {evaluation.User}", $"key {evaluation.Key}"];
            foreach (var line in lines)
            {
                if (last.TryGetValue(line, out var before) && before.Number > evaluation.Number)
                    return $"{evaluation} arrived behind {before}, of the same {line}";
                last[line] = evaluation;
            }
        }

        return null;
    }

    /// <summary>A repeat has the bytes of the first; and where nothing went wrong that may repeat, there is none.</summary>
    private string? Repeated(List<(int Number, StoredEntry Entry)> arrived)
    {
        foreach (var same in arrived.GroupBy(one => one.Number).Where(same => same.Count() > 1))
        {
            if (!mayRepeat)
                return $"{workload.Evaluations[same.Key - 1]} is in the stream {same.Count()} times, and nothing went wrong";
            if (workload.Destination.IdentifierField is not null && same.Select(one => one.Entry.Data).Distinct().Count() > 1)
                return $"{workload.Evaluations[same.Key - 1]} came again with other bytes: {string.Join(" and ", same.Select(one => one.Entry.Data).Distinct())}";
        }

        return null;
    }

    /// <summary>What is committed as delivered is not sent by a process that began behind that.</summary>
    private string? SentInVain()
    {
        var offsets = Enumerable.Range(0, topics.PartitionCount).Select(partition => broker.Visible(topics.MembershipDeltas.Name, partition).Select(record => record.Offset).ToArray()).ToArray();
        foreach (var evaluation in workload.Evaluations.Where(evaluation => !evaluation.IsOfOther && sent.After(evaluation.Number).Any()))
        {
            var offset = offsets[evaluation.Partition][evaluation.Place];
            foreach (var committed in sent.After(evaluation.Number).Select(positions => positions[evaluation.Partition]).Where(committed => committed.Exists))
            {
                if (offset < committed.Offset || DeliveryMetadata.Of(committed).Ahead.Has(offset))
                    return $"{evaluation} at offset {offset} was sent by a process that began when it was committed as delivered ({committed})";
            }
        }

        return null;
    }

    /// <summary>Each once: they are written with the position that passes them.</summary>
    private string? DeadLetters()
    {
        var written = SentEvaluations.DeadLetters(broker, topics).Where(number => !workload.Evaluations[number - 1].IsOfOther).Order();
        var expected = workload.Evaluations.Where(evaluation => evaluation.Fate == Fate.DeadLetter && !evaluation.IsOfOther).Select(evaluation => evaluation.Number);
        return written.SequenceEqual(expected) ? null : $"dead letters are [{string.Join(", ", written)}], expected [{string.Join(", ", expected)}]";
    }
}
