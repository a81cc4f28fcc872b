using System.Text;
using Shipper.Processing.Levels;

namespace Shipper.Core.Tests.Processing.Levels;

public class RecordLevelsTests
{
    [Theory]
    [InlineData(0, "critical")]
    [InlineData(1, "critical")]
    [InlineData(2, "critical")]
    [InlineData(3, "error")]
    [InlineData(4, "warn")]
    [InlineData(5, "info")]
    [InlineData(6, "info")]
    [InlineData(7, "debug")]
    [InlineData(8, "")]
    [InlineData(-1, "")]
    public void FromSyslogPriority_EachSeverity_IsTheLevelOfGrafana(int priority, string level) =>
        Assert.Equal(level, Encoding.ASCII.GetString(RecordLevels.NameOf(RecordLevels.FromSyslogPriority(priority))));

    [Fact]
    public void TryParse_NameOfEachLevel_ReturnsTheLevel()
    {
        foreach (RecordLevel level in Enum.GetValues<RecordLevel>().Where(level => level != RecordLevel.None))
        {
            Assert.True(RecordLevels.TryParse(Encoding.ASCII.GetString(RecordLevels.NameOf(level)), out RecordLevel parsed));
            Assert.Equal(level, parsed);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("warning")]
    [InlineData("INFO")]
    public void TryParse_OtherText_ReturnsFalse(string name)
    {
        Assert.False(RecordLevels.TryParse(name, out RecordLevel level));
        Assert.Equal(RecordLevel.None, level);
    }
}
