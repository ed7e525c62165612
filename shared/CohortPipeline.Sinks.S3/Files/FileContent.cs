using CohortPipeline.Sinks.S3.Plans;
using CohortPipeline.Sinks.S3.Publishing;
using CohortPipeline.Sinks.Snapshot;

namespace CohortPipeline.Sinks.S3.Files;

/// <summary>
/// One file of a sync, rendered from the snapshot part by part; the next while the last is being sent. The same snapshot and
/// plan give the same bytes. The parts but the last are as large as whole rows let them be.
/// </summary>
internal sealed class FileContent : IObjectContent, IDisposable
{
    private readonly SyncContext _context;
    private readonly DiffType _type;
    private readonly IMemberSnapshot _snapshot;
    private readonly SnapshotCounts? _known;
    private readonly PartBuffers _large;
    private readonly MemberRowWriter _writer;
    private readonly RunningDigest _digest = new();
    private readonly CsvRow _csv = new();
    private readonly byte[][] _buffers = [[], []];
    private bool _hasLarge;
    private IEnumerator<SnapshotMember> _members;
    private SnapshotCounts _counts;
    private long _rows;
    private int _parts;
    private Task<RenderedPart>? _next;

    /// <param name="known">What an earlier file of the sync has counted; null for the first, which counts, and checks.</param>
    public FileContent(SyncContext context, DiffType type, IMemberSnapshot snapshot, SnapshotCounts? known, PartBuffers large)
    {
        _context = context;
        _type = type;
        _snapshot = snapshot;
        _known = known;
        _large = large;
        _writer = new(context.Plan.Layout);
        _members = Walk();
        Restart();
    }

    public ReadOnlyMemory<byte> Part { get; private set; }

    public ContentDigest Digest { get; private set; }

    /// <summary>Rows of the parts that were read.</summary>
    public long Rows { get; private set; }

    /// <summary>Complete once the last part is read.</summary>
    public SnapshotCounts Counts => _known ?? _counts;

    /// <summary>Rows were left out that the layout refuses.</summary>
    public bool HasRefused { get; private set; }

    public async Task<bool> ReadAsync(CancellationToken cancellation)
    {
        var rendered = await (_next ?? RenderAsync(0, cancellation)).ConfigureAwait(false);
        _next = null;
        (Part, Digest, Rows) = (rendered.Bytes, rendered.Digest, rendered.Rows);
        if (!rendered.IsLast)
            _next = Task.Run(() => RenderAsync(1 - rendered.Buffer, cancellation), cancellation);
        return rendered.IsLast;
    }

    public void StartOver()
    {
        AwaitNext();
        _members.Dispose();
        _members = Walk();
        Restart();
    }

    public void Dispose()
    {
        AwaitNext();
        _members.Dispose();
        _digest.Dispose();
        if (_hasLarge)
            _large.GiveBack();
    }

    private void Restart()
    {
        _digest.Clear();
        (_counts, _rows, _parts) = (default, 0, 0);
        _writer.WriteHeader(_csv);
    }

    /// <summary>Where an earlier file has counted nobody for this one there is nothing to walk past.</summary>
    private IEnumerator<SnapshotMember> Walk()
    {
        var isEmpty = _known is { } known && (_type == DiffType.Exiting ? known.Exiting : known.Existing) == 0;
        return (isEmpty ? [] : _snapshot.InKeyOrder()).GetEnumerator();
    }

    private async Task<RenderedPart> RenderAsync(int buffer, CancellationToken cancellation)
    {
        if (++_parts > PublishingLimits.PartsMax)
            throw new SyncInvariantException($"cohort `{_context.CohortId}`: a file is longer than {PublishingLimits.PartsMax} parts of {_large.PartBytes} bytes. Nothing of it was published");
        var length = 0;
        bool isLast;
        while (!(isLast = !Fill(ref _buffers[buffer], ref length, cancellation)) && !_hasLarge)
        {
            var small = _buffers[buffer];
            (_buffers[0], _buffers[1]) = await _large.TakeAsync(cancellation).ConfigureAwait(false) is [var one, var other] ? (one, other) : throw new InvalidOperationException("there are two buffers");
            _hasLarge = true;
            small.AsSpan(0, length).CopyTo(_buffers[buffer]);
        }

        if (length == 0)
            throw new SyncInvariantException($"cohort `{_context.CohortId}`: a row is longer than a part, {_large.PartBytes} bytes. Nothing of its file was published");
        var bytes = _buffers[buffer].AsMemory(0, length);
        _digest.Append(bytes.Span);
        if (isLast && _known is null)
            MemberListing.CheckExisting(_context, _counts);
        return new(buffer, bytes, isLast, _rows, _digest.Read());
    }

    /// <summary>Renders rows into the buffer, whose first bytes are written. False at the end of the file, true where the row at hand does not fit in any more.</summary>
    private bool Fill(ref byte[] buffer, ref int length, CancellationToken cancellation)
    {
        while (TryAppend(_csv, ref buffer, ref length))
        {
            if (!MoveToRow(cancellation))
                return false;
            _rows++;
        }

        return true;
    }

    /// <summary>A row that was appended is cleared, so that the next call appends nothing.</summary>
    private bool TryAppend(CsvRow csv, ref byte[] buffer, ref int length)
    {
        var needed = length + csv.Written.Length;
        var limit = _hasLarge ? _large.PartBytes : Math.Min(PublishingLimits.SmallBufferBytes, _large.PartBytes);
        if (needed > limit)
            return false;
        if (needed > buffer.Length)
            Array.Resize(ref buffer, Math.Min(limit, Math.Max(needed, 2 * buffer.Length)));
        csv.Written.CopyTo(buffer.AsSpan(length));
        length = needed;
        csv.Clear();
        return true;
    }

    /// <summary>Goes on to the next row that the file lists. False at its end.</summary>
    private bool MoveToRow(CancellationToken cancellation)
    {
        while (_members.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            var member = _members.Current;
            _counts = _counts.Plus(member);
            if (!MemberListing.Lists(_type, _context.Plan.Layout.Existing, member))
                continue;
            if (_writer.TryWrite(member.Row.Span, _csv))
                return true;
            HasRefused = true;
            _csv.Clear();
        }

        return false;
    }

    private void AwaitNext()
    {
        _next?.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _next?.Exception?.Handle(_ => true);
        _next = null;
    }

    private sealed record RenderedPart(int Buffer, ReadOnlyMemory<byte> Bytes, bool IsLast, long Rows, ContentDigest Digest);
}
