using System.Text;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>Fragments of the API server's JSON.</summary>
internal static class KubernetesWords
{
    /// <summary>A pod with few fields: short inputs are cut at more places.</summary>
    public static byte[] SmallPod { get; } =
        """{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1","labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}]},"status":{"phase":"Running","podIP":"10.0.0.1"}}"""u8.ToArray();

    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. ((string[])
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "1", "-1", "1e400", "2147483648", "{}", "[]", "[null]", "\"\"", "\"x\"", "\n", "{\"type\":\"ADDED\",\"object\":", "}\n",
            "\"type\":", "\"object\":", "\"ADDED\"", "\"MODIFIED\"", "\"DELETED\"", "\"BOOKMARK\"", "\"ERROR\"", "\"items\":[", "\"metadata\":{", "\"name\":", "\"namespace\":", "\"uid\":", "\"resourceVersion\":",
            "\"creationTimestamp\":", "\"2026-11-23T01:31:32Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"labels\":{\"app\":\"x\"}", "\"annotations\":{\"a\":\"b\"}", "\"shipper.io/exclude-c\":\"true\"",
            "\"vector.dev/exclude-containers\":\"a, b\"", "\"co.elastic.logs./enabled\":\"false\"", "\"kubernetes.io/config.hash\":\"h\"", "\"ownerReferences\":[{\"kind\":\"ReplicaSet\",\"name\":\"a-1\",\"controller\":true}]",
            "\"spec\":{", "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]", "\"initContainers\":", "\"ephemeralContainers\":", "\"status\":{", "\"phase\":\"Failed\"", "\"podIP\":",
            "\"containerStatuses\":[{\"name\":\"c\",\"restartCount\":1,\"containerID\":\"containerd://1\",\"lastState\":{\"terminated\":{\"containerID\":\"2\"}}}]", "\"lastState\":", "\"terminated\":",
            "\"code\":410", "\"message\":", "\"reason\":\"Timeout\"", "\\ud800", "\\ud83d\\ude00", "\\u0000", "\\u006eame",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0],
    ];
}
