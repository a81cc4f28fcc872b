using Shipper.Processing;

namespace Shipper.Checkpoints.Operations;

/// <summary>Assigns an id to processing rules. A snapshot has only rules that its attributes refer to.</summary>
/// <remarks>
/// <code>23 rules:varint text:string</code>
/// </remarks>
/// <param name="Id">Number that is unique in the state directory.</param>
/// <param name="Text">The rules (<see cref="StreamRules.Text"/>).</param>
internal readonly record struct NewRules(int Id, string Text) : ICheckpointOperation<NewRules>
{
    public static byte Code => 23;

    public static NewRules? Read(BinaryReader reader, CheckpointState state)
    {
        var rules = new NewRules(CheckpointFormat.ReadId(reader), reader.ReadString());

        // Rules that this version can't read must show here, and not in the frame of the attributes, of which a part could be applied before.
        _ = StreamRulesFactory.Parse(rules.Text, excluded: null);
        return rules;
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Id);
        writer.Write(Text);
    }

    public void Apply(CheckpointState state) => state.AddRules(Id, Text);
}
