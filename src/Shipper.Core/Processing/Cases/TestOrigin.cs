namespace Shipper.Processing.Cases;

/// <summary>Where the input of a <see cref="RecordTest"/> comes from: <c>from</c> of an element of <c>tests</c>.</summary>
internal sealed class TestOrigin
{
    /// <summary>
    /// <c>container</c>, <c>journal</c> or <c>file</c>. If it is not set, it is <c>journal</c> if there is a unit, <c>file</c> if there is a file name, and
    /// otherwise <c>container</c>.
    /// </summary>
    public string Source
    {
        get => field.Length > 0 ? field : Unit.Length > 0 ? "journal" : Filename.Length > 0 ? "file" : "container";
        set;
    } = "";

    /// <summary>Namespace of the pod.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>Name of the pod.</summary>
    public string Pod { get; set; } = "";

    /// <summary>Name of the container.</summary>
    public string Container { get; set; } = "";

    /// <summary>Label <c>unit</c>.</summary>
    public string Unit { get; set; } = "";

    /// <summary>Label <c>filename</c>.</summary>
    public string Filename { get; set; } = "";

    /// <summary>The output of the container.</summary>
    public Records.LogOutput Stream { get; set; }
}
