using System.ComponentModel.DataAnnotations;
using System.Net;

namespace CohortPipeline.Hosting;

/// <summary>Section <c>Http</c>: where health, metrics and, for control-api, the REST interface are served.</summary>
public sealed class HttpOptions : IValidatableObject
{
    public const string Section = "Http";

    /// <summary>IP address to listen at; 127.0.0.1 unless set, so that nothing is open to a network by accident. Containers set 0.0.0.0.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>0: the service's own default.</summary>
    [Range(0, IPEndPoint.MaxPort, ErrorMessage = "Http:Port lies between 1 and 65535 (0: the service's default).")]
    public int Port { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Address, out _))
            yield return new($"Http:Address is `{Address}`: expected an IP address such as 127.0.0.1, 0.0.0.0 or ::.", [nameof(Address)]);
    }
}
