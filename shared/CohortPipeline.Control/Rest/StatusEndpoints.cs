using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CohortPipeline.Control;

internal static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/status", (StatusReader status, CancellationToken cancellation) => status.ReadAsync(cancellation).AsResponse())
            .WithName("GetStatus").WithTags("Status").WithSummary("Cohorts, destinations and lag at a glance")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        routes.MapGet("/v1/status/destinations", (StatusReader status, CancellationToken cancellation) => status.ReadDestinationsAsync(null, cancellation).AsResponse())
            .WithName("GetDestinationStatuses").WithTags("Status").WithSummary("How all destinations stand: state, counts, age, lag, retries, throttled shards")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }
}
