namespace Shipper.Tailing.Copies;

/// <summary>The saved copy of a generation: a file in the state directory.</summary>
/// <param name="owner">The directory's.</param>
/// <param name="id">Number of the generation.</param>
/// <param name="isGzip">True where it is compressed.</param>
/// <param name="wholeFrom">From here on nothing is missing; before that only the beginning is there.</param>
/// <param name="path">Path of the file.</param>
internal sealed class HeldCopy(HeldCopies owner, int id, bool isGzip, long wholeFrom, string path)
{
    public int Id { get; } = id;

    public bool IsGzip { get; } = isGzip;

    public long WholeFrom { get; } = wholeFrom;

    public string Path { get; } = path;

    /// <summary>Sets its time, which tells its place among the copies of its stream.</summary>
    public void SetTime(long modifiedNs) => owner.SetTime(this, modifiedNs);

    /// <summary>It is not needed any more.</summary>
    public void Delete() => owner.Delete(this);
}
