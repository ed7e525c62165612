using System.Reflection;
using System.Runtime.InteropServices;

namespace CohortPipeline.Log.Kafka.Native;

/// <summary>
/// Finds the one librdkafka image that Confluent.Kafka has loaded, so that our declarations call the very same library.
/// </summary>
/// <remarks>
/// The package ships several builds (plain, without SASL, Alpine) and Confluent.Kafka picks the one whose own dependencies
/// are there. Loading by name would take the first one, which on Debian cannot be loaded at all.
/// </remarks>
internal static class LibrdkafkaLoader
{
    private const string MappedImages = "/proc/self/maps";

    public static void Register() => NativeLibrary.SetDllImportResolver(typeof(LibrdkafkaLoader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Librdkafka.Library)
            return 0;

        // Asking for the version makes Confluent.Kafka load its choice.
        var version = Confluent.Kafka.Library.Version;
        if (!File.Exists(MappedImages))
            return 0;

        foreach (var line in File.ReadLines(MappedImages))
        {
            var path = line.IndexOf('/', StringComparison.Ordinal);
            if (path >= 0 && Path.GetFileName(line[path..]).Contains("librdkafka", StringComparison.Ordinal))
                return NativeLibrary.Load(line[path..]);
        }

        throw new DllNotFoundException($"Confluent.Kafka reports librdkafka {version}, but {MappedImages} names no image of it");
    }
}
