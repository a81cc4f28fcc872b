namespace Shipper.Chart.Tests;

/// <summary>Mistakes in values, in the form <c>--set KEY=VALUE</c>.</summary>
internal static class RefusedValues
{
    /// <summary>Refused by values.schema.json at this key or below it.</summary>
    public static IReadOnlyList<(string Set, string Key)> BySchema { get; } =
    [
        ("updateStrategy.rollingUpdate.maxSurge=1", "updateStrategy/rollingUpdate"),
        ("updateStrategy.rollingUpdate.maxUnavailable=0", "updateStrategy/rollingUpdate/maxUnavailable"),
        ("updateStrategy.type=Recreate", "updateStrategy/type"),
        ("config.clutser=production", "config"),
        ("config.loki.timout=10s", "config/loki"),
        ("config.loki.batch.size=1Mib", "config/loki/batch/size"),
        ("config.loki.retry.limit=-1", "config/loki/retry/limit"),
        ("config.log.level=loud", "config/log/level"),
        ("config.sources.containers.enabled=maybe", "config/sources/containers/enabled"),
        ("config.processing.multiline=trace", "config/processing/multiline"),
        ("config.processing.multiline.begin=a", "config/processing/multiline"),
        ("config.processing.level=on", "config/processing/level"),
        ("config.processing.redact.secret=true", "config/processing/redact"),
        ("config.kubernetes.annotations.allow=level", "config/kubernetes/annotations/allow"),
        ("sise=large", ""),
        ("size=huge", "size"),
        ("resources.limits.memory=128MiB", "resources/limits/memory"),
        ("image.digest=sha256:123", "image/digest"),
        ("image.pullPolicy=IfPresent", "image/pullPolicy"),
        ("hostPaths.state=shipper", "hostPaths/state"),
        ("hostNetwork=yes", "hostNetwork"),
        ("dnsPolicy=ClusterLast", "dnsPolicy"),
        ("terminationGracePeriodSeconds=29", "terminationGracePeriodSeconds"),
        ("podAnnotations.note=true", "podAnnotations/note"),
        ("networkPolicy.loki.port=3100", "networkPolicy/loki"),
        ("seLinuxOptions.typ=spc_t", "seLinuxOptions"),
        ("dashboard.enable=true", "dashboard"),
        ("nameOverride=Shipper", "nameOverride"),
        ("config.loki.url=loki:3100", "config/loki/url"),
        ("config.loki.url=", "config/loki/url"),
        ("commonLabels.app\\.kubernetes\\.io/name=logs", ""),
        ("credentials=null", ""),
        ("networkPolicy.loki=null", "networkPolicy"),
    ];

    /// <summary>Refused while rendering, with this message.</summary>
    public static IReadOnlyList<(string Set, string Message)> ByTemplates { get; } =
    [
        ("config.buffer.memory=65MiB", "config.buffer.memory is 65MiB, more than half of the memory limit 128Mi; raise size or resources.limits.memory"),
        ("config.buffer.memory=68157441", "config.buffer.memory is 68157441, more than half"),
        ("config.buffer.memory=${BUFFER}", "config.buffer.memory is \"${BUFFER}\", so the chart can't tell"),
        ("resources.limits.memory=40M", "config.buffer.memory is 32MiB, more than half of the memory limit 40M"),
        ("config.loki.basicAuth.passwordFile=/etc/shipper/secrets/password", "no Secret is mounted there; set credentials.existingSecret"),
        ("credentials.existingSecret=loki", "config uses none of its files; set config.loki.basicAuth.passwordFile"),
        ("config.loki.tls.caFile=/etc/shipper/ca/ca.crt", "nothing is mounted there; set ca.existingSecret or ca.existingConfigMap"),
        ("ca.existingConfigMap=loki", "config does not use it; set config.loki.tls.caFile"),
        ("config.server.listen=localhost:2020", "neither the kubelet's probes nor Prometheus can reach; set :2020"),
        ("config.server.listen=[::1]:2020", "neither the kubelet's probes nor Prometheus can reach; set :2020"),
        ("config.buffer.memory=65Mi", "config.buffer.memory is 65Mi, more than half of the memory limit 128Mi"),
        ("config.server.listen=0.0.0.0", "the chart can't tell the port"),
        ("config.state.path=${STATE}", "the chart can't tell where to mount hostPaths.state"),
        ("networkPolicy.enabled=true,config.loki.url=${LOKI_URL}", "set networkPolicy.loki.ports"),
        ("serviceMonitor.enabled=true,podMonitor.enabled=true", "every agent would be scraped twice; choose one"),
    ];
}
