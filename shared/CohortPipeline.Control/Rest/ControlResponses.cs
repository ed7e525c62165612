using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CohortPipeline.Control;

/// <summary>Results as HTTP: the value as JSON, or problem+json whose <c>errors</c> say what was found, what was expected and what to do.</summary>
internal static class ControlResponses
{
    public static async Task<Results<Ok<T>, ProblemHttpResult>> AsResponse<T>(this Task<ControlResult<T>> pending) => Of(await pending);

    public static Results<Ok<T>, ProblemHttpResult> Of<T>(ControlResult<T> result) =>
        result.Error is { } error ? Problem(error) : TypedResults.Ok(result.Value);

    public static ProblemHttpResult Problem(ControlError error) => TypedResults.Problem(
        title: error.Title,
        statusCode: (int)error.Kind,
        detail: string.Join(Environment.NewLine, error.Details),
        extensions: new Dictionary<string, object?> { ["errors"] = error.Details });
}
