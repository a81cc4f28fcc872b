namespace Shipper.Core.Tests.Fuzzing;

/// <summary>Thrown if a check fails for an input. The message contains all that is needed to repeat the failure.</summary>
internal sealed class FuzzException(string message) : Exception(message);
