using System.Text;
using Shipper.Processing;
using Shipper.Processing.Redaction;

namespace Shipper.Core.Tests.Processing.Redaction;

[Trait("Speed", "Slow")]
public class OrdinaryLineTests
{
    private const int Lines = 1_000_000;

    [Fact]
    public void Apply_MillionOrdinaryLines_ChangesNone()
    {
        var changed = new List<string>();
        Parallel.For(0, OrdinaryLines.Formats, format =>
        {
            // Everything, but addresses where the lines have some.
            var sut = new RedactStage(new RedactOptions
            {
                Secrets = true,
                Personal = PersonalData.Cards | PersonalData.Ibans | PersonalData.Emails | (OrdinaryLines.HasAddresses(format) ? PersonalData.None : PersonalData.Ips),
            });
            var context = new StageContext(Redaction.MaxLineBytes);
            var lines = new OrdinaryLines(format);
            byte[] buffer = new byte[Redaction.MaxLineBytes];
            for (int i = 0; i < (Lines / OrdinaryLines.Formats) + 1; i++)
            {
                string line = lines.Next(format);
                int length = Encoding.UTF8.GetBytes(line, buffer);
                RecordDraft draft = new() { Line = buffer.AsSpan(0, length), Length = length, IsAscii = true };
                sut.Apply(ref draft, context);
                if (context.Counts.Count > 0)
                {
                    lock (changed)
                    {
                        changed.Add($"{line}\n{Encoding.UTF8.GetString(draft.Line)}");
                    }

                    context.ClearCounts();
                }
            }
        });

        Assert.Empty(changed.Take(10));
    }
}
