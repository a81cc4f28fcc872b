using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Ansi;

namespace Shipper.Core.Tests.Processing.Ansi;

public class AnsiStageTests
{
    private const int MaxLineBytes = 100;

    private readonly AnsiStage _sut = new();
    private readonly StageContext _context = new(MaxLineBytes);

    [Theory]
    [InlineData("plain text", 10, "plain text", 10)]
    [InlineData("\u001b[90m12:00AM\u001b[0m \u001b[32mINF\u001b[0m order", 35, "12:00AM INF order", 17)]
    [InlineData("\u009b31mERROR\u009b0m ä", 17, "ERROR ä", 8)]
    [InlineData("\u001b[31mERROR\u001b[0", 13, "ERROR\u001b[0", 8)]
    [InlineData("\u001b[31mERROR\u001b[0", 50, "ERROR", 42)]
    [InlineData("\u001b[31mERROR", 50, "ERROR", 45)]
    [InlineData("\u001b[31m", 5, "", 0)]
    public void Apply_Line_RemovesTheSequencesAndTheirLength(string line, long length, string expected, long expectedLength)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        var draft = new RecordDraft { Line = bytes, Length = length, IsAscii = Ascii.IsValid(bytes) };

        Assert.Equal(StageVerdict.Keep, _sut.Apply(ref draft, _context));

        Assert.Equal(expected, Encoding.UTF8.GetString(draft.Line));
        Assert.Equal(expectedLength, draft.Length);
    }

    [Fact]
    public void Apply_NoSequence_DoesNotCopyTheLine()
    {
        ReadOnlySpan<byte> line = "[31m ä"u8;
        var draft = new RecordDraft { Line = line, Length = line.Length };

        _sut.Apply(ref draft, _context);

        Assert.True(draft.Line == line);
    }

    [Fact]
    public void Apply_AfterAStageThatChangedTheLine_DoesNotOverwriteItsText()
    {
        Span<byte> changed = _context.NextLine();
        "\u001b[1mabc\u001b[0mdef"u8.CopyTo(changed);
        var draft = new RecordDraft { Line = changed[..14], Length = 14 };

        _sut.Apply(ref draft, _context);

        Assert.Equal("abcdef"u8, draft.Line);
    }

    [Fact]
    public void Apply_ManyLines_AllocatesNothing()
    {
        byte[] line = Encoding.UTF8.GetBytes("\u001b[90m12:00AM\u001b[0m \u001b[32mINF\u001b[0m order ä");
        Apply(line, times: 100);

        Assert.Equal(0, Allocation.Least(() => Apply(line, times: 1000)));
    }

    private void Apply(byte[] line, int times)
    {
        for (int i = 0; i < times; i++)
        {
            var draft = new RecordDraft { Line = line, Length = line.Length };
            _sut.Apply(ref draft, _context);
        }
    }
}
