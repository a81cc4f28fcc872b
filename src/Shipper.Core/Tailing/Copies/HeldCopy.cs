namespace Shipper.Tailing.Copies;

/// <summary>The saved copy of a generation: a file in the state directory.</summary>
/// <param name="id">Number of the generation.</param>
/// <param name="isGzip">True if the copy is compressed.</param>
/// <param name="completeFrom">Offset from which the copy is complete; before it, only the beginning is present.</param>
internal sealed class HeldCopy(HeldCopies owner, int id, bool isGzip, long completeFrom, string path)
{
    public int Id { get; } = id;

    public bool IsGzip { get; } = isGzip;

    public long CompleteFrom { get; } = completeFrom;

    public string Path { get; } = path;

    /// <summary>Sets the copy's modification time, which determines its place among the copies of its stream.</summary>
    public void SetTime(long modifiedNs) => owner.SetTime(this, modifiedNs);

    /// <summary>Deletes the copy once it is no longer needed.</summary>
    public void Delete() => owner.Delete(this);
}
