using Shipper.Processing.Redaction;

namespace Shipper.Core.Tests.Processing.Redaction;

public class PersonalTests
{
    [Theory]
    [InlineData("4111111111111111")]
    [InlineData("4111 1111 1111 1111")]
    [InlineData("4111-1111-1111-1111")]
    [InlineData("5555555555554444")]
    [InlineData("2223 0031 2200 3222")]
    [InlineData("378282246310005")]
    [InlineData("3782 822463 10005")]
    [InlineData("6011111111111117")]
    [InlineData("3056 930902 5904")]
    [InlineData("36227206271667")]
    [InlineData("3530111333300000")]
    [InlineData("6200000000000005")]
    public void Apply_Card_IsRemoved(string card)
    {
        foreach (string format in new[] { "{0}", "card {0} declined", "\"pan\":\"{0}\",", "card={0}&cvc=1", "card: {0}, exp 12/27", "({0})", "{{\"number\":{0}}}", "{0}.", "card_id={0}", "?c=%20{0}" })
        {
            Check(PersonalData.Cards, "card", format, card);
        }
    }

    [Theory]
    [InlineData("4111111111111112")] // Check digit.
    [InlineData("9111111111111111")]
    [InlineData("order_id=4111111111111111 orderId: 4111111111111111 {\"id\":4111111111111111,\"ts\":4111111111111111,\"trace_id\":\"4111111111111111\"}")]
    [InlineData("0.4111111111111111 4111111111111111.25 x4111111111111111 4111111111111111a 41111111111111110")]
    [InlineData("8f14e45f-ceea-467f-a8d2-4111111111111111 4111111111111111-a8d2")]
    [InlineData("1773310532123456 1773310532123456789 1894765432109876543 +4111111111111111")]
    [InlineData("4111 1111 1111 1111 1111 1111")]
    [InlineData("4111  1111 1111 1111, 4111-1111 1111-1111, 41 11 11 11 11 11 11 11")]
    [InlineData("4222222222222")] // 13 digits.
    public void Apply_OtherNumber_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line, new RedactOptions { Personal = PersonalData.Cards }));

    [Theory]
    [InlineData("jane.doe@example.com")]
    [InlineData("j@example.co.uk")]
    [InlineData("jane+shop_1%x@mail-1.example.museum")]
    [InlineData("jürgen@müller.de")]
    [InlineData("o'neill@example.ie")]
    [InlineData("jane.doe%40example.com")]
    [InlineData("JANE@EXAMPLE.COM")]
    public void Apply_Email_IsRemoved(string address)
    {
        foreach (string format in new[] { "{0}", "user {0} logged in", "\"email\":\"{0}\",", "email={0}&x=1", "<{0}>", "mailto:{0}?subject=x", "from {0}.", "{{\"m\":\"a\\n{0}\\n\"}}", "({0}), {0}" })
        {
            Check(PersonalData.Emails, "email", format, address);
        }
    }

    [Theory]
    [InlineData("{\"@timestamp\":\"2026-03-12T10:15:32Z\",\"@t\":1}")]
    [InlineData("com.shop.Order@1b2c3d, java.lang.Object@7a81197d.")]
    [InlineData("react@18.2.0 @scope/name@1.2.3 lodash@latest")]
    [InlineData("getty@tty1.service user@1000.service systemd-coredump@0-123.service logo@2x.png")]
    [InlineData("nginx@sha256:9f86d081884c7d659a2feaa0c55ad015 a@b jane@localhost @ @@")]
    [InlineData("git@github.com:shop/orders.git")]
    public void Apply_NoEmail_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line, new RedactOptions { Personal = PersonalData.Emails }));

    [Theory]
    [InlineData("10.42.3.17")]
    [InlineData("203.0.113.255")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:0db8:85a3:0000:0000:8a2e:0370:7334")]
    [InlineData("fe80::1ff:fe23:4567:890a")]
    [InlineData("::1")]
    [InlineData("::ffff:10.42.3.17")]
    [InlineData("fd00:10:244::5")]
    [InlineData("2A02:8108:9:5f00::")]
    public void Apply_Ip_IsRemoved(string address)
    {
        foreach (string format in new[] { "{0}", "{0} - - [12/Mar/2026:10:15:32 +0000]", "\"ip\":\"{0}\",", "remote={0}, x", "from [{0}]:443", "client {0}.", "http://[{0}]/", "{0}/24", "a\\n{0}\\n", "({0})" })
        {
            Check(PersonalData.Ips, "ip", format, address);
        }

        if (!address.Contains(':', StringComparison.Ordinal))
        {
            foreach (string format in new[] { "http://{0}:8080/x", "?ip=%20{0}&", "?url=%2F{0}%2F", "localhost/{0}:8080", "dial tcp {0}:443: connect: connection refused", "{0}-{0}", "{0}: timeout" })
            {
                Check(PersonalData.Ips, "ip", format, address);
            }
        }
    }

    [Theory]
    [InlineData("1.2.3 v1.2.3.4 10.0.0 1.2.3.4.5 256.1.1.1 01.2.3.4 1.2.3.4-rc1 kernel-5.4.0.1 libfoo.so.1.2.3.4")]
    [InlineData("Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91")]
    [InlineData("Version=4.0.0.0, Culture=neutral; version: 10.1.2.3; \"version\":\"1.2.3.4\"")]
    [InlineData("10:15:32.123 2026-03-12T10:15:32.123456Z 12/Mar/2026:10:15:32 00:11:22:33:44:55 00:11:22:33:44:55:66:77")]
    [InlineData("std::string core::panicking::panic Foo::Bar ::new abc::def a::b1 Dead::Beef1 :: [::]:8080")]
    [InlineData("{\"a\":1,\"2222\":2} 3fff:xyz 2001:db8 fade:1:2:3")]
    public void Apply_NoIp_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line, new RedactOptions { Personal = PersonalData.Ips }));

    [Theory]
    [InlineData("DE89370400440532013000")]
    [InlineData("DE89 3704 0044 0532 0130 00")]
    [InlineData("GB29NWBK60161331926819")]
    [InlineData("GB29 NWBK 6016 1331 9268 19")]
    [InlineData("FR1420041010050500013M02606")]
    [InlineData("NL91ABNA0417164300")]
    [InlineData("NO9386011117947")]
    [InlineData("CH9300762011623852957")]
    [InlineData("MT84MALT011000012345MTLCAST001S")]
    public void Apply_Iban_IsRemoved(string iban)
    {
        foreach (string format in new[] { "{0}", "to {0}, 12.50 EUR", "\"iban\":\"{0}\"", "iban={0}&x", "({0})." })
        {
            Check(PersonalData.Ibans, "iban", format, iban);
        }
    }

    [Theory]
    [InlineData("DE88370400440532013000 DE8937040044053201300 DE893704004405320130000 XX89370400440532013000 xDE89370400440532013000")]
    [InlineData("DE89370400440532013ABC de89370400440532013000 DE89  3704 0044 0532 0130 00")]
    [InlineData("SE35 HTTP20 AB12 UTF8 ISO8601 SHA256")]
    public void Apply_NoIban_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line, new RedactOptions { Personal = PersonalData.Ibans }));

    [Theory]
    [InlineData("card 4111 1111 1111", nameof(PersonalData.Cards), "card [redacted:card]")]
    [InlineData("card 41111111", nameof(PersonalData.Cards), "card [redacted:card]")]
    [InlineData("by jane@exa", nameof(PersonalData.Emails), "by [redacted:email]")]
    [InlineData("from 10.42.3", nameof(PersonalData.Ips), "from [redacted:ip]")]
    [InlineData("from 2001:db8:", nameof(PersonalData.Ips), "from [redacted:ip]")]
    [InlineData("to DE89 3704 0044 0", nameof(PersonalData.Ibans), "to [redacted:iban]")]
    public void Apply_LineCutInside_RemovesTheBeginning(string line, string kind, string expected) =>
        Assert.Equal(expected, Redaction.Of(line, new RedactOptions { Personal = Enum.Parse<PersonalData>(kind) }, isCut: true));

    [Fact]
    public void Apply_AllKinds_RemovesEach() =>
        Assert.Equal(
            "[redacted:ip] [redacted:email] paid with [redacted:card] to [redacted:iban] from [redacted:ip]",
            Redaction.Of("10.1.2.3 jane@example.com paid with 4111111111111111 to DE89370400440532013000 from fd00::5", Redaction.Everything));

    private static void Check(PersonalData kind, string name, string format, string value)
    {
        string line = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, value);

        string sent = Redaction.Of(line, new RedactOptions { Personal = kind });

        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, $"[redacted:{name}]"), sent);
        Assert.Equal(sent, Redaction.Of(sent, new RedactOptions { Personal = kind }));
    }
}
