{{/* What templates share: names, the processes that a site's configuration asks for, and the pod that all of them are. */}}

{{- define "freshet.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* A Kubernetes name for what may be called a_b.c; what had to change keeps apart by a hash. (name) */}}
{{- define "freshet.safe" -}}
{{- $safe := . | lower | replace "_" "-" | replace "." "-" | trunc 24 | trimAll "-" -}}
{{- if eq $safe . -}}{{ . }}{{- else -}}{{ printf "%s-%s" (default "s" $safe) (sha256sum . | trunc 6) }}{{- end -}}
{{- end -}}

{{- define "freshet.selector" -}}
app.kubernetes.io/name: freshet
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "freshet.labels" -}}
{{ include "freshet.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The pipeline's processes in flow order, each the head of what is fused to it; the last one holds the index. One that
     does everything is "run". A list, as JSON. (services/pipeline.h says the same in C++; the test compares them.) */}}
{{- define "freshet.heads" -}}
{{- $site := .Values.site -}}
{{- $durable := list -}}
{{- if eq $site.log.kind "kafka" -}}
{{- $durable = ternary (concat (list) ($site.pipeline.durable_after | default list)) (list "deid" "chunk" "embed") $site.pipeline.fuse -}}
{{- end -}}
{{- $heads := list "deid" -}}
{{- if has "deid" $durable -}}{{- $heads = append $heads "chunk" -}}{{- end -}}
{{- if has "chunk" $durable -}}{{- $heads = append $heads "embed" -}}{{- end -}}
{{- if has "embed" $durable -}}{{- $heads = append $heads "index" -}}{{- end -}}
{{- if eq (len $heads) 1 -}}{{- $heads = list "run" -}}{{- end -}}
{{- toJson $heads -}}
{{- end -}}

{{/* "run" where one process does everything, else "index": the section of the values that the index's holder takes. */}}
{{- define "freshet.holder" -}}
{{- ternary "run" "index" (has "run" (include "freshet.heads" . | fromJsonArray)) -}}
{{- end -}}

{{- define "freshet.queryPort" -}}
{{- splitList ":" .Values.site.query.listen | last -}}
{{- end -}}

{{- define "freshet.statusPort" -}}9464{{- end -}}

{{- define "freshet.url" -}}
http://{{ include "freshet.fullname" . }}:{{ .Values.service.port }}
{{- end -}}

{{- define "freshet.claim" -}}
data-{{ include "freshet.fullname" . }}-{{ include "freshet.holder" . }}-0
{{- end -}}

