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

    public static NewRules? Read(BinaryReader reader, CheckpointState state) => new NewRules(CheckpointFormat.ReadId(reader), reader.ReadString());

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Id);
        writer.Write(Text);
    }

    public void Apply(CheckpointState state) => state.AddRules(Id, Text);
}
