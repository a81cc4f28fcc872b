namespace Shipper.Browser.Tests;

/// <summary>The window that a page is seen in.</summary>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="IsDark">True if the system prefers dark colors.</param>
/// <param name="IsPhone">True for a touch screen with two pixels for each CSS pixel.</param>
public sealed record Look(int Width, int Height, bool IsDark = false, bool IsPhone = false)
{
    public static Look Desktop { get; } = new(1440, 1000);

    public static Look Phone { get; } = new(360, 780, IsPhone: true);

    public Look Dark => this with { IsDark = true };
}
