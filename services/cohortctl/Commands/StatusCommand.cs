using System.CommandLine;
using CohortPipeline.Control;

namespace CohortPipeline.CohortCtl;

internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status", "The pipeline at a glance: cohorts, destinations, lag");
        command.Asks(async (client, _, report, cancellation) =>
            report.Show(await client.GetAsync<PipelineStatus>("v1/status", cancellation), Tables.Status));
        return command;
    }
}
