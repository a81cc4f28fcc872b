using Microsoft.AspNetCore.Http;

namespace Shipper.Http;

/// <summary>The files of the status page. They are part of the program, and need nothing from anywhere else.</summary>
internal static class PageFiles
{
    /// <summary>
    /// The page runs only its own script, loads only its own files, and can't be framed. Text from a log is never markup; if it were, it could not run.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Answers with one of the files.</summary>
    public static Task WriteAsync(HttpContext context, string name, string contentType)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        context.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";

        // The program may be another version the next time.
        context.Response.Headers.CacheControl = "no-cache";
        return Responses.WriteAsync(context, StatusCodes.Status200OK, Read(name), contentType);
    }

    private static byte[] Read(string name)
    {
        using Stream file = typeof(PageFiles).Assembly.GetManifestResourceStream($"page/{name}") ?? throw new InvalidOperationException($"BUG: the program has no file page/{name}.");
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
