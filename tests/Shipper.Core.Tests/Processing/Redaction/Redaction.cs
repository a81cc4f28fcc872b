using System.Text;
using Shipper.Processing;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Redaction;

/// <summary>Runs the stage on texts.</summary>
internal static class Redaction
{
    public const int MaxLineBytes = 4096;

    public static RedactOptions Everything { get; } = new()
    {
        Secrets = true,
        Personal = PersonalData.Cards | PersonalData.Emails | PersonalData.Ips | PersonalData.Ibans,
    };

    public static RedactOptions Secrets { get; } = new() { Secrets = true };

    /// <summary>The line as it is sent.</summary>
    public static string Of(string line, RedactOptions? options = null, StageContext? context = null, bool isCut = false)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        RecordDraft draft = Draft(bytes, bytes.Length + (isCut ? 1000 : 0));
        new RedactStage(options ?? Secrets).Apply(ref draft, context ?? new StageContext(MaxLineBytes));
        return Encoding.UTF8.GetString(draft.Line);
    }

    public static RecordDraft Draft(byte[] line, long length) => new()
    {
        Line = line,
        Length = length,
        IsAscii = Ascii.IsValid(line),
        Lines = 1,
        Output = LogOutput.Stdout,
    };
}
