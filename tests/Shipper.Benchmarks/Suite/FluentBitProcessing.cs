namespace Shipper.Benchmarks.Suite;

/// <summary>
/// Fluent Bit with about the processing of <see cref="ProcessingSetting.Everything"/>: stack traces of Java, Python and Go, a filter that drops requests of
/// probes, and a script that adds a level. It asks no API server for labels, which saves it work. Its buffers are large, so that it does not wait.
/// </summary>
/// <param name="binary">Path of the program.</param>
internal sealed class FluentBitProcessing(string binary) : MeasuredAgent("fluent-bit-processing")
{
    private readonly string _binary = Path.GetFullPath(binary);

    /// <inheritdoc />
    public override bool IsOurs => false;

    /// <inheritdoc />
    public override string Prepare(AgentSetting setting)
    {
        string script = Path.Combine(setting.State, "level.lua");
        File.WriteAllText(script, """
            function add_level(tag, timestamp, record)
              local text = record["log"]
              local level = string.match(text, '"level":"(%a+)"') or string.match(text, 'level=(%a+)') or string.match(text, ' (%u%u%u%u%u?) ')
              if level == nil then
                return 0, timestamp, record
              end
              record["level"] = string.lower(level)
              return 2, timestamp, record
            end

            """);
        string config = Path.Combine(setting.State, "fluent-bit.conf");
        File.WriteAllText(config, $"""
            [SERVICE]
                flush                    1
                grace                    5
                log_level                warn

            [INPUT]
                name                     tail
                tag                      kube.*
                path                     {setting.Root}/containers/*.log
                path_key                 filename
                multiline.parser         docker, cri
                read_from_head           on
                skip_long_lines          on
                mem_buf_limit            64MB
                db                       {setting.State}/tail.db

            [FILTER]
                name                     multiline
                match                    kube.*
                multiline.key_content    log
                multiline.parser         java, python, go
                emitter_mem_buf_limit    256MB

            [FILTER]
                name                     grep
                match                    kube.*
                exclude                  log (kube-probe|GoogleHC|ELB-HealthChecker)/

            [FILTER]
                name                     lua
                match                    kube.*
                script                   {script}
                call                     add_level

            [OUTPUT]
                name                     loki
                match                    kube.*
                host                     {setting.Receiver.Host}
                port                     {setting.Receiver.Port}
                labels                   job=fluent-bit
                label_keys               $filename
                remove_keys              filename
                structured_metadata      level=$level
                compress                 gzip
                retry_limit              no_limits

            """);
        return $"exec '{_binary}' -c '{config}'";
    }
}
