using CohortPipeline.Sinks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CohortPipeline.Control;

/// <summary>A list of destinations.</summary>
public sealed record DestinationList(IReadOnlyList<DestinationView> Destinations);

/// <summary>The policies of one destination.</summary>
public sealed record PolicyList(IReadOnlyList<PolicyDocument> Policies);

internal static class DestinationEndpoints
{
    public static void MapDestinations(this IEndpointRouteBuilder routes)
    {
        var destinations = routes.MapGroup("/v1/destinations").WithTags("Destinations");

        destinations.MapGet("/", async (DestinationRegistry registry, CancellationToken cancellation) =>
        {
            var found = await registry.ListAsync(cancellation);
            return ControlResponses.Of<DestinationList>(found.IsError ? found.Error! : new DestinationList(found.Value));
        }).WithName("ListDestinations").WithSummary("All destinations");

        destinations.MapGet("/{id}", (string id, DestinationRegistry registry, CancellationToken cancellation) => registry.GetAsync(id, cancellation).AsResponse())
            .WithName("GetDestination").WithSummary("One destination").ProducesProblem(StatusCodes.Status404NotFound);

        destinations.MapGet("/{id}/status", (string id, StatusReader status, CancellationToken cancellation) => status.ReadDestinationsAsync(id, cancellation).AsResponse())
            .WithName("GetDestinationStatus").WithSummary("How one destination stands").ProducesProblem(StatusCodes.Status404NotFound);

        destinations.MapPost("/", async (HttpRequest request, DestinationRegistry registry, CancellationToken cancellation) =>
        {
            using var reader = new StreamReader(request.Body);
            return ControlResponses.Of(await registry.AddAsync(await reader.ReadToEndAsync(cancellation), cancellation));
        }).WithName("AddDestinations").WithSummary("Adds or changes destinations: YAML or JSON in our shape, or Lytics' subscription call as it stands")
            .Accepts<string>("application/json", "application/yaml", "text/plain")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);

        destinations.MapDelete("/{id}", (string id, DestinationRegistry registry, CancellationToken cancellation) => registry.DeleteAsync(id, cancellation).AsResponse())
            .WithName("DeleteDestination").WithSummary("Deletes a destination; its sink stops sending")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

        destinations.MapPost("/{id}/check", (string id, bool? send, DestinationRegistry registry, CancellationToken cancellation) => registry.CheckAsync(id, send ?? false, cancellation).AsResponse())
            .WithName("CheckDestination").WithSummary("Tries whether a destination can be delivered to; sends something only with send=true")
            .ProducesProblem(StatusCodes.Status404NotFound);

        destinations.MapGet("/{id}/policies", async (string id, string? account, string? principal, DestinationRegistry registry, CancellationToken cancellation) =>
        {
            var found = await registry.PoliciesAsync(id, new(account, principal), cancellation);
            return ControlResponses.Of<PolicyList>(found.IsError ? found.Error! : new PolicyList(found.Value));
        }).WithName("GetPolicies").WithSummary("The policies that the owner of the stream or bucket puts in place")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }
}
