namespace Shipper.Checkpoints.Operations;

/// <summary>An operation that gives a stream one value: of several in a frame of changes only the last counts.</summary>
/// <typeparam name="TSelf">The operation itself.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
internal interface IStreamFact<TSelf, TValue>
    where TSelf : struct, IStreamFact<TSelf, TValue>
{
    static abstract TSelf Of(StreamCheckpoint stream, TValue value);
}
