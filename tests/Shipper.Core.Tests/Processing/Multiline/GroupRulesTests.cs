using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Processing.Multiline;

public class GroupRulesTests
{
    [Fact]
    public void Create_Off_ReturnsNull() => Assert.Null(GroupRules.Create(MultilineOptions.Off));

    [Fact]
    public void Create_NoLanguages_ReturnsNull() => Assert.Null(GroupRules.Create(new MultilineOptions(MultilineMode.Languages)));

    [Theory]
    [InlineData(MultilineMode.Traces, TraceLanguages.None)]
    [InlineData(MultilineMode.Auto, TraceLanguages.None)]
    [InlineData(MultilineMode.Languages, TraceLanguages.All)]
    [InlineData(MultilineMode.Languages, TraceLanguages.Java | TraceLanguages.Go)]
    internal void Create_Twice_ReturnsTheSameRule(MultilineMode mode, TraceLanguages languages)
    {
        GroupRule? first = GroupRules.Create(new MultilineOptions(mode, languages));
        GroupRule? second = GroupRules.Create(new MultilineOptions(mode, languages));

        Assert.NotNull(first);
        Assert.Same(first, second);
    }

    [Fact]
    public void Create_AllLanguages_ReturnsTheRuleOfTraces() =>
        Assert.Same(GroupRules.Create(MultilineOptions.Traces), GroupRules.Create(new MultilineOptions(MultilineMode.Languages, TraceLanguages.All)));

    [Fact]
    public void Create_OneLanguage_JoinsOnlyItsTraces()
    {
        GroupRule sut = GroupRules.Create(new MultilineOptions(MultilineMode.Languages, TraceLanguages.Go))!;

        List<string> records = GroupDriver.Join(sut, "java.lang.Exception: a\n\tat Main.main(Main.java:3)\npanic: a\n\ngoroutine 1 [running]:");

        Assert.Equal(["java.lang.Exception: a", "\tat Main.main(Main.java:3)", "panic: a\n\ngoroutine 1 [running]:"], records);
    }

    [Theory]
    [InlineData(MultilineMode.Start)]
    [InlineData(MultilineMode.Continue)]
    internal void Create_InvalidPattern_Throws(MultilineMode mode) =>
        Assert.ThrowsAny<ArgumentException>(() => GroupRules.Create(new MultilineOptions(mode, Pattern: "(")));
}
