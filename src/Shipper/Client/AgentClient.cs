using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Shipper.Processing.Cases;

namespace Shipper.Client;

/// <summary>Asks a running agent over HTTP. The agent answers clients on its own machine only.</summary>
/// <param name="address">Base address of the agent.</param>
internal sealed class AgentClient(Uri address) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    private const int MaxAnswerBytes = 256 * 1024 * 1024;

    // No proxy: the agent is on this machine, or behind a port-forward to it.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    /// <summary>Base address of the agent.</summary>
    public string Address { get; } = address.GetLeftPart(UriPartial.Authority);

    /// <summary>Asks for a JSON document.</summary>
    /// <param name="path">The path, which begins with a slash.</param>
    /// <param name="isUnknownAnswered">True if the agent answers 404 with a document, too.</param>
    /// <exception cref="AgentException">There is no answer, or another one.</exception>
    public async Task<(string Text, JsonView Value)> ReadAsync(string path, bool isUnknownAnswered, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(AnswerTimeout);
        HttpStatusCode status;
        string text;
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(address, path), timeout.Token);
            status = response.StatusCode;
            text = await response.Content.ReadAsStringAsync(timeout.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
        {
            throw NoAnswer(e);
        }

        bool isDocument = JsonView.TryParse(text, out JsonView value) && value.IsObject;
        if (isDocument && (status == HttpStatusCode.OK || (status == HttpStatusCode.NotFound && isUnknownAnswered)))
        {
            return (text, value);
        }

        throw Refusal(status, path, text);
    }

    /// <summary>Opens a stream of server-sent events. The caller disposes of it.</summary>
    /// <param name="path">The path and the query.</param>
    /// <exception cref="AgentException">There is no answer, or another one.</exception>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                return await response.Content.ReadAsStreamAsync(timeout.Token);
            }

            using (response)
            {
                throw Refusal(response.StatusCode, path, response.StatusCode == HttpStatusCode.OK ? "" : await response.Content.ReadAsStringAsync(timeout.Token));
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
        {
            throw NoAnswer(e);
        }
    }

    public void Dispose() => _http.Dispose();

    private AgentException NoAnswer(Exception e)
    {
        string cause = e switch
        {
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "nothing listens there",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "there is no host of this name",
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "what listens there does not speak HTTP",
            OperationCanceledException => "no answer in time",
            _ => QuotedText.ToOneLine((e.InnerException ?? e).Message),
        };
        return new AgentException(
            $"no agent answers at {Address}: {cause}. Run this where the agent runs (kubectl exec -n NAMESPACE POD -- shipper ...), or name its address with --address.");
    }

    private AgentException Refusal(HttpStatusCode status, string path, string text)
    {
        string name = path.Split('?')[0];
        string words = FirstLine(text);
        return new AgentException(status switch
        {
            HttpStatusCode.Forbidden =>
                $"{Address} refuses to answer: {words}. The agent answers only clients on its own machine: use kubectl exec, or kubectl port-forward and --address localhost:PORT.",
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed =>
                $"{Address} has no {name}: an older agent, or not a Shipper agent at all. Use the program of the agent's own image, or another --address.",
            HttpStatusCode.BadRequest => words.Length > 0 ? words : $"{Address} does not understand the request.",
            HttpStatusCode.OK => $"what answers at {Address} is not a Shipper agent, or not one of this version: {name} is not as expected. Check --address.",
            _ => $"{Address} answers {(int)status}{(words.Length > 0 ? ": " + words : "")}. Try again, and check --address if this goes on.",
        });
    }

    private static string FirstLine(string text)
    {
        const int MaxChars = 300;
        string line = QuotedText.ToOneLine(text.TrimStart().Split('\n')[0]).TrimEnd('.', ' ');
        return line.Length > MaxChars ? line[..MaxChars] + "..." : line;
    }
}
