using System.ComponentModel.DataAnnotations;

namespace CohortPipeline.SchemaRegistry;

/// <summary>Section <c>SchemaRegistry</c>. Without <see cref="Url"/> no registry is looked for; framed records are read all the same.</summary>
public sealed class SchemaRegistryOptions : IValidatableObject
{
    public const string Section = "SchemaRegistry";

    /// <summary>Address of the registry, such as <c>http://schema-registry:8081</c>; several, separated by commas, are tried in turn.</summary>
    public string Url { get; set; } = "";

    /// <summary>For basic authentication, with <see cref="Password"/>; empty: none.</summary>
    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>How long one call may take. 1 s to 1 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var url in Url.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                yield return new($"SchemaRegistry:Url has `{url}`: expected an address such as http://schema-registry:8081.", [nameof(Url)]);
        }

        if ((User.Length == 0) != (Password.Length == 0) || User.Contains(':', StringComparison.Ordinal))
            yield return new("SchemaRegistry:User and SchemaRegistry:Password go together, and a user has no colon.", [nameof(User)]);
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(1))
            yield return new("SchemaRegistry:Timeout lies between 00:00:01 and 00:01:00.", [nameof(Timeout)]);
    }
}
