using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>Something that changes the live view. With all values empty, the terminal has another size.</summary>
/// <param name="Pressed">The key that was pressed.</param>
/// <param name="Status">A new answer about the agent.</param>
/// <param name="Explanation">The answer about the log that was chosen.</param>
/// <param name="Failure">Why there is no answer.</param>
internal readonly record struct WatchEvent(Key? Pressed = null, JsonView? Status = null, JsonView? Explanation = null, string? Failure = null);
