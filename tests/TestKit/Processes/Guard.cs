using System.Diagnostics;

namespace CohortPipeline.TestKit.Processes;

/// <summary>
/// Has a program end with the run that started it, even if that run is killed: nobody would be left to stop it. A guard
/// waits for the end of standard input, which comes with the process that holds it, and then kills the program.
/// </summary>
public static class Guard
{
    /// <summary>
    /// The shell becomes the program, so that its process id, exit code and signals are the program's own; the guard is a
    /// child of it. A guard whose program has ended has another parent, and kills nobody.
    /// </summary>
    private const string Script = """
        [ -z "$GUARDED_OUTPUT" ] || exec >"$GUARDED_OUTPUT" 2>&1
        unset GUARDED_OUTPUT
        exec 3<&0
        (exec sh -c 'cat >/dev/null; read -r _ _ _ parent _ </proc/$$/stat || parent=$PPID; [ "$parent" != "$PPID" ] || kill -9 "$PPID"' <&3) >/dev/null 2>&1 &
        exec "$0" "$@" 3<&- </dev/null
        """;

    /// <summary>How to start a program under guard. It lives until it ends by itself or the process's standard input is closed.</summary>
    /// <param name="outputFile">Where its output goes; null: to the streams of the process.</param>
    public static ProcessStartInfo Of(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string? outputFile = null)
    {
        // By env: a shell drops variables whose names it could not write, such as librdkafka's with their dots.
        var variables = environment.Select(variable => $"{variable.Key}={variable.Value}");
        var start = new ProcessStartInfo("sh", ["-c", Script, "env", .. variables, program, .. arguments]) { RedirectStandardInput = true };
        start.Environment["GUARDED_OUTPUT"] = outputFile ?? "";
        return start;
    }
}
