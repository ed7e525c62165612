using System.Text.Json;
using CohortPipeline.Control;

namespace CohortPipeline.CohortCtl;

internal static class IndentedJson
{
    public static readonly JsonSerializerOptions Options = new(ControlJson.Options) { WriteIndented = true };
}
