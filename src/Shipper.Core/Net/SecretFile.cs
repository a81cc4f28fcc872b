using System.Runtime.InteropServices;
using System.Text;
using Shipper.Native;

namespace Shipper.Net;

/// <summary>Reads files with secrets. A message names the file, and never what is in it.</summary>
internal static class SecretFile
{
    /// <summary>Reads a secret that is alone in its file, without the blanks and line breaks around it.</summary>
    /// <param name="key">The key of the configuration that names the file.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="SecretFileException">The file can't be read, or holds something else.</exception>
    public static string Read(string key, string path) => Check(key, path, ReadText(key, path));

    /// <summary>As <see cref="Read"/>, for a token, which becomes a header as it is.</summary>
    /// <exception cref="SecretFileException">The file can't be read, or holds something else.</exception>
    public static string ReadToken(string key, string path) => CheckToken(key, path, ReadText(key, path));

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="SecretFileException">The file can't be read.</exception>
    public static string ReadText(string key, string path)
    {
        // Opening a pipe would wait until somebody writes to it.
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
            throw new SecretFileException($"{key} {path} can't be read: {e.Text()}");
        }
    }

    /// <summary>Checks a token, which becomes a header as it is.</summary>
    /// <param name="key">The key of the configuration, for messages.</param>
    /// <param name="path">The file that the token comes from, for messages.</param>
    /// <param name="text">The token, with blanks and line breaks around it.</param>
    /// <returns>The token without them.</returns>
    /// <exception cref="SecretFileException">The text is not a token.</exception>
    public static string CheckToken(string key, string path, string text)
    {
        string token = Check(key, path, text);
        return IsToken(token) ? token : throw new SecretFileException($"{key} {path} has characters that no token has; it must hold the token alone");
    }

    /// <summary>True if a text can be a token: visible ASCII characters.</summary>
    public static bool IsToken(string text) => text.Length > 0 && Ascii.IsValid(text) && !text.Any(c => c == ' ' || char.IsControl(c));

    private static string Check(string key, string path, string text)
    {
        string secret = text.Trim();
        return secret.Length == 0 ? throw new SecretFileException($"{key} {path} is empty; it must hold the secret alone")
            : secret.Any(char.IsControl) ? throw new SecretFileException($"{key} {path} has more than one line; it must hold the secret alone")
            : secret;
    }
}