{{- define "freshet.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}{{ default (include "freshet.fullname" .) .Values.serviceAccount.name }}
{{- else -}}{{ default "default" .Values.serviceAccount.name }}{{- end -}}
{{- end -}}

{{/* Where a URL of the site leads, as a port. (url) */}}
{{- define "freshet.portOf" -}}
{{- $url := urlParse . -}}
{{- $host := splitList ":" $url.host -}}
{{- if gt (len $host) 1 -}}{{ last $host }}{{- else -}}{{ ternary "443" "80" (eq $url.scheme "https") }}{{- end -}}
{{- end -}}

{{/* What the connectors of these sources need of the cluster, as JSON. (root, sources: names) */}}
{{- define "freshet.needs" -}}
{{- $volumes := list -}}{{- $mounts := list -}}{{- $ports := list -}}
{{- range .sources -}}
{{- $needs := index $.root.Values.sourcePods . | default dict -}}
{{- $volumes = concat $volumes ($needs.volumes | default list) -}}
{{- $mounts = concat $mounts ($needs.volumeMounts | default list) -}}
{{- $ports = concat $ports ($needs.ports | default list) -}}
{{- end -}}
{{- dict "volumes" ($volumes | uniq) "volumeMounts" ($mounts | uniq) "ports" ($ports | uniq) | toJson -}}
{{- end -}}

{{- define "freshet.sourceNames" -}}
{{- $names := list -}}{{- range .Values.site.sources -}}{{- $names = append $names .name -}}{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/* The pod of a process.
       root, service: the section of the values, and the component's label; command: arguments of freshet;
       data: "claim" (its own or the holder's, mounted as `data`), "holder" (the holder's claim, so the holder's node),
       "scratch"; port: where /metrics, /healthz and /readyz are; needs: of sources, "freshet.needs";
       extraEnv: a list */}}
{{- define "freshet.pod" -}}
{{- $root := .root -}}{{- $values := index $root.Values .service -}}{{- $needs := .needs | default dict -}}
metadata:
  labels:
    {{- include "freshet.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .service }}
    {{- with .source }}
    freshet.io/source: {{ . }}
    {{- end }}
  annotations:
    checksum/config: {{ include "freshet.files" $root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "freshet.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: freshet
      image: "{{ $root.Values.image.repository }}:{{ default $root.Chart.AppVersion $root.Values.image.tag }}"
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        {{- toYaml .command | nindent 8 }}
      {{- with concat ($root.Values.env | default list) (.extraEnv | default list) }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: http, containerPort: {{ .port }}, protocol: TCP}
        {{- range $needs.ports }}
        - {name: {{ .name }}, containerPort: {{ .port }}, protocol: {{ default "TCP" .protocol }}}
        {{- end }}
      # Up to ten minutes to open its stores; afterwards a process that answers is alive, and one that has caught up is
      # ready. One that halted stays alive, unready, with the reason: a restart would not help it.
      startupProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 2
        failureThreshold: 300
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      {{- with $values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: config, mountPath: /etc/freshet/config, readOnly: true}
        - {name: secrets, mountPath: {{ $root.Values.secrets.mountPath }}, readOnly: true}
        - {name: data, mountPath: {{ $root.Values.site.data_dir }}}
        - {name: tmp, mountPath: /tmp}
        {{- with $needs.volumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap: {name: {{ include "freshet.fullname" $root }}}
    - name: secrets
      secret: {secretName: {{ $root.Values.secrets.existingSecret }}, defaultMode: 0440}
    - name: tmp
      emptyDir: {}
    {{- if eq .data "holder" }}
    - name: data
      persistentVolumeClaim: {claimName: {{ include "freshet.claim" $root }}}
    {{- else if eq .data "scratch" }}
    - name: data
      emptyDir:
        sizeLimit: {{ $values.scratch }}
    {{- end }}
    {{- with $needs.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or (eq .data "holder") $values.affinity }}
  affinity:
    {{- if eq .data "holder" }}
    # The index's files are read on its own machine; its claim is mounted by one node.
    podAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        - topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "freshet.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ include "freshet.holder" $root }}
    {{- end }}
    {{- with $values.affinity }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A claim of a StatefulSet's pods. (root, storage) */}}
{{- define "freshet.claims" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
    labels:
      {{- include "freshet.selector" .root | nindent 6 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.className }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests: {storage: {{ .storage.size }}}
{{- end -}}

{{/* Metadata of an object. (root, name, component) */}}
{{- define "freshet.metadata" -}}
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "freshet.labels" .root | nindent 4 }}
    {{- with .component }}
    app.kubernetes.io/component: {{ . }}
    {{- end }}
{{- end -}}

{{/* Which pods. (root, component, source) */}}
{{- define "freshet.match" -}}
matchLabels:
  {{- include "freshet.selector" .root | nindent 2 }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  {{- with .source }}
  freshet.io/source: {{ . }}
  {{- end }}
{{- end -}}

{{/* The files beside each other in /etc/freshet/config. */}}
{{- define "freshet.files" -}}
freshet.yaml: |
  {{- toYaml .Values.site | nindent 2 }}
{{- range $name, $text := .Values.files }}
{{ $name }}: |
  {{- $text | nindent 2 }}
{{- end }}
{{- end -}}
