using System.Text;

namespace Shipper.Processing.Rules.Probes;

/// <summary>What a log line says about one request. A line that contradicts itself describes no health check.</summary>
internal struct RequestFacts
{
    private const int StatusDigits = 3;

    private static readonly WordList NoError = new("", "-", "null", "nil", "<nil>", "false");

    private bool _isSuccess;
    private bool _isFailure;
    private bool _isOtherMethod;
    private bool _isFromProbe;
    private bool _isFromScraper;
    private bool _isFromOther;
    private int _paths;

    /// <summary>True if the line has a status.</summary>
    public readonly bool HasStatus => _isSuccess || _isFailure;

    /// <summary>True if the line has a path.</summary>
    public readonly bool HasTarget => _paths != 0;

    /// <summary>
    /// True if the line describes a health check that succeeded: a status of 2xx and no other, a method that only reads, and either the user agent of a probe or
    /// the path of one. A path that may also be a page counts only if no other user agent is known.
    /// </summary>
    public readonly bool IsHealthCheck =>
        _isSuccess && !_isFailure
        && (_isOtherMethod ? HasOnly(ProbePath.Grpc, ProbePath.Grpc)
            : _isFromProbe
            || (_isFromScraper && HasOnly(ProbePath.Scrape, ProbePath.Scrape))
            || HasOnly(_isFromOther || _isFromScraper ? ProbePath.Certain : ProbePath.Usual, ProbePath.Grpc));

    /// <summary>Returns true if a text is a status, with or without a reason phrase.</summary>
    public static bool IsStatus(ReadOnlySpan<byte> text) =>
        text.Length >= StatusDigits && !text[..StatusDigits].ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && (text.Length == StatusDigits || text[StatusDigits] == ' ');

    /// <summary>Adds a status.</summary>
    /// <returns>False if the text is not a status.</returns>
    public bool AddStatus(ReadOnlySpan<byte> text)
    {
        if (!IsStatus(text))
        {
            return false;
        }

        _isSuccess |= text[0] == '2';
        _isFailure |= text[0] != '2';
        return true;
    }

    /// <summary>Adds a path or URL.</summary>
    /// <returns>False if the text is neither.</returns>
    public bool AddTarget(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("http://"u8) || text.StartsWith("https://"u8))
        {
            text = text[(text.IndexOf("//"u8) + 2)..];
            int slash = text.IndexOf((byte)'/');
            text = slash < 0 ? "/"u8 : text[slash..];
        }

        if (text.IsEmpty || text[0] != '/')
        {
            return false;
        }

        _paths |= 1 << (int)ProbePaths.Classify(text);
        return true;
    }

    public void AddMethod(ReadOnlySpan<byte> text) => _isOtherMethod |= !Ascii.EqualsIgnoreCase(text, "GET"u8) && !Ascii.EqualsIgnoreCase(text, "HEAD"u8);

    /// <summary>Adds a user agent.</summary>
    /// <param name="text">The user agent; more text may follow it. <c>-</c> and the empty text are none.</param>
    public void AddAgent(ReadOnlySpan<byte> text) => _isFromOther |= !AddPossibleAgent(text) && !text.IsEmpty && char.IsAsciiLetterOrDigit((char)text[0]);

    /// <summary>Adds a text that may be a user agent, or something else.</summary>
    /// <returns>True if it is one of a probe or a scraper.</returns>
    public bool AddPossibleAgent(ReadOnlySpan<byte> text)
    {
        bool isFromProbe = ProbeAgents.Probes.BeginsIn(text);
        bool isFromScraper = ProbeAgents.Scrapers.BeginsIn(text);
        _isFromProbe |= isFromProbe;
        _isFromScraper |= isFromScraper;
        return isFromProbe || isFromScraper;
    }

    /// <summary>Adds the value of a field for an error. The request failed if it is not empty.</summary>
    public void AddError(ReadOnlySpan<byte> text) => _isFailure |= !NoError.Contains(text);

    /// <summary>Returns true if there is a path, and each is of one of some neighboring kinds.</summary>
    private readonly bool HasOnly(ProbePath first, ProbePath last)
    {
        int wanted = (2 << (int)last) - (1 << (int)first);
        return _paths != 0 && (_paths & ~wanted) == 0;
    }
}
