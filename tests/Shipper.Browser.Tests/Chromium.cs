using PuppeteerSharp;

namespace Shipper.Browser.Tests;

/// <summary>A real Chromium without a window, for all tests of an assembly. Tests are skipped if none is installed.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private IBrowser? _browser;

    /// <summary>The program: <c>$SHIPPER_CHROMIUM</c>, or the first known name on the PATH. Null if there is none.</summary>
    public static string? Program { get; } = FindProgram();

    public async ValueTask InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }

        _browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = Program,
            Headless = true,
            Timeout = (int)PageDriver.Patience.TotalMilliseconds,
            // Chromium's sandbox does not work as root in a container. The tests load nothing but the agent's page.
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server", "--force-color-profile=srgb", "--hide-scrollbars"],
        });
    }

    /// <summary>Opens an address in a page with a profile of its own. Skips the test if there is no browser.</summary>
    public async Task<PageDriver> OpenAsync(Uri address, Look? look = null)
    {
        Assert.SkipWhen(_browser is null, "Chromium is not installed (package chromium), and $SHIPPER_CHROMIUM names no other browser.");
        IBrowserContext context = await _browser.CreateBrowserContextAsync();
        var driver = new PageDriver(context, await context.NewPageAsync());
        await driver.GoAsync(address, look ?? Look.Desktop);
        return driver;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
            await _browser.DisposeAsync();
        }
    }

    private static string? FindProgram()
    {
        if (Environment.GetEnvironmentVariable("SHIPPER_CHROMIUM") is { Length: > 0 } named)
        {
            return named;
        }

        string[] directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => directories.Select(directory => Path.Combine(directory, name))).FirstOrDefault(File.Exists);
    }
}
