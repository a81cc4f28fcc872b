using System.Runtime.InteropServices;
using System.Text;
using Shipper.Native;

namespace Shipper.Loki;

/// <summary>Reads a file that holds a secret and nothing else.</summary>
internal static class SecretFile
{
    /// <summary>Reads a secret, without the blanks and line breaks around it.</summary>
    /// <param name="key">The key of the configuration that names the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="stopping">Cancels.</param>
    /// <exception cref="CredentialsException">The file can't be read, or holds something else.</exception>
    public static async Task<string> ReadAsync(string key, string path, CancellationToken stopping)
    {
        // Opening a pipe would wait until somebody writes to it.
        int error = FileStatus.OfPath(path, out FileStatus status);
        if (error != 0 || status.Kind != FileKind.Regular)
        {
            string reason = error != 0 ? $"can't be read: {Marshal.GetPInvokeErrorMessage(error)}" : $"is {status.Kind.Describe()}, not a file";
            throw new CredentialsException($"{key} {path} {reason}");
        }

        try
        {
            string secret = (await File.ReadAllTextAsync(path, stopping)).Trim();
            return secret.Length == 0 ? throw new CredentialsException($"{key} {path} is empty")
                : secret.Any(char.IsControl) ? throw new CredentialsException($"{key} {path} has more than one line; it must hold the secret alone")
                : secret;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            throw new CredentialsException($"{key} {path} can't be read: {e.Text()}");
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, for a token, which becomes a header as it is.</summary>
    /// <exception cref="CredentialsException">The file can't be read, or holds something else.</exception>
    public static async Task<string> ReadTokenAsync(string key, string path, CancellationToken stopping)
    {
        string token = await ReadAsync(key, path, stopping);
        return Ascii.IsValid(token) && !token.Contains(' ', StringComparison.Ordinal) ? token : throw new CredentialsException($"{key} {path} has characters that no token has");
    }
}
