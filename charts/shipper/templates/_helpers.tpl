{{- define "shipper.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{/* At most 50 characters, so that names with a suffix stay within the 63 characters of a label. */}}
{{- define "shipper.fullname" -}}
{{- $name := include "shipper.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "shipper.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end }}

{{- define "shipper.releaseLabels" -}}
app.kubernetes.io/name: {{ include "shipper.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "shipper.selectorLabels" -}}
{{ include "shipper.releaseLabels" . }}
app.kubernetes.io/component: agent
{{- end }}

{{- define "shipper.labels" -}}
{{ include "shipper.releaseLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Metadata of an object. Takes (dict "root" $), and name, namespace, isClusterScoped, labels and annotations if they differ from the defaults. */}}
{{- define "shipper.metadata" -}}
name: {{ .name | default (include "shipper.fullname" .root) }}
{{- if not .isClusterScoped }}
namespace: {{ .namespace | default (include "shipper.namespace" .root) }}
{{- end }}
labels:
  {{- include "shipper.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "shipper.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "shipper.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end }}

{{- define "shipper.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .default }}
{{- end -}}
{{- end }}

{{/* "true" if the agent queries the API server with the pod's service account, otherwise empty. */}}
{{- define "shipper.asksKubernetes" -}}
{{- $config := .Values.config | default dict -}}
{{- if and (ne (dig "kubernetes" "enabled" true $config | toString) "false") (not (dig "kubernetes" "kubeconfig" "" $config)) -}}
true
{{- end -}}
{{- end }}

{{- define "shipper.readsJournal" -}}
{{- if ne (dig "sources" "journal" "enabled" true (.Values.config | default dict) | toString) "false" -}}
true
{{- end -}}
{{- end }}

{{- define "shipper.listen" -}}
{{- dig "server" "listen" ":2020" (.Values.config | default dict) -}}
{{- end }}

{{- define "shipper.port" -}}
{{- $listen := include "shipper.listen" . -}}
{{- if not (regexMatch "^(.*):[1-9][0-9]*$" $listen) -}}
{{- fail (printf "config.server.listen is %q, so the chart can't tell the port for the probes; set a port, such as :2020, or an address and a port" $listen) -}}
{{- end -}}
{{- if regexMatch "^(127\\.|(?i:localhost):|\\[::1[%\\]])" $listen -}}
{{- fail (printf "config.server.listen is %q, which neither the kubelet's probes nor Prometheus can reach; set :2020, which listens on all IPv4 and IPv6 addresses" $listen) -}}
{{- end -}}
{{- regexFind "[0-9]+$" $listen -}}
{{- end }}

{{- define "shipper.statePath" -}}
{{- $path := dig "state" "path" "/var/lib/shipper" (.Values.config | default dict) -}}
{{- if contains "${" $path -}}
{{- fail (printf "config.state.path is %q, so the chart can't tell where to mount hostPaths.state; set a path without variables" $path) -}}
{{- end -}}
{{- $path -}}
{{- end }}

{{- define "shipper.lokiPort" -}}
{{- $url := dig "loki" "url" "http://loki:3100" (.Values.config | default dict) -}}
{{- $authority := regexFind "^https?://(\\[[^]]+\\]|[^/:]+)(:[0-9]+)?(/|$)" $url | trimSuffix "/" -}}
{{- if not $authority -}}
{{- fail (printf "networkPolicy.enabled is true, but the chart can't tell Loki's port from config.loki.url (%q); set networkPolicy.loki.ports" $url) -}}
{{- end -}}
{{- regexFind ":[0-9]+$" $authority | trimPrefix ":" | default (ternary 443 80 (hasPrefix "https:" $url)) -}}
{{- end }}

{{/* Bytes of a size in the agent's notation: 32MiB, 32Mi, 1.5 GB, 1048576. */}}
{{- define "shipper.bytes" -}}
{{- $number := regexFind "^[0-9]+(\\.[0-9]+)?" . -}}
{{- $units := dict "" 1 "B" 1 "KiB" 1024 "MiB" 1048576 "GiB" 1073741824 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "KB" 1000 "MB" 1000000 "GB" 1000000000 -}}
{{- mulf (float64 $number) (get $units (trimPrefix $number . | trim)) | int64 -}}
{{- end }}

{{/* Bytes of a Kubernetes quantity: 128Mi, 1G, 134217728. */}}
{{- define "shipper.quantity" -}}
{{- $text := kindIs "string" . | ternary . (int64 . | toString) -}}
{{- $number := regexFind "^[0-9]+(\\.[0-9]+)?" $text -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (float64 $number) (get $units (trimPrefix $number $text)) | int64 -}}
{{- end }}

{{/* The values' resources, or else those for the size of the cluster, which have no CPU limit. */}}
{{- define "shipper.resources" -}}
{{- if .Values.resources -}}
{{- toYaml .Values.resources -}}
{{- else -}}
{{- $preset := get (dict
  "small" (dict "cpu" "100m" "request" "64Mi" "limit" "128Mi")
  "medium" (dict "cpu" "200m" "request" "128Mi" "limit" "256Mi")
  "large" (dict "cpu" "500m" "request" "256Mi" "limit" "512Mi")) .Values.size -}}
requests:
  cpu: {{ $preset.cpu }}
  memory: {{ $preset.request }}
limits:
  memory: {{ $preset.limit }}
{{- end -}}
{{- end }}

{{/*
Limit of the garbage collector's heap: three quarters of the memory limit, in hexadecimal digits without 0x, as NativeAOT expects it. The rest is
for memory outside of the heap: the program, stacks, and the journal files that libsystemd maps.
*/}}
{{- define "shipper.heapLimit" -}}
{{- with dig "limits" "memory" "" (include "shipper.resources" . | fromYaml) -}}
{{- $limit := include "shipper.quantity" . | int64 -}}
{{- $memory := dig "buffer" "memory" "32MiB" ($.Values.config | default dict) | toYaml | trim -}}
{{- if contains "${" $memory -}}
{{- fail (printf "config.buffer.memory is %q, so the chart can't tell whether it fits into the memory limit; set a size without variables" $memory) -}}
{{- end -}}
{{- if gt (include "shipper.bytes" $memory | int64) (div $limit 2) -}}
{{- fail (printf "config.buffer.memory is %s, more than half of the memory limit %v; raise size or resources.limits.memory, or lower config.buffer.memory" $memory .) -}}
{{- end -}}
{{- printf "%x" (div (mul $limit 3) 4) -}}
{{- end -}}
{{- end }}

{{/* Fails if the configuration uses a file that is not mounted, or uses none of the mounted files. */}}
{{- define "shipper.checkFiles" -}}
{{- $config := toJson .Values.config -}}
{{- if and (contains "/etc/shipper/secrets/" $config) (not .Values.credentials.existingSecret) -}}
{{- fail "config uses a file in /etc/shipper/secrets, but no Secret is mounted there; set credentials.existingSecret" -}}
{{- end -}}
{{- if and .Values.credentials.existingSecret (not (contains "/etc/shipper/secrets/" $config)) -}}
{{- fail "credentials.existingSecret is set, but config uses none of its files; set config.loki.basicAuth.passwordFile to /etc/shipper/secrets/KEY (or bearerTokenFile, tls.certFile and tls.keyFile)" -}}
{{- end -}}
{{- $ca := or .Values.ca.existingSecret .Values.ca.existingConfigMap -}}
{{- if and .Values.ca.existingSecret .Values.ca.existingConfigMap -}}
{{- fail "ca.existingSecret and ca.existingConfigMap are both set; keep the one that has the CA certificate" -}}
{{- end -}}
{{- if and (contains "/etc/shipper/ca/" $config) (not $ca) -}}
{{- fail "config uses a file in /etc/shipper/ca, but nothing is mounted there; set ca.existingSecret or ca.existingConfigMap" -}}
{{- end -}}
{{- if and $ca (not (contains "/etc/shipper/ca/" $config)) -}}
{{- fail "ca is set, but config does not use it; set config.loki.tls.caFile to /etc/shipper/ca/KEY, for example /etc/shipper/ca/ca.crt" -}}
{{- end -}}
{{- end }}

{{/* Volumes of the credentials and the CA certificate, for the agent and the test. */}}
{{- define "shipper.fileVolumes" -}}
{{- with .Values.credentials.existingSecret }}
- name: credentials
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.ca.existingSecret }}
- name: ca
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.ca.existingConfigMap }}
- name: ca
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}

{{- define "shipper.fileMounts" -}}
{{- if .Values.credentials.existingSecret }}
- name: credentials
  mountPath: /etc/shipper/secrets
  readOnly: true
{{- end }}
{{- if or .Values.ca.existingSecret .Values.ca.existingConfigMap }}
- name: ca
  mountPath: /etc/shipper/ca
  readOnly: true
{{- end }}
{{- end }}

{{- define "shipper.environment" -}}
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A value of the configuration as a quoted shell word. The shell expands ${NAME} and ${NAME:-default} in it, as the agent does. */}}
{{- define "shipper.shell" -}}
{{- $text := kindIs "string" . | ternary . (toYaml . | trim) | replace "\\" "\\\\" | replace "\"" "\\\"" | replace "`" "\\`" -}}
{{- $text = $text | replace "$${" "\x01" | replace "${" "\x02" | replace "$" "\\$" | replace "\x01" "\\${" | replace "\x02" "${" -}}
"{{ $text }}"
{{- end }}
