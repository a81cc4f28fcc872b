using System.Security.Cryptography;

namespace Shipper.Core.Tests.Processing.Redaction;

public class PathTests
{
    [Theory]
    [InlineData("AWS_SECRET_ACCESS_KEY=/K7MDENG+bPxRfiCYEXAMPLEKEY/wJalrXUtnFEMI")]
    [InlineData("{\"SecretAccessKey\":\"/K7MDENG/bPxRfiCYEXAMPLEKEY/wJalrXUtnFEMI\"}")]
    [InlineData("clientSecret: //8Qb+pX2v/kR7dY1mWn0aZt5hJc")]
    [InlineData("token=/9j4Kx/Zq1rT8vB2nM5wLs7D")]
    [InlineData("client_secret=~Xy7Qb3pX2vkR7dY1mWn0aZt5hJc")]
    public void Apply_SecretThatLooksLikeAPath_IsRemoved(string line)
    {
        int start = line.IndexOfAny('/', '~');
        int end = line.LastIndexOf('"') is var quote && quote > start ? quote : line.Length;

        Assert.Equal($"{line[..start]}[redacted:password]{line[end..]}", Redaction.Of(line));
    }

    [Theory]
    [InlineData("password_file=/run/secrets/x token=/var/run/secrets/kubernetes.io/serviceaccount/token secret=/run/secrets/S3")]
    [InlineData("privateKey=/etc/ssl/private/shop.key private_key=/etc/kubernetes/pki/ServiceAccountKey2 apiKey=/api/keys/42")]
    [InlineData("private_key=/Users/JaneDoe/Documents/MyProject/Keys2026/Signing private_key=/home/jane/.ssh/id_ed25519")]
    [InlineData("secretKey=~/.ssh/id_rsa token=C:\\Users\\Jane\\Token1.txt secret=/v1/Secrets")]
    [InlineData("pwd=/srv/www pwd=/usr/local/Cellar/OpenSSL/Lib64Dir")]
    public void Apply_Path_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line));

    [Fact]
    public void Apply_KeysThatBeginWithASlash_AreNearlyAllRemoved()
    {
        byte[] bytes = new byte[30];
        int left = 0;
        for (int i = 0; i < 10_000; i++)
        {
            // The bytes are as good as random, and the same each time.
            SHA256.HashData(BitConverter.GetBytes(i)).AsSpan(0, 30).CopyTo(bytes);
            bytes[0] |= 0xFC;
            string line = $"AWS_SECRET_ACCESS_KEY={Convert.ToBase64String(bytes)}";
            left += Redaction.Of(line) == line ? 1 : 0;
        }

        Assert.InRange(left, 0, 50);
    }
}
