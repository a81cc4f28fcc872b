using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes.Api;

namespace Shipper.Core.Tests.Kubernetes.Api;

/// <summary>A kubeconfig whose user has a command, and the command itself, which is a shell script.</summary>
internal sealed class ExecFixture : IDisposable
{
    // Reached only if the condition never becomes true.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    public TemporaryDirectory Directory { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 12, 1, 10, 0, 0, TimeSpan.Zero));

    public string Kubeconfig => Directory["config"];

    public string Command => Directory["command"];

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Dispose();

    public static string Status(string status) => $"printf '%s\\n' '{{\"apiVersion\": \"{ExecCommand.ApiV1}\", \"kind\": \"ExecCredential\", \"status\": {{{status}}}}}'";

    public static async Task<int> GetAsync(ApiClient client)
    {
        using HttpResponseMessage answer = await client.GetAsync("/api/v1/pods", "application/json", Stopping);
        return (int)answer.StatusCode;
    }

    /// <summary>Writes the command: a script that counts its runs. <c>$n</c> is the number of the run.</summary>
    public void WriteCommand(string script)
    {
        File.WriteAllText(Command, $"#!/bin/sh\necho >>{Directory["runs"]}; n=$(wc -l <{Directory["runs"]})\n{script}\n");
        File.SetUnixFileMode(Command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public int CountRuns() => File.Exists(Directory["runs"]) ? File.ReadAllLines(Directory["runs"]).Length : 0;

    public ApiClient CreateClient(Uri server, string exec = "", string user = "", string cluster = "", string command = "./command") =>
        new(new ApiAccess(WriteKubeconfig(server, exec, user, cluster, command), "/nowhere", _ => null), time: Time);

    public string WriteKubeconfig(Uri server, string exec, string user = "", string cluster = "", string command = "./command")
    {
        File.WriteAllText(Kubeconfig, $$$"""
            current-context: main
            contexts: [{name: main, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "{{{server.GetLeftPart(UriPartial.Authority)}}}"{{{cluster}}}}}]
            users: [{name: u, user: {exec: {apiVersion: {{{ExecCommand.ApiV1}}}, command: {{{command}}}, {{{exec}}}}{{{user}}}}}]
            """);
        return Kubeconfig;
    }

    public async Task<int> WaitForPidAsync()
    {
        string text = "";
        await UntilAsync(() => File.Exists(Directory["pid"]) && (text = File.ReadAllText(Directory["pid"])).EndsWith('\n'));
        return int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a process has ended. A zombie, which its parent has not reaped, has an empty command line.</summary>
    public static Task WaitUntilGoneAsync(int pid) => UntilAsync(() =>
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < MaxWait, "The condition did not become true in time.");

            // The command is a process: it runs in real time, and nothing else shows its progress.
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stopping);
        }
    }
}
