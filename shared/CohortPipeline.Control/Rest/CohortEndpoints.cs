using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CohortPipeline.Control;

/// <summary>Definitions to apply as one change set: files as they stand, YAML or JSON.</summary>
public sealed record ApplyRequest(IReadOnlyList<DefinitionFile> Files);

/// <summary>A list of cohorts.</summary>
public sealed record CohortList(IReadOnlyList<CohortView> Cohorts);

internal static class CohortEndpoints
{
    public static void MapCohorts(this IEndpointRouteBuilder routes)
    {
        var cohorts = routes.MapGroup("/v1/cohorts").WithTags("Cohorts");

        cohorts.MapGet("/", async (CohortDefinitions definitions, CancellationToken cancellation) =>
        {
            var found = await definitions.ListAsync(cancellation);
            return ControlResponses.Of<CohortList>(found.IsError ? found.Error! : new CohortList(found.Value));
        }).WithName("ListCohorts").WithSummary("Live cohorts with their members, enters and exits");

        cohorts.MapGet("/{id}", (string id, CohortDefinitions definitions, CancellationToken cancellation) => definitions.GetAsync(id, cancellation).AsResponse())
            .WithName("GetCohort").WithSummary("One cohort").ProducesProblem(StatusCodes.Status404NotFound);

        cohorts.MapPost("/", (ApplyRequest request, CohortDefinitions definitions, CancellationToken cancellation) => definitions.ApplyAsync(request.Files, cancellation).AsResponse())
            .WithName("ApplyCohorts").WithSummary("Applies all definitions of all files as one change set, or none")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);

        cohorts.MapDelete("/{id}", (string id, CohortDefinitions definitions, CancellationToken cancellation) => definitions.DeleteAsync(id, cancellation).AsResponse())
            .WithName("DeleteCohort").WithSummary("Deletes a cohort; every member leaves it")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }
}
