using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Loki;

/// <summary>
/// The labels of a stream, and the structured metadata that each of its records carries. Both are encoded once, so they cost nothing per record. Two instances
/// with the same content are equal.
/// </summary>
internal sealed class StreamAttributes : IEquatable<StreamAttributes>
{
    private readonly byte[] _stdout;
    private readonly byte[] _stderr;

    // Computed once, because it is used for each run that is written to a checkpoint, and the labels are long.
    private readonly int _hashCode;

    /// <param name="metadata">Structured metadata of each entry, encoded by <see cref="EntryMetadata.Encode"/>.</param>
    /// <param name="hasOutput">True if the metadata of each entry also names the output of its container: stdout or stderr.</param>
    /// <param name="rules">The processing rules of the records; null for none.</param>
    public StreamAttributes(StreamLabels labels, byte[] metadata, bool hasOutput, StreamRules? rules = null)
    {
        Rules = rules ?? StreamRules.None;
        Labels = labels;
        Metadata = metadata;
        HasOutput = hasOutput;
        _stdout = hasOutput ? [.. PushRequestWriter.StdoutMetadata, .. metadata] : metadata;
        _stderr = hasOutput ? [.. PushRequestWriter.StderrMetadata, .. metadata] : metadata;
        var hash = new HashCode();
        hash.AddBytes(labels.Encoded);
        hash.Add(metadata.Length);
        _hashCode = hash.ToHashCode();
    }

    public StreamLabels Labels { get; }

    /// <summary>The encoded metadata without the output.</summary>
    public byte[] Metadata { get; }

    public bool HasOutput { get; }

    /// <summary>The processing rules of the records.</summary>
    public StreamRules Rules { get; }

    /// <summary>Returns the encoded metadata of an entry of the given output.</summary>
    public ReadOnlySpan<byte> MetadataOf(LogOutput output) => output == LogOutput.Stdout ? _stdout : _stderr;

    public bool Equals(StreamAttributes? other) =>
        ReferenceEquals(this, other)
        || (other is not null && HasOutput == other.HasOutput && Rules == other.Rules && Labels.Encoded.AsSpan().SequenceEqual(other.Labels.Encoded) && Metadata.AsSpan().SequenceEqual(other.Metadata));

    public override bool Equals(object? obj) => Equals(obj as StreamAttributes);

    public override int GetHashCode() => _hashCode;
}
