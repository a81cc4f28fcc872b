namespace Shipper.Benchmarks.Suite;

/// <summary>A section <c>processing</c> of the configuration, to measure what processing costs.</summary>
/// <param name="Name">The name on the command line and in the results.</param>
/// <param name="Yaml">The section, with its key.</param>
internal sealed record ProcessingSetting(string Name, string Yaml)
{
    /// <summary>True if no rule or limit drops a record.</summary>
    public bool KeepsAll { get; init; } = true;

    /// <summary>Nothing happens to a record.</summary>
    public static ProcessingSetting Off { get; } = new("off", """
        processing:
          multiline: off
          level: off
        """);

    /// <summary>What happens without a configuration.</summary>
    public static ProcessingSetting Defaults { get; } = new("defaults", "");

    /// <summary>Only secrets are removed.</summary>
    public static ProcessingSetting Secrets { get; } = new("secrets", """
        processing:
          multiline: off
          level: off
          redact: {secrets: true}
        """);

    /// <summary>Every stage, with rules that match some of the lines of <see cref="Input.ServiceLines"/>, and limits that no line exceeds.</summary>
    public static ProcessingSetting Everything { get; } = new("everything", """
        processing:
          multiline: auto
          level: detect
          trace: detect
          fields: {user: user.id, took: took_ms, service: service, path: path}
          rules:
            - {name: probes, preset: health-checks, do: drop}
            - {name: debug, when: {level: [trace, debug]}, do: drop}
            - {name: chatter, when: {text: {contains: ["heartbeat sent", "keep-alive"]}}, do: {sample: 100}}
            - {name: static, when: {text: {contains: ["GET /static/", "GET /favicon.ico"]}}, do: {sample: 50}}
            - {name: idle, when: {level: [info], field: {component: "reconcil*"}}, do: {sample: 10}}
            - {name: deprecated, when: {namespace: [load], text: {regex: 'deprecated (flag|option|field) \w+'}}, do: drop}
          limits:
            - {name: errors, when: {level: [error, critical]}, bytes: 64MiB, over: slow}
            - {name: node, bytes: 64MiB, lines: 200000, burst: 10s, over: sample}
          redact: {secrets: true}
        """) { KeepsAll = false };

    /// <summary>All settings. The first is what the others are compared with.</summary>
    public static IReadOnlyList<ProcessingSetting> All { get; } = [Off, Defaults, Secrets, Everything];
}
