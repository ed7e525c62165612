using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace CohortPipeline.Control;

internal static class PublishEndpoints
{
    public static void MapPublish(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/publish", async (HttpContext context, string file, string? topic, string? map, string? until, FilePublishing publishing, CancellationToken cancellation) =>
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = null;

            // The file is looked at before its first record is published, so that it is taken in whole.
            var path = Path.GetTempFileName();
            try
            {
                await using (var spooled = new FileStream(path, FileMode.Create, FileAccess.Write))
                    await context.Request.Body.CopyToAsync(spooled, cancellation);
                return ControlResponses.Of(await publishing.PublishAsync(new(path, Path.GetFileName(file), topic, map, until), onProgress: null, cancellation));
            }
            finally
            {
                File.Delete(path);
            }
        }).WithName("PublishFile").WithTags("Publish").WithSummary("Publishes the body, a file of producers' records, to a source topic")
            .Accepts<Stream>("application/octet-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
}
