using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CohortPipeline.TestKit.Kafka;

/// <summary>
/// Asks a broker for the transactions whose end is decided and whose markers are not all written. No client library of .NET
/// asks that, so this is the request itself: ListTransactions 0.
/// </summary>
public static class TransactionStates
{
    private const short ListTransactions = 66;
    private const int LengthBytes = sizeof(int);

    /// <summary>Of an answer: correlation id, no tags, throttle time, error.</summary>
    private const int ErrorOffset = 9;

    private const int NoneOfAll = 1;

    private static readonly string[] Ending = ["PrepareCommit", "PrepareAbort"];

    /// <summary>True if no transaction is in the middle of its end.</summary>
    public static async Task<bool> AreSettledAsync(int brokerPort, CancellationToken cancellation)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, brokerPort, cancellation);
        var stream = connection.GetStream();
        await stream.WriteAsync(Request(), cancellation);
        var length = new byte[LengthBytes];
        await stream.ReadExactlyAsync(length, cancellation);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(answer, cancellation);
        var error = BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(ErrorOffset));
        if (error != 0)
            throw new InvalidOperationException($"ListTransactions was answered with error {error}");

        // Lists are as long as their first byte says, less one: of states that the broker does not know, and of transactions.
        var lists = answer.AsSpan(ErrorOffset + sizeof(short));
        if (lists[0] != NoneOfAll)
            throw new InvalidOperationException($"the broker does not know the states {string.Join(", ", Ending)}");
        return lists[1] == NoneOfAll;
    }

    private static byte[] Request()
    {
        const string Client = "states";
        var bytes = new List<byte>();
        bytes.AddRange([0, (byte)ListTransactions, 0, 0, 0, 0, 0, 1, 0, (byte)Client.Length, .. Encoding.ASCII.GetBytes(Client), 0]);
        bytes.Add((byte)(Ending.Length + 1));
        foreach (var state in Ending)
            bytes.AddRange([(byte)(state.Length + 1), .. Encoding.ASCII.GetBytes(state)]);
        bytes.AddRange([NoneOfAll, 0]);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Count);
        return [.. length, .. bytes];
    }
}
