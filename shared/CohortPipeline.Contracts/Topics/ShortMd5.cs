using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CohortPipeline.Contracts;

/// <summary>
/// MD5 (RFC 1321) of what fits one block, as nearly every key does, with its rounds written out: a call of the platform's
/// takes several times as long, and was the dearest step of sending a record and of storing one.
/// </summary>
internal static class ShortMd5
{
    /// <summary>A block without the end mark and the length.</summary>
    public const int BytesMax = 55;

    private const int BlockBytes = 64;

    private const uint A = 0x67452301;
    private const uint B = 0xefcdab89;
    private const uint C = 0x98badcfe;
    private const uint D = 0x10325476;

    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        Span<uint> words = stackalloc uint[BlockBytes / sizeof(uint)];
        words.Clear();
        var block = MemoryMarshal.AsBytes(words);
        data.CopyTo(block);
        block[data.Length] = 0x80;
        words[^2] = (uint)data.Length * 8;
        Turn(words, MemoryMarshal.Cast<byte, uint>(hash));
    }

    /// <remarks>As the words of a block lie in memory, and as those of a hash do, on a machine that is little-endian: all that .NET runs on here.</remarks>
    private static void Turn(ReadOnlySpan<uint> words, Span<uint> hash)
    {
        var (a, b, c, d) = (A, B, C, D);
        _ = words[15];
        a = First(a, b, c, d, words[0] + 0xd76aa478, 7);
        d = First(d, a, b, c, words[1] + 0xe8c7b756, 12);
        c = First(c, d, a, b, words[2] + 0x242070db, 17);
        b = First(b, c, d, a, words[3] + 0xc1bdceee, 22);
        a = First(a, b, c, d, words[4] + 0xf57c0faf, 7);
        d = First(d, a, b, c, words[5] + 0x4787c62a, 12);
        c = First(c, d, a, b, words[6] + 0xa8304613, 17);
        b = First(b, c, d, a, words[7] + 0xfd469501, 22);
        a = First(a, b, c, d, words[8] + 0x698098d8, 7);
        d = First(d, a, b, c, words[9] + 0x8b44f7af, 12);
        c = First(c, d, a, b, words[10] + 0xffff5bb1, 17);
        b = First(b, c, d, a, words[11] + 0x895cd7be, 22);
        a = First(a, b, c, d, words[12] + 0x6b901122, 7);
        d = First(d, a, b, c, words[13] + 0xfd987193, 12);
        c = First(c, d, a, b, words[14] + 0xa679438e, 17);
        b = First(b, c, d, a, words[15] + 0x49b40821, 22);

        a = Second(a, b, c, d, words[1] + 0xf61e2562, 5);
        d = Second(d, a, b, c, words[6] + 0xc040b340, 9);
        c = Second(c, d, a, b, words[11] + 0x265e5a51, 14);
        b = Second(b, c, d, a, words[0] + 0xe9b6c7aa, 20);
        a = Second(a, b, c, d, words[5] + 0xd62f105d, 5);
        d = Second(d, a, b, c, words[10] + 0x02441453, 9);
        c = Second(c, d, a, b, words[15] + 0xd8a1e681, 14);
        b = Second(b, c, d, a, words[4] + 0xe7d3fbc8, 20);
        a = Second(a, b, c, d, words[9] + 0x21e1cde6, 5);
        d = Second(d, a, b, c, words[14] + 0xc33707d6, 9);
        c = Second(c, d, a, b, words[3] + 0xf4d50d87, 14);
        b = Second(b, c, d, a, words[8] + 0x455a14ed, 20);
        a = Second(a, b, c, d, words[13] + 0xa9e3e905, 5);
        d = Second(d, a, b, c, words[2] + 0xfcefa3f8, 9);
        c = Second(c, d, a, b, words[7] + 0x676f02d9, 14);
        b = Second(b, c, d, a, words[12] + 0x8d2a4c8a, 20);

        a = Third(a, b, c, d, words[5] + 0xfffa3942, 4);
        d = Third(d, a, b, c, words[8] + 0x8771f681, 11);
        c = Third(c, d, a, b, words[11] + 0x6d9d6122, 16);
        b = Third(b, c, d, a, words[14] + 0xfde5380c, 23);
        a = Third(a, b, c, d, words[1] + 0xa4beea44, 4);
        d = Third(d, a, b, c, words[4] + 0x4bdecfa9, 11);
        c = Third(c, d, a, b, words[7] + 0xf6bb4b60, 16);
        b = Third(b, c, d, a, words[10] + 0xbebfbc70, 23);
        a = Third(a, b, c, d, words[13] + 0x289b7ec6, 4);
        d = Third(d, a, b, c, words[0] + 0xeaa127fa, 11);
        c = Third(c, d, a, b, words[3] + 0xd4ef3085, 16);
        b = Third(b, c, d, a, words[6] + 0x04881d05, 23);
        a = Third(a, b, c, d, words[9] + 0xd9d4d039, 4);
        d = Third(d, a, b, c, words[12] + 0xe6db99e5, 11);
        c = Third(c, d, a, b, words[15] + 0x1fa27cf8, 16);
        b = Third(b, c, d, a, words[2] + 0xc4ac5665, 23);

        a = Fourth(a, b, c, d, words[0] + 0xf4292244, 6);
        d = Fourth(d, a, b, c, words[7] + 0x432aff97, 10);
        c = Fourth(c, d, a, b, words[14] + 0xab9423a7, 15);
        b = Fourth(b, c, d, a, words[5] + 0xfc93a039, 21);
        a = Fourth(a, b, c, d, words[12] + 0x655b59c3, 6);
        d = Fourth(d, a, b, c, words[3] + 0x8f0ccc92, 10);
        c = Fourth(c, d, a, b, words[10] + 0xffeff47d, 15);
        b = Fourth(b, c, d, a, words[1] + 0x85845dd1, 21);
        a = Fourth(a, b, c, d, words[8] + 0x6fa87e4f, 6);
        d = Fourth(d, a, b, c, words[15] + 0xfe2ce6e0, 10);
        c = Fourth(c, d, a, b, words[6] + 0xa3014314, 15);
        b = Fourth(b, c, d, a, words[13] + 0x4e0811a1, 21);
        a = Fourth(a, b, c, d, words[4] + 0xf7537e82, 6);
        d = Fourth(d, a, b, c, words[11] + 0xbd3af235, 10);
        c = Fourth(c, d, a, b, words[2] + 0x2ad7d2bb, 15);
        b = Fourth(b, c, d, a, words[9] + 0xeb86d391, 21);
        (hash[0], hash[1], hash[2], hash[3]) = (A + a, B + b, C + c, D + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint First(uint a, uint b, uint c, uint d, uint word, int turn) => b + BitOperations.RotateLeft(a + (d ^ (b & (c ^ d))) + word, turn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Second(uint a, uint b, uint c, uint d, uint word, int turn) => b + BitOperations.RotateLeft(a + (c & ~d) + (b & d) + word, turn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Third(uint a, uint b, uint c, uint d, uint word, int turn) => b + BitOperations.RotateLeft(a + (b ^ c ^ d) + word, turn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Fourth(uint a, uint b, uint c, uint d, uint word, int turn) => b + BitOperations.RotateLeft(a + (c ^ (b | ~d)) + word, turn);
}
