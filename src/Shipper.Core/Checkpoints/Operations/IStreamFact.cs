namespace Shipper.Checkpoints.Operations;

/// <summary>An operation that sets one value of a stream. If a frame of changes has several for a stream, only the last one counts.</summary>
/// <typeparam name="TSelf">The operation itself.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
internal interface IStreamFact<TSelf, TValue>
    where TSelf : struct, IStreamFact<TSelf, TValue>
{
    static abstract TSelf Of(StreamCheckpoint stream, TValue value);
}
