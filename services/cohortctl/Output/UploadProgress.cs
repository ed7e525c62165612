using Spectre.Console;

namespace CohortPipeline.CohortCtl;

/// <summary>Shows how much of a file has been taken, on a terminal alone.</summary>
internal static class UploadProgress
{
    public static async Task<T> RunAsync<T>(Stream file, string name, Report report, Func<Stream, Task<T>> upload)
    {
        if (report.IsJson || Console.IsOutputRedirected)
            return await upload(file);
        return await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask(name.EscapeMarkup(), maxValue: Math.Max(1, file.Length));
            return await upload(new CountingStream(file, task.Increment));
        });
    }

    /// <summary>Reports what is read from a stream.</summary>
    private sealed class CountingStream(Stream inner, Action<double> onRead) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read)
        {
            onRead(read);
            return read;
        }
    }
}
