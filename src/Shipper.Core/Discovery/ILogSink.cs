namespace Shipper.Discovery;

/// <summary>Receives what discovery finds. Thread-safe.</summary>
internal interface ILogSink
{
    void Publish(LogChange change);
}
