using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>
/// New positions of generations, each with the proof of the content before it. Committing them also stores generations that are not stored yet.
/// </summary>
internal sealed class PositionChanges : List<(StreamCheckpoint Stream, GenerationUpdate Update)>, IChangeList
{
    public bool IsEmpty => Count == 0;

    public void Commit(CheckpointWriter writer)
    {
        foreach ((StreamCheckpoint stream, GenerationUpdate update) in this)
        {
            GenerationCheckpoint generation = update.Generation;
            writer.Define(stream, generation);
            var position = new Position(generation, update.Identity, update.Inode, update.Acknowledged ?? generation.Acknowledged, update.Size);
            position.Apply(writer.State);
            writer.Append(position);
            if (update.Proof.IsKnown && update.Proof != generation.Proof)
            {
                var proof = new Proof(generation, update.Proof);
                proof.Apply(writer.State);
                writer.Append(proof);
            }
        }
    }
}
