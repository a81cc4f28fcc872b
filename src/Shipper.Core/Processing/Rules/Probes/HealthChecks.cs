using System.Text;
using Shipper.Processing.Fields;
using Shipper.Processing.Levels;
using Shipper.Processing.Literals;

namespace Shipper.Processing.Rules.Probes;

/// <summary>
/// The preset <c>health-checks</c>: recognizes the log lines of requests with which load balancers, Kubernetes and monitoring check that an application works.
/// Only lines that say that the check succeeded (a status of 2xx) are recognized. If in doubt, a line is not one of them.
/// </summary>
internal static class HealthChecks
{
    private static readonly string[] Literals =
    [
        "/health", "/_health", "/live", "/ready", "/readi", "/alive", "/ping", "/status", "/heartbeat", "/up ", "/up\"", "/metrics", "/prometheus",
        "/grpc.health", .. ProbeAgents.Names,
    ];

    /// <summary>Literals of which each recognized line has at least one.</summary>
    public static Literal[] Required { get; } = [.. Literals.Select(text => new Literal(Encoding.UTF8.GetBytes(text), ignoreCase: false))];

    private static LiteralTest Possible { get; } = new(Required);

    /// <summary>Returns true if a record is the log line of a health check that succeeded.</summary>
    public static bool IsHealthCheck(scoped in RecordDraft draft)
    {
        ReadOnlySpan<byte> line = draft.Line;

        // A request is one line: anything that was joined to it, such as a stack trace, is more than a health check.
        return draft.Level < RecordLevel.Error && !draft.IsRemainder && draft.Length <= line.Length
            && Possible.IsIn(line) && !line.Contains((byte)'\n') && DescribesHealthCheck(line);
    }

    private static bool DescribesHealthCheck(ReadOnlySpan<byte> line)
    {
        var facts = default(RequestFacts);
        int begin = FieldFinder.IndexOfObject(line);
        if (begin >= 0)
        {
            RequestFields.ReadJson(line[begin..], ref facts);
            return facts.IsHealthCheck;
        }

        // Loggers for people put fields behind the text: zap and Caddy as JSON, others as logfmt.
        RequestText.Read(line, ref facts);
        int json = line.IndexOf("{\""u8);
        RequestFields.ReadLogfmt(json < 0 ? line : line[..json], ref facts);
        RequestFields.ReadJson(json < 0 ? default : line[json..], ref facts);
        return facts.IsHealthCheck;
    }
}
