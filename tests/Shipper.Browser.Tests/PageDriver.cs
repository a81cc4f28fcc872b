using System.Collections.Concurrent;
using System.Globalization;
using PuppeteerSharp;

namespace Shipper.Browser.Tests;

/// <summary>
/// Drives a page in the browser and records what goes wrong in it: errors in the console, exceptions, violations of the content security policy.
/// Call <see cref="AssertNoErrors"/> at the end of each test.
/// </summary>
public sealed class PageDriver : IAsyncDisposable
{
    /// <summary>The limit for all waiting. It only ends a test that will never pass: loaded machines are slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _errors = new();

    internal PageDriver(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.DefaultTimeout = (int)Patience.TotalMilliseconds;
        page.DefaultNavigationTimeout = (int)Patience.TotalMilliseconds;
        page.Console += (_, e) =>
        {
            if (e.Message.Type is ConsoleType.Error or ConsoleType.Warning)
            {
                _errors.Enqueue($"{e.Message.Type}: {e.Message.Text} {e.Message.Location?.URL}");
            }
        };
        page.PageError += (_, e) => _errors.Enqueue($"Exception: {e.Message}");
        page.Dialog += async (_, e) =>
        {
            _errors.Enqueue($"Dialog: {e.Dialog.Message}");
            await e.Dialog.Dismiss();
        };
    }

    /// <summary>The page itself, for what this type has no method for.</summary>
    public IPage Page { get; }

    /// <summary>Errors so far, oldest first.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public async Task GoAsync(Uri address, Look look)
    {
        await Page.SetViewportAsync(new ViewPortOptions
        {
            Width = look.Width,
            Height = look.Height,
            IsMobile = look.IsPhone,
            HasTouch = look.IsPhone,
            DeviceScaleFactor = look.IsPhone ? 2 : 1,
        });
        await Page.EmulateMediaFeaturesAsync(
        [
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = look.IsDark ? "dark" : "light" },
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersReducedMotion, Value = "reduce" },
        ]);
        await Page.EvaluateFunctionOnNewDocumentAsync(
            "() => addEventListener('securitypolicyviolation', e => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`))");
        await _context.OverridePermissionsAsync(address.GetLeftPart(UriPartial.Authority), [OverridePermission.ClipboardReadWrite]);
        await Page.GoToAsync(address.AbsoluteUri, WaitUntilNavigation.DOMContentLoaded);
    }

    /// <summary>Evaluates an expression in the page.</summary>
    public Task<T> GetAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    public Task RunAsync(string expression) => Page.EvaluateExpressionAsync($"void ({expression})");

    /// <summary>Waits until an expression in the page is true.</summary>
    public async Task WaitForAsync(string expression)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, TestContext.Current.CancellationToken);
        while (!await IsTrueAsync(expression))
        {
            try
            {
                await Task.Delay(PollInterval, TimeProvider.System, linked.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                Assert.Fail($"Not true after {Patience.TotalSeconds} s: {expression}. Errors: {string.Join("; ", _errors)}. The page says:\n{await TextAsync("body")}");
            }
        }
    }

    private async Task<bool> IsTrueAsync(string expression)
    {
        try
        {
            return await GetAsync<bool>($"Boolean({expression})");
        }
        catch (EvaluationFailedException exception) when (exception.Message.Contains("context was destroyed", StringComparison.Ordinal))
        {
            // The page is being loaded anew.
            return false;
        }
    }

    /// <summary>Waits until the text of an element contains a text.</summary>
    public Task WaitForTextAsync(string selector, string text) => WaitForAsync($"document.querySelector({Quote(selector)})?.innerText.includes({Quote(text)})");

    /// <summary>The text of an element as it is seen; empty if there is none.</summary>
    public Task<string> TextAsync(string selector) => GetAsync<string>($"document.querySelector({Quote(selector)})?.innerText ?? ''");

    public Task<int> CountAsync(string selector) => GetAsync<int>($"document.querySelectorAll({Quote(selector)}).length");

    public Task<bool> IsVisibleAsync(string selector) => GetAsync<bool>($"document.querySelector({Quote(selector)})?.checkVisibility() ?? false");

    public Task ClickAsync(string selector) => Page.ClickAsync(selector);

    /// <summary>Presses keys one after the other, by their names in the DOM, such as <c>Enter</c> or <c>j</c>.</summary>
    public async Task PressAsync(params string[] keys)
    {
        foreach (string key in keys)
        {
            await Page.Keyboard.PressAsync(key);
        }
    }

    public Task TypeAsync(string selector, string text) => Page.TypeAsync(selector, text);

    /// <summary>The contrast of an element's text and what is behind it, by WCAG 2: from 1 to 21.</summary>
    public async Task<double> ContrastAsync(string selector) => double.Parse(
        await GetAsync<string>($$"""
            (() => {
              const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
              const node = document.querySelector({{Quote(selector)}});
              const path = [];
              for (let n = node; n; n = n.parentElement) path.unshift(n);
              const luminance = () => {
                const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b;
              };
              const paint = color => { context.fillStyle = color; context.fillRect(0, 0, 1, 1); };
              paint('white');
              for (const n of path) paint(getComputedStyle(n).backgroundColor);
              const behind = luminance();
              paint(getComputedStyle(node).color);
              const text = luminance();
              return String((Math.max(behind, text) + .05) / (Math.min(behind, text) + .05));
            })()
            """),
        CultureInfo.InvariantCulture);

    /// <summary>Writes an image of the window to the directory <c>$SHIPPER_SCREENSHOTS</c>, if that is set.</summary>
    public async Task ScreenshotAsync(string name, bool isWholePage = false)
    {
        if (Environment.GetEnvironmentVariable("SHIPPER_SCREENSHOTS") is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
            await Page.ScreenshotAsync(Path.Combine(directory, name + ".png"), new ScreenshotOptions { FullPage = isWholePage });
        }
    }

    /// <summary>Fails if the page reported an error.</summary>
    /// <param name="expected">Parts of messages that the test provoked, such as <c>404</c>.</param>
    public void AssertNoErrors(params string[] expected) =>
        Assert.DoesNotContain(_errors, error => !expected.Any(part => error.Contains(part, StringComparison.Ordinal)));

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    /// <summary>A text as a JavaScript literal.</summary>
    public static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
