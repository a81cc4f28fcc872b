using System.Text;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Levels;

public class LevelStageTests
{
    private static readonly byte[] Info = EntryMetadata.Encode("detected_level"u8, "info"u8);
    private static readonly byte[] Warn = EntryMetadata.Encode("detected_level"u8, "warn"u8);
    private static readonly byte[] Stream = EntryMetadata.Encode("stream"u8, "stdout"u8);

    private readonly StageContext _context = new(1024);
    private readonly LevelStage _sut = new();

    [Fact]
    public void Apply_LineWithLevel_SetsItAndAddsMetadata()
    {
        var draft = new RecordDraft { Line = "level=info msg=x"u8, Lines = 1, Metadata = Stream };

        Assert.Equal(StageVerdict.Keep, _sut.Apply(ref draft, _context));

        Assert.Equal(RecordLevel.Info, draft.Level);
        Assert.Equal([.. Stream, .. Info], draft.Metadata.ToArray());
        Assert.Equal(Info.Length, draft.AddedMetadataBytes);
    }

    [Fact]
    public void Apply_LineWithoutLevel_AddsNothing()
    {
        var draft = new RecordDraft { Line = "hello"u8, Lines = 1, Metadata = Stream };

        _sut.Apply(ref draft, _context);

        Assert.Equal(RecordLevel.None, draft.Level);
        Assert.Equal(Stream, draft.Metadata.ToArray());
    }

    [Theory]
    [InlineData("hello", "warn")]
    [InlineData("level=info", "info")]
    public void Apply_LevelOfTheSource_IsKeptUnlessTheTextStatesOne(string line, string level)
    {
        var draft = new RecordDraft { Line = Encoding.UTF8.GetBytes(line), Lines = 1, Level = RecordLevel.Warn };

        _sut.Apply(ref draft, _context);

        Assert.Equal(level == "warn" ? Warn : Info, draft.Metadata.ToArray());
    }

    [Fact]
    public void Apply_RestOfALongLine_IsNotLookedAt()
    {
        var draft = new RecordDraft { Line = "ERROR in the middle of a line"u8, Lines = 1, IsRemainder = true };

        _sut.Apply(ref draft, _context);

        Assert.Equal(RecordLevel.None, draft.Level);
        Assert.True(draft.Metadata.IsEmpty);
    }
}
