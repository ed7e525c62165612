using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <summary>
/// The outcome of a commit that nobody could tell is told by the positions: once the transactional id was opened anew, which
/// decides the transaction, what the group has is this commit's or an older one's. Anything else means another owner.
/// </summary>
internal static class UnknownCommit
{
    /// <summary>True if the commit stands, false if it does not.</summary>
    /// <param name="found">What the group has for the partitions of <paramref name="commits"/>, in their order.</param>
    /// <exception cref="FencedException">Another owner has one of the partitions.</exception>
    /// <exception cref="InvalidOperationException">A part of it stands: the log broke its promise.</exception>
    public static bool Stands(IReadOnlyList<PartitionCommit> commits, IReadOnlyList<CommittedPosition> found, string transactionalId, string incarnation)
    {
        var standing = 0;
        for (var i = 0; i < commits.Count; i++)
        {
            var commit = commits[i];
            if (!CommitMetadata.TryParse(found[i].Metadata, out var metadata))
                throw new FencedException($"{commit.Partition}: the group's position has the metadata \"{found[i].Metadata}\", which no lane wrote");
            if (metadata == new CommitMetadata(commit.Sequence, transactionalId, incarnation))
                standing++;
            else if (metadata.Sequence >= commit.Sequence)
                throw new FencedException($"{commit.Partition}: the group stands at commit {metadata.Sequence} of {metadata.TransactionalId}, this lane ({transactionalId}) was writing {commit.Sequence}: another owner has the partition");
        }

        return standing == 0 || standing == commits.Count
            ? standing > 0
            : throw new InvalidOperationException($"{standing} of {commits.Count} positions of one transaction of {transactionalId} stand; a transaction stands whole or not at all");
    }
}
