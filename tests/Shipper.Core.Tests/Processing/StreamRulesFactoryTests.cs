using Shipper.Processing;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing;

public class StreamRulesFactoryTests
{
    private const string Regex = "heartbeat";

    /// <summary>Another version may accept what this one refuses. A checkpoint with such rules must not end the agent.</summary>
    [Theory]
    [InlineData("(?=a)b")]
    [InlineData("(")]
    [InlineData("a)")]
    public void Parse_RulesThatThisVersionCannotRead_Throws(string regex)
    {
        var rule = new RuleOptions { Name = "chatter", When = new WhenOptions { Text = new TextOptions { Regex = Regex } }, Do = new RuleAction(RuleActionKind.Drop) };
        string text = StreamRulesFactory.Create(new ProcessingOptions { Rules = [rule] }, new RecordOrigin { Source = RecordOrigin.Files }).Text;
        Assert.Equal(text, StreamRulesFactory.Parse(text, excluded: null).Text);

        Assert.Throws<FormatException>(() => StreamRulesFactory.Parse(text.Replace(Regex, regex, StringComparison.Ordinal), excluded: null));
    }
}
