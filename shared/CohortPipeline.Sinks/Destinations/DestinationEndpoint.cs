using System.Diagnostics.CodeAnalysis;

namespace CohortPipeline.Sinks;

/// <summary>Where to send instead of to AWS: another server, or a folder.</summary>
public sealed record DestinationEndpoint
{
    private const string FolderScheme = "file:";

    private DestinationEndpoint(string text, Uri? server, string? folder)
    {
        Text = text;
        Server = server;
        Folder = folder;
    }

    /// <summary>As it was given.</summary>
    public string Text { get; }

    /// <summary>An http or https server; null where it is a folder.</summary>
    public Uri? Server { get; }

    /// <summary>A folder; null where it is a server.</summary>
    public string? Folder { get; }

    public bool IsFolder => Folder is not null;

    public static bool TryParse(string text, [NotNullWhen(true)] out DestinationEndpoint? endpoint)
    {
        endpoint = null;
        if (text.StartsWith(FolderScheme, StringComparison.Ordinal))
        {
            var folder = FolderOf(text[FolderScheme.Length..]);
            if (folder.Length == 0 || folder.Contains('\0', StringComparison.Ordinal))
                return false;
            endpoint = new(text, null, folder);
            return true;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var server) || (server.Scheme != Uri.UriSchemeHttp && server.Scheme != Uri.UriSchemeHttps) || server.Query.Length > 0)
            return false;
        endpoint = new(text, server, null);
        return true;
    }

    public override string ToString() => Text;

    /// <summary><c>file:out</c>, <c>file:/tmp/out</c> and <c>file:///tmp/out</c> are all understood.</summary>
    private static string FolderOf(string path) => path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
}
