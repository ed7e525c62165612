using CohortPipeline.Tests.Integration;
using CohortPipeline.Tests.Integration.Chaos;
using CohortPipeline.Tests.Integration.Embedded;

return args switch
{
    [AppendingProcess.Verb, var folder] => AppendingProcess.Run(folder),
    [ChaosCommand.Verb] => await ChaosCommand.RunAsync(),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
