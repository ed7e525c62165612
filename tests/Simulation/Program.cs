using CohortPipeline.Tests.Simulation;

return args switch
{
    [SimulateCommand.Verb, var seed, var runs] => SimulateCommand.Run(seed, runs),
    _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
        await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
