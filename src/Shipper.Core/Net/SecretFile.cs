using System.Runtime.InteropServices;
using System.Text;
using Shipper.Native;

namespace Shipper.Net;

/// <summary>Reads files that contain secrets. Messages name the file and never show its content.</summary>
internal static class SecretFile
{
    /// <summary>Reads a file that contains only a secret, and trims surrounding white space.</summary>
    /// <param name="key">The configuration key that names the file.</param>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="SecretFileException">The file can't be read, is empty or has more than one line.</exception>
    public static string Read(string key, string path) => Check(key, path, ReadText(key, path));

    /// <summary>Like <see cref="Read"/>, for a token that is sent as a header without encoding.</summary>
    /// <exception cref="SecretFileException">The file can't be read, or does not contain a token.</exception>
    public static string ReadToken(string key, string path) => CheckToken(key, path, ReadText(key, path));

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="SecretFileException">The file can't be read.</exception>
    public static string ReadText(string key, string path)
    {
        // Opening a pipe would block until a writer opens it.
        int error = FileStatus.OfPath(path, out FileStatus status);
        if (error != 0 || status.Kind != FileKind.Regular)
        {
            string reason = error != 0 ? $"can't be read: {Marshal.GetPInvokeErrorMessage(error)}" : $"is {status.Kind.Describe()}, not a file";
            throw new SecretFileException($"{key} {path} {reason}");
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (IoFailure.Is(e) || e is ArgumentException)
        {
            throw new SecretFileException($"{key} {path} can't be read: {e.MessageWithoutPeriod()}");
        }
    }

    /// <summary>Checks a token, which is sent as a header without encoding.</summary>
    /// <param name="key">The configuration key, for messages.</param>
    /// <param name="path">The file that the token comes from, for messages.</param>
    /// <param name="text">The token, with white space around it.</param>
    /// <returns>The trimmed token.</returns>
    /// <exception cref="SecretFileException">The text is not a token.</exception>
    public static string CheckToken(string key, string path, string text)
    {
        string token = Check(key, path, text);
        return IsToken(token) ? token : throw new SecretFileException($"{key} {path} has characters that a token can't have; it must contain only the token");
    }

    /// <summary>True if the text consists of visible ASCII characters only, so that it can be a token.</summary>
    public static bool IsToken(string text) => text.Length > 0 && Ascii.IsValid(text) && !text.Any(c => c == ' ' || char.IsControl(c));

    private static string Check(string key, string path, string text)
    {
        string secret = text.Trim();
        return secret.Length == 0 ? throw new SecretFileException($"{key} {path} is empty; it must contain only the secret")
            : secret.Any(char.IsControl) ? throw new SecretFileException($"{key} {path} has more than one line; it must contain only the secret")
            : secret;
    }
}
