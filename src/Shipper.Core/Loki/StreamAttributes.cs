using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Loki;

/// <summary>
/// What records are sent with: the labels of their stream, and structured metadata that each of them carries. Ready bytes, so that
/// it costs nothing per record. Equal where the content is.
/// </summary>
internal sealed class StreamAttributes : IEquatable<StreamAttributes>
{
    private readonly byte[] _stdout;
    private readonly byte[] _stderr;

    // Asked for with each run that is noted: the labels are long.
    private readonly int _hashCode;

    /// <param name="labels">The labels.</param>
    /// <param name="metadata">Structured metadata of each entry, encoded as <see cref="PushRequestWriter.EncodeMetadata"/> does.</param>
    /// <param name="hasOutput">True where each entry also says which output of its container it was written to.</param>
    /// <param name="rules">What is done with the records; null for nothing.</param>
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

    /// <summary>The metadata without the output.</summary>
    public byte[] Metadata { get; }

    public bool HasOutput { get; }

    /// <summary>What is done with the records.</summary>
    public StreamRules Rules { get; }

    /// <summary>The whole metadata of an entry of that output.</summary>
    public ReadOnlySpan<byte> MetadataOf(LogOutput output) => output == LogOutput.Stdout ? _stdout : _stderr;

    public bool Equals(StreamAttributes? other) =>
        ReferenceEquals(this, other)
        || (other is not null && HasOutput == other.HasOutput && Rules == other.Rules && Labels.Encoded.AsSpan().SequenceEqual(other.Labels.Encoded) && Metadata.AsSpan().SequenceEqual(other.Metadata));

    public override bool Equals(object? obj) => Equals(obj as StreamAttributes);

    public override int GetHashCode() => _hashCode;
}
