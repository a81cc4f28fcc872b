using Shipper.Loki;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Loki;

public class StreamLabelsTests
{
    [Fact]
    public void Create_Labels_SortsThemAndOmitsEmptyOnes()
    {
        StreamLabels labels = StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "p", ["cluster"] = "c", ["environment"] = "" });

        Assert.Equal("{cluster=\"c\", pod=\"p\"}", labels.Selector);
    }

    [Theory]
    [InlineData("quote \" backslash \\ newline \n tab \t")]
    [InlineData("bell \a delete \x7f ä € 😀")]
    public void Create_SpecialCharacters_CanBeReadByLoki(string value)
    {
        StreamLabels labels = StreamLabels.Create(new Dictionary<string, string> { ["pod"] = value });

        Assert.Equal(value, Assert.Single(LabelSet.Parse(labels.Selector)).Value);
    }

    [Theory]
    [InlineData("app", true)]
    [InlineData("_app_1", true)]
    [InlineData("", false)]
    [InlineData("1app", false)]
    [InlineData("__name__", false)]
    [InlineData("app.kubernetes.io/name", false)]
    [InlineData("größe", false)]
    public void IsValidName_Name_FollowsLokisRules(string name, bool expected) =>
        Assert.Equal(expected, StreamLabels.IsValidName(name));
}
