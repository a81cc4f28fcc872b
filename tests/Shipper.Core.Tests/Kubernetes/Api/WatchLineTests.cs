using System.Buffers;
using System.Text;
using Shipper.Kubernetes.Api;

namespace Shipper.Core.Tests.Kubernetes.Api;

public class WatchLineTests
{
    [Theory]
    [InlineData("{\"object\":{\"a\":1},\"type\":\"ADDED\"}", true)]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"a\":1},\"x\":[1]}", true)]
    [InlineData("{\"type\":\"ADDED\"}", false)]
    [InlineData("{\"type\":7,\"object\":{}}", false)]
    [InlineData("[]", false)]
    public void TryRead_FieldsInAnyOrder_ReadsTypeAndObject(string line, bool isValid)
    {
        Assert.Equal(isValid, WatchLine.TryRead(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line)), out WatchLine read));
        Assert.True(!isValid || (read.Type == "ADDED" && Encoding.UTF8.GetString(read.Object) == "{\"a\":1}"));
    }
}
