namespace Shipper.Core.Tests.Processing.Redaction;

public class NamedValueTests
{
    private const string Kubelet =
        "\"Unhandled Error\" err=\"container &Container{Name:orders,Image:orders:1.4,Env:[]EnvVar{EnvVar{Name:PORT,Value:8080,ValueFrom:nil,},EnvVar{Name:DB_PASSWORD,Value:%,ValueFrom:nil,},},"
        + "TTY:false} start failed in pod orders-5d8f9c7b6d-x2k4p_shop: CreateContainerConfigError\"";

    [Theory]
    [InlineData("{\"name\":\"DB_PASSWORD\",\"value\":\"%\"}")]
    [InlineData("{\"env\":[{\"name\": \"PORT\", \"value\": \"8080\"}, {\"name\": \"DB_PASSWORD\", \"value\": \"%\"}]}")]
    [InlineData("{\"msg\":\"{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"value\\\":\\\"%\\\"}\"}")]
    [InlineData("{\"Key\":\"client_secret\",\"Value\":\"%\"}")]
    [InlineData("[{'name': 'API_KEY', 'value': '%'}]")]
    [InlineData("{Name:DB_PASSWORD Value:% ValueFrom:nil}")]
    [InlineData("[{Name:AWS_SECRET_ACCESS_KEY Value:%} {Name:PORT Value:8080 ValueFrom:nil}]")]
    [InlineData(Kubelet)]
    public void Apply_ValueBesideItsName_IsRemoved(string format)
    {
        string expected = format.Replace("%", "[redacted:password]", StringComparison.Ordinal);

        Assert.Equal(expected, Redaction.Of(format.Replace("%", "s3cr3t-hunter2", StringComparison.Ordinal)));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Fact]
    public void Apply_ValueWithSpaces_IsRemoved()
    {
        Assert.Equal(Kubelet.Replace("%", "[redacted:password]", StringComparison.Ordinal), Redaction.Of(Kubelet.Replace("%", "correct horse, battery", StringComparison.Ordinal)));
        Assert.Equal("{\"name\":\"password\",\"value\":\"[redacted:password]\"}", Redaction.Of("{\"name\":\"password\",\"value\":\"correct \\\"horse\\\"\"}"));
    }

    [Theory]
    [InlineData("{\"name\":\"password\",\"type\":\"text\",\"value\":\"x1\"}")]
    [InlineData("{\"name\":\"DB_PASSWORD\",\"value\":\"\"} {\"name\":\"DB_PASSWORD\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"db\",\"key\":\"password\"}}}")]
    [InlineData("{\"name\":\"DB_PASSWORD\",\"value\":\"$(OTHER)\"} {\"name\":\"API_TOKEN\",\"value\":\"15\"} {\"name\":\"tls-secret\",\"value\":\"shop/orders-tls\"}")]
    [InlineData("{\"username\":\"password\",\"value\":\"x1\"} [\"name\",\"password\",\"value\",\"x1\"]")]
    [InlineData("EnvVar{Name:DB_PASSWORD,Value:,ValueFrom:&EnvVarSource{SecretKeyRef:&SecretKeySelector{Key:password,}}} {Name:DB_PASSWORD Value: ValueFrom:nil}")]
    [InlineData("Name: password, Value: reset; Name:PASSWORD_FILE,Value:/run/secrets/db")]
    public void Apply_NoValueBesideAName_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line));
}
