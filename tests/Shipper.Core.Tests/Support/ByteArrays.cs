namespace Shipper.Core.Tests.Support;

/// <summary>String operations that byte arrays lack.</summary>
internal static class ByteArrays
{
    public static IEnumerable<byte[]> Split(this byte[] bytes, byte separator)
    {
        int start = 0;
        while (true)
        {
            int end = Array.IndexOf(bytes, separator, start);
            if (end < 0)
            {
                yield return bytes[start..];
                yield break;
            }

            yield return bytes[start..end];
            start = end + 1;
        }
    }
}
