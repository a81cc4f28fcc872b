using System.Text;

namespace Shipper.Processing.Rules.Probes;

/// <summary>A few words that are compared with bytes. Immutable and thread-safe.</summary>
internal sealed class WordList(params string[] words)
{
    private readonly byte[][] _words = [.. words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Returns true if a text is one of the words.</summary>
    public bool Contains(ReadOnlySpan<byte> text)
    {
        foreach (byte[] word in _words)
        {
            if (text.SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns true if a text begins with one of the words.</summary>
    public bool BeginsIn(ReadOnlySpan<byte> text)
    {
        foreach (byte[] word in _words)
        {
            if (text.StartsWith(word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns true if a text ends with one of the words.</summary>
    public bool EndsIn(ReadOnlySpan<byte> text)
    {
        foreach (byte[] word in _words)
        {
            if (text.EndsWith(word))
            {
                return true;
            }
        }

        return false;
    }
}
