using Shipper.Proxies;

namespace Shipper.Core.Tests.Proxies;

/// <summary>The cases of Go's own tests (golang.org/x/net, http/httpproxy), and values that are common in clusters.</summary>
public sealed class EnvironmentProxiesTests
{
    private const string GoList =
        "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64";

    private const string ClusterList = "10.0.0.0/8,172.16.0.0/12,.svc,.cluster.local,169.254.169.254,loki.example.com:3100, fd00::/8";

    [Theory]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("cache.corp.example.com:1234", "http://cache.corp.example.com:1234/")]
    [InlineData("cache.corp.example.com", "http://cache.corp.example.com/")]
    [InlineData("localhost", "http://localhost/")]
    [InlineData("localhost:3128", "http://localhost:3128/")]
    [InlineData("https://cache.corp.example.com", "https://cache.corp.example.com/")]
    [InlineData("HTTP://127.0.0.1:8080/", "http://127.0.0.1:8080/")]
    [InlineData("https://127.0.0.1:8080", "https://127.0.0.1:8080/")]
    [InlineData("socks5://127.0.0.1", "socks5://127.0.0.1:1080/")]
    [InlineData("socks5h://socks:9050", "socks5://socks:9050/")]
    [InlineData("http://[fd00::1]:3128", "http://[fd00::1]:3128/")]
    [InlineData(" http://proxy:3128\n", "http://proxy:3128/")]
    [InlineData("http://me:secret@proxy:3128", "http://proxy:3128/")]
    public void Find_ProxyVariable_ReadsItLikeGo(string value, string expected) =>
        Assert.Equal(expected, Create(("HTTP_PROXY", value)).Find(new Uri("http://example.com"))!.Address.AbsoluteUri);

    [Theory]
    [InlineData("http://insecure.tld/", "http://http.proxy.tld/")]
    [InlineData("https://secure.tld/", "http://secure.proxy.tld/")]
    public void Find_SchemeOfTheUrl_SelectsTheVariable(string target, string expected) =>
        Assert.Equal(expected, Create(("HTTP_PROXY", "http.proxy.tld"), ("HTTPS_PROXY", "secure.proxy.tld")).Find(new Uri(target))!.Address.AbsoluteUri);

    [Fact]
    public void Find_OnlyAnotherVariableIsSet_ReturnsNone()
    {
        Assert.Null(Create(("HTTP_PROXY", "http.proxy.tld")).Find(new Uri("https://secure.tld/")));
        Assert.Null(Create(("HTTPS_PROXY", "http.proxy.tld")).Find(new Uri("http://insecure.tld/")));
        Assert.Null(Create(("ALL_PROXY", "http.proxy.tld"), ("all_proxy", "http.proxy.tld")).Find(new Uri("http://insecure.tld/")));
        Assert.Null(Create().Find(new Uri("http://insecure.tld/")));
    }

    [Fact]
    public void Find_LowercaseVariables_AreUsedIfUppercaseOnesAreNotSet()
    {
        Assert.Equal("http://small/", Create(("http_proxy", "small"), ("no_proxy", "b.com")).Find(new Uri("http://a.com"))!.Address.AbsoluteUri);
        Assert.Null(Create(("http_proxy", "small"), ("no_proxy", "b.com")).Find(new Uri("http://b.com")));
        Assert.Equal("http://large/", Create(("http_proxy", "small"), ("HTTP_PROXY", "large")).Find(new Uri("http://a.com"))!.Address.AbsoluteUri);
        Assert.Equal("http://small/", Create(("http_proxy", "small"), ("HTTP_PROXY", " ")).Find(new Uri("http://a.com"))!.Address.AbsoluteUri);
    }

    /// <summary>See https://httpoxy.org.</summary>
    [Fact]
    public void Find_RunningAsACgiProgram_IgnoresHttpProxy()
    {
        EnvironmentProxies sut = Create(("HTTP_PROXY", "http://10.1.2.3:8080"), ("HTTPS_PROXY", "https://secure.proxy.tld"), ("REQUEST_METHOD", "PUT"));

        Assert.Null(sut.Find(new Uri("http://a.com")));
        Assert.Contains("REQUEST_METHOD", sut.FindProblem(new Uri("http://a.com")), StringComparison.Ordinal);
        Assert.NotNull(sut.Find(new Uri("https://a.com")));
    }

    [Theory]
    [InlineData("example.com", "http://example.com/", true)]
    [InlineData(".example.com", "http://example.com/", false)]
    [InlineData("ample.com", "http://example.com/", false)]
    [InlineData("example.com", "http://foo.example.com/", true)]
    [InlineData(".foo.com", "http://example.com/", false)]
    [InlineData(".示例.com", "http://www.示例.com", true)]
    [InlineData("xn--fsq092h.com", "http://www.示例.com", true)]
    [InlineData("示例.com", "http://www.xn--fsq092h.com", true)]
    [InlineData("example.com", "http://[1000::1]:123", false)]
    [InlineData(":1", "http://example.com", false)]
    [InlineData(GoList, "http://localhost", true)]
    [InlineData(GoList, "http://127.0.0.1", true)]
    [InlineData(GoList, "http://127.0.0.2", true)]
    [InlineData(GoList, "http://[::1]", true)]
    [InlineData(GoList, "http://[::2]", false)]
    [InlineData(GoList, "http://192.168.1.1", true)]
    [InlineData(GoList, "http://192.168.1.2", false)]
    [InlineData(GoList, "http://192.168.1.3", true)]
    [InlineData(GoList, "http://192.168.1.4", false)]
    [InlineData(GoList, "http://10.0.0.2", true)]
    [InlineData(GoList, "http://[2001:db8::52:0:1]", true)]
    [InlineData(GoList, "http://[2001:db8::52:0:2]", false)]
    [InlineData(GoList, "http://[2001:db8::52:0:3]", true)]
    [InlineData(GoList, "http://[2002:db8:a::123]", true)]
    [InlineData(GoList, "http://[fe80::424b:c8be:1643:a1b6]", false)]
    [InlineData(GoList, "http://barbaz.net", false)]
    [InlineData(GoList, "http://www.barbaz.net", true)]
    [InlineData(GoList, "http://foobar.com", true)]
    [InlineData(GoList, "http://www.foobar.com", true)]
    [InlineData(GoList, "http://foofoobar.com", false)]
    [InlineData(GoList, "http://baz.com", false)]
    [InlineData(GoList, "http://localhost.net", false)]
    [InlineData(GoList, "http://local.localhost", false)]
    [InlineData(GoList, "http://barbarbaz.net", false)]
    [InlineData(GoList, "http://wildcard.io", false)]
    [InlineData(GoList, "http://nested.wildcard.io", true)]
    [InlineData(GoList, "http://awildcard.io", false)]
    [InlineData(ClusterList, "https://10.96.0.1", true)]
    [InlineData(ClusterList, "https://10.96.0.1:6443", true)]
    [InlineData(ClusterList, "https://11.0.0.1", false)]
    [InlineData(ClusterList, "https://172.31.255.255", true)]
    [InlineData(ClusterList, "https://172.32.0.0", false)]
    [InlineData(ClusterList, "https://[::ffff:10.1.2.3]", true)]
    [InlineData(ClusterList, "https://[fd12::1]", true)]
    [InlineData(ClusterList, "https://[fe12::1]", false)]
    [InlineData(ClusterList, "http://loki.monitoring.svc:3100", true)]
    [InlineData(ClusterList, "http://LOKI.Monitoring.SVC:3100", true)]
    [InlineData(ClusterList, "http://loki.monitoring.svc.cluster.local:3100", true)]
    [InlineData(ClusterList, "http://loki.monitoring.svc.cluster.local.:3100", true)]
    [InlineData(ClusterList, "http://loki.monitoring:3100", false)]
    [InlineData(ClusterList, "http://svc", false)]
    [InlineData(ClusterList, "http://loki.example.com:3100", true)]
    [InlineData(ClusterList, "http://loki.example.com", false)]
    [InlineData(ClusterList, "http://a.loki.example.com:3100", true)]
    [InlineData("*", "http://example.com", true)]
    [InlineData("a.com, *", "http://1.2.3.4", true)]
    [InlineData("*.com*", "http://example.com", false)]
    [InlineData("EXAMPLE.com", "http://example.COM", true)]
    [InlineData("a.com b.com\tc.com\n", "http://b.com", true)]
    [InlineData(" , ,a.com,, ", "http://a.com", true)]
    [InlineData("[::1]:8080,[fd00::1]", "http://[fd00::1]:99", true)]
    [InlineData("[fd00::1]:8080", "http://[fd00::1]:8080", true)]
    [InlineData("[fd00::1]:8080", "http://[fd00::1]:8081", false)]
    [InlineData("a.com:", "http://a.com:99", true)]
    [InlineData("a.com:x", "http://a.com", false)]
    [InlineData("10.0.0.0/33,10.0.0.0/-1,10.0.0.0/x,10.1", "http://10.0.0.1", false)]
    [InlineData("0.0.0.0/0", "http://1.2.3.4", true)]
    [InlineData("::ffff:10.0.0.0/104", "http://10.9.9.9", true)]
    [InlineData("010.0.0.1", "http://10.0.0.1", false)]
    [InlineData("example.com.", "http://example.com", true)]
    [InlineData("<local>", "http://loki", false)]
    [InlineData(".", "http://example.com", false)]
    [InlineData("*.", "http://example.com", false)]
    public void Find_NoProxyList_ReadsItLikeGo(string list, string target, bool isDirect) =>
        Assert.Equal(isDirect, Create(("HTTP_PROXY", "proxy"), ("HTTPS_PROXY", "proxy"), ("NO_PROXY", list)).Find(new Uri(target)) is null);

    [Theory]
    [InlineData("http://me:secret@proxy:3128", "me", "secret")]
    [InlineData("me:secret@proxy:3128", "me", "secret")]
    [InlineData("http://me@proxy", "me", "")]
    [InlineData("http://m%40e:p%3Aa%2Fs%25s%20%C3%A9@proxy:3128", "m@e", "p:a/s%s é")]
    [InlineData("http://me:a@b:c@proxy:3128", "me", "a@b:c")]
    [InlineData("http://DOMAIN%5Cme:secret@proxy", "DOMAIN\\me", "secret")]
    public void Read_Credentials_DecodesAndHidesThem(string value, string user, string password)
    {
        ProxyAddress proxy = ProxyAddress.Read("HTTP_PROXY", value, out _)!;

        Assert.Equal((user, password), (proxy.Credential!.UserName, proxy.Credential.Password));
        Assert.Equal($"{user}:{password}", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(proxy.Authorization!.Parameter!)));
        Assert.DoesNotContain("@", proxy.Name + proxy.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://proxy", "the scheme 'ftp'")]
    [InlineData("foo://me:secret@host", "the scheme 'foo'")]
    [InlineData("http://", "not a proxy address")]
    [InlineData("http://me:secret@", "not a proxy address")]
    [InlineData("http://me:sec/ret@proxy:3128", "not a proxy address")]
    [InlineData("http://me:sec#ret@proxy:3128", "not a proxy address")]
    [InlineData("http://me:secret@proxy:port", "not a proxy address")]
    [InlineData("http://proxy:99999", "not a proxy address")]
    [InlineData("http:/proxy:3128", "not a proxy address")]
    public void FindProblem_InvalidAddress_NamesTheVariableAndNoPassword(string value, string expected)
    {
        EnvironmentProxies sut = Create(("https_proxy", value), ("NO_PROXY", ".svc"));

        Assert.Contains($"https_proxy ", sut.FindProblem(new Uri("https://loki.example.com")), StringComparison.Ordinal);
        Assert.Contains(expected, sut.FindProblem(new Uri("https://loki.example.com")), StringComparison.Ordinal);
        Assert.DoesNotContain("sec", sut.FindProblem(new Uri("https://loki.example.com")), StringComparison.Ordinal);

        // An address that is not used does no harm.
        Assert.Null(sut.FindProblem(new Uri("http://loki.example.com")));
        Assert.Null(sut.FindProblem(new Uri("https://loki.svc")));
    }

    private static EnvironmentProxies Create(params (string Name, string Value)[] variables) =>
        new(name => Array.Find(variables, variable => variable.Name == name).Value);
}
