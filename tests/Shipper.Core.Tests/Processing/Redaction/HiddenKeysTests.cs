using Shipper.Processing.Redaction;

namespace Shipper.Core.Tests.Processing.Redaction;

public class HiddenKeysTests
{
    /// <summary>The mark is of what stands behind the text, so the end of the text no longer says anything.</summary>
    [Fact]
    public void Add_MarkBehindABeginThatIsCut_IsTheLast()
    {
        var sut = default(HiddenKeys);

        sut.Add("connecting\n-----BEGIN RSA PRI"u8);
        Assert.Equal(KeyMark.PartOfBegin, sut.Last);
        sut.Add(KeyMark.End);
        sut.Add("\n"u8);

        Assert.Equal(KeyMark.End, sut.Last);
    }

    [Fact]
    public void Add_NoMark_ChangesNothing()
    {
        var sut = default(HiddenKeys);

        sut.Add("-----BEGIN RSA PRI"u8);
        sut.Add(KeyMark.None);
        sut.Add("VATE KEY-----\nMIIE"u8);

        Assert.Equal(KeyMark.Begin, sut.Last);
    }
}
