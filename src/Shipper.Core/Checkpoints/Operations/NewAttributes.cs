using Shipper.Loki;
using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Checkpoints.Operations;

/// <summary>Assigns an id to labels and metadata of records. A snapshot has only attributes that something else in the snapshot refers to.</summary>
/// <remarks>
/// <code>8 attributes:varint outputs:byte selector:string length:varint *byte</code>
/// Bits of outputs: 1: entries name their output; 2: stdout is excluded; 4: stderr is excluded. The last length bytes are the metadata.
/// </remarks>
/// <param name="Id">Number that is unique in the state directory.</param>
internal readonly record struct NewAttributes(int Id, StreamAttributes Attributes) : ICheckpointOperation<NewAttributes>
{
    private const int HasOutput = 1;
    private const int NoStdout = 2;
    private const int NoStderr = 4;

    public static byte Code => 8;

    public static NewAttributes? Read(BinaryReader reader, CheckpointState state) => Read(reader, rules: "");

    /// <summary>Reads attributes with rules.</summary>
    /// <param name="rules">The rules (<see cref="StreamRules.Text"/>).</param>
    /// <exception cref="FormatException">The values are not ones that an agent writes.</exception>
    public static NewAttributes Read(BinaryReader reader, string rules)
    {
        int id = CheckpointFormat.ReadId(reader);
        byte outputs = reader.ReadByte();
        var labels = StreamLabels.FromSelector(reader.ReadString());
        int length = reader.Read7BitEncodedInt();
        if (length is < 0 or > EntryMetadata.MaxBytes)
        {
            throw new FormatException("not the length of metadata");
        }

        byte[] metadata = reader.ReadBytes(length);
        if (metadata.Length != length)
        {
            throw new EndOfStreamException();
        }

        LogOutput? excluded = (outputs & NoStdout) != 0 ? LogOutput.Stdout : (outputs & NoStderr) != 0 ? LogOutput.Stderr : null;
        return new NewAttributes(id, new StreamAttributes(labels, metadata, (outputs & HasOutput) != 0, StreamRulesFactory.Parse(rules, excluded)));
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        int excluded = Attributes.Rules.Excluded switch { LogOutput.Stdout => NoStdout, LogOutput.Stderr => NoStderr, _ => 0 };
        writer.Write7BitEncodedInt(Id);
        writer.Write((byte)((Attributes.HasOutput ? HasOutput : 0) | excluded));
        writer.Write(Attributes.Labels.Selector);
        writer.Write7BitEncodedInt(Attributes.Metadata.Length);
        writer.Write(Attributes.Metadata);
    }

    public void Apply(CheckpointState state) => state.AddAttributes(Id, Attributes);
}
