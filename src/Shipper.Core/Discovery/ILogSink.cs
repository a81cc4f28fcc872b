namespace Shipper.Discovery;

/// <summary>Takes what discovery finds. Thread-safe.</summary>
internal interface ILogSink
{
    void Publish(LogNews news);
}
