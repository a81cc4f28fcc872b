using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Fields;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Fields;

public class TraceContextStageTests
{
    private readonly TraceContextStage _sut = new();

    [Fact]
    public void Apply_BothIds_AddsBoth() =>
        Assert.Equal(["trace_id=4bf92f3577b34da6a3ce929d0e0e4736", "span_id=00f067aa0ba902b7"], Metadata.Of(_sut, RealLines.SpringBoot));

    [Fact]
    public void Apply_TraceIdOnly_AddsIt() =>
        Assert.Equal(["trace_id=0000000000000000a3ce929d0e0e4736"], Metadata.Of(_sut, "order accepted x-b3-traceid=A3CE929D0E0E4736"));

    [Fact]
    public void Apply_NoIds_AddsNothing() => Assert.Empty(Metadata.Of(_sut, RealLines.Pino));

    [Fact]
    public void Apply_RecordHasTheName_AddsNothing() =>
        Assert.Equal(["trace_id=x"], Metadata.Of(_sut, RealLines.SpringBoot, EntryMetadata.Encode("trace_id"u8, "x"u8)));

    [Fact]
    public void Apply_RestOfALongLine_AddsNothing() => Assert.Empty(Metadata.Of(_sut, Encoding.UTF8.GetBytes(RealLines.LogrusText), isRemainder: true));

    [Fact]
    public void Apply_ManyLines_AllocatesNothing()
    {
        var context = new StageContext(1024);
        byte[][] lines = [.. ((string[])[RealLines.Pino, RealLines.Zap, RealLines.EcsNested, RealLines.PinoDatadog, RealLines.SpringBoot, RealLines.SerilogCompact]).Select(Encoding.UTF8.GetBytes)];
        Array.ForEach(lines, line => FieldsStageTests.Apply(_sut, context, line, times: 100));

        foreach (byte[] line in lines)
        {
            Assert.Equal(0, Allocation.Least(() => FieldsStageTests.Apply(_sut, context, line, times: 1000)));
        }
    }
}
