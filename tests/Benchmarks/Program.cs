using CohortPipeline.Benchmarks;
using CohortPipeline.Benchmarks.S3;

return args switch
{
    [S3SyncProcess.Verb, var rows, var endpoint, var bucket] => await S3SyncProcess.RunAsync(rows, endpoint, bucket),
    _ => BenchmarkRunner.Run(args, Console.Out, Console.Error),
};
