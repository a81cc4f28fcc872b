using Shipper.Status;

namespace Shipper.Http;

/// <summary>The status page as text.</summary>
internal static class StatusPageText
{
    public static string Render(AgentStatus status) => status.Verdict.Text;
}
