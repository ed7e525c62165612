using System.CommandLine;
using CohortPipeline.CohortCtl;

var root = new RootCommand("Cohorts on your own Kafka: runs a pipeline, and talks to one that runs")
{
    UpCommand.Create(),
    CohortsCommand.Create(),
    DestinationsCommand.Create(),
    PublishCommand.Create(),
    StatusCommand.Create(),
    LintCommand.Create(),
    DemoCommand.Create(),
};
GlobalOptions.AddTo(root);
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
