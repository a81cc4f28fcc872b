namespace Shipper.Processing.Cases;

/// <summary>A test of the processing: an element of <c>tests</c> of the configuration.</summary>
internal sealed class RecordTest
{
    /// <summary>Name of the test, unique in the configuration.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where the input comes from.</summary>
    public TestOrigin From { get; set; } = new();

    /// <summary>The text that is written to the log, of one or several lines. A newline at its end makes no difference.</summary>
    public string Input { get; set; } = "";

    /// <summary>The records that must be sent, in their order; empty if nothing must be sent.</summary>
    public List<ExpectedRecord> Expect { get; set; } = [];
}
