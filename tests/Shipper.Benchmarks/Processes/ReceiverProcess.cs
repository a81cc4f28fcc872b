using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Shipper.Benchmarks.Receiving;

namespace Shipper.Benchmarks.Processes;

/// <summary>Runs the receiver as a separate process, so that its CPU time is not counted as the agent's.</summary>
internal sealed class ReceiverProcess : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly Process _process;

    private ReceiverProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public double CpuSeconds => ProcessClock.ReadSeconds(_process.Id);

    public static async Task<ReceiverProcess> StartAsync()
    {
        Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["receive"]) { RedirectStandardOutput = true })!;
        string address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The receiver did not start. Its output is above.");
        return new ReceiverProcess(process, new Uri(address));
    }

    public async Task<ReceiverReport> ReadAsync() => (await _http.GetFromJsonAsync<ReceiverReport>(Address))!;

    public async Task ResetAsync() => (await _http.PostAsync(new Uri(Address, "reset"), null)).EnsureSuccessStatusCode();

    /// <param name="written">Number of lines of each file.</param>
    public async Task<AuditReport> AuditAsync(IEnumerable<long> written)
    {
        using var counts = new StringContent(string.Join(',', written.Select(count => count.ToString(CultureInfo.InvariantCulture))));
        HttpResponseMessage answer = await _http.PostAsync(new Uri(Address, "audit"), counts);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<AuditReport>())!;
    }

    /// <summary>Pins the receiver to some CPUs.</summary>
    /// <param name="cpus">A list in the form of taskset(1), such as <c>1-3</c>.</param>
    public void Pin(string cpus)
    {
        using Process taskset = Process.Start(new ProcessStartInfo("taskset", ["-a", "-p", "-c", cpus, _process.Id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        taskset.WaitForExit();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _http.Dispose();
    }
}
