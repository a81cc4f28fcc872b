
namespace Shipper.Checkpoints.Operations;

/// <summary>Assigns an id to attributes of records that have processing rules. A snapshot has only attributes that something else in the snapshot refers to.</summary>
/// <remarks>
/// <code>24 rules:varint *byte</code>
/// <see cref="NewAttributes"/> describes the rest.
/// </remarks>
/// <param name="Rules">The id of the rules, which <see cref="NewRules"/> assigned.</param>
internal readonly record struct NewRuledAttributes(int Rules, NewAttributes Attributes) : ICheckpointOperation<NewRuledAttributes>
{
    public static byte Code => 24;

    public static NewRuledAttributes? Read(BinaryReader reader, CheckpointState state)
    {
        int rules = reader.Read7BitEncodedInt();
        string? text = state.FindRules(rules);
        var attributes = NewAttributes.Read(reader, text ?? "");
        return text is null ? null : new NewRuledAttributes(rules, attributes);
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Rules);
        Attributes.Write(writer, state);
    }

    public void Apply(CheckpointState state) => Attributes.Apply(state);
}
