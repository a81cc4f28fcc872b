namespace Shipper.Core.Tests.Fuzzing;

/// <summary>Inputs for which something does not hold. The message has all that is needed to try them again.</summary>
internal sealed class FuzzException(string message) : Exception(message);
