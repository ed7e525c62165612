using System.CommandLine;
using CohortPipeline.CohortCtl;
using CohortPipeline.Hosting;

var root = new RootCommand("Cohorts on your own Kafka: runs a pipeline, and talks to one that runs")
{
    UpCommand.Create(),
    CohortsCommand.Create(),
    DestinationsCommand.Create(),
    PublishCommand.Create(),
    StatusCommand.Create(),
    LintCommand.Create(),
    BacktestCommand.Create(),
    ExplainCommand.Create(),
    TestCommand.Create(),
    DemoCommand.Create(),
    DevCommand.Create(),
};
GlobalOptions.AddTo(root);
var parsed = root.Parse(args);

// A pipeline that is stopped commits what is done: its host has the time that it asks for, not the two seconds of a command.
var exitCode = await parsed.InvokeAsync(new() { ProcessTerminationTimeout = PipelineHost.ShutdownTimeout + TimeSpan.FromSeconds(5) });
return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
