{{- define "cohort-pipeline.name" -}}
{{- printf "%s-%s" .root.Release.Name .name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cohort-pipeline.labels" -}}
app.kubernetes.io/name: cohort-pipeline
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "cohort-pipeline.allLabels" -}}
{{ include "cohort-pipeline.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "cohort-pipeline.serviceAccount" -}}
{{- .root.Values.serviceAccount.name | default (include "cohort-pipeline.name" (dict "root" .root "name" "cohort-pipeline")) -}}
{{- end -}}

{{/* What all pods have in common. Arguments: root, name, image, port, values, stable (true: has an ordinal), env (more variables). */}}
{{- define "cohort-pipeline.podTemplate" -}}
metadata:
  labels:
    {{- include "cohort-pipeline.allLabels" . | nindent 4 }}
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ .port | quote }}
    prometheus.io/path: /metrics
spec:
  serviceAccountName: {{ include "cohort-pipeline.serviceAccount" . }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1654
    runAsGroup: 1654
    fsGroup: 1654
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: {{ .image }}
      image: "{{ .root.Values.image.registry }}/{{ .image }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      ports:
        - { name: http, containerPort: {{ .port }} }
      env:
        - { name: Http__Address, value: 0.0.0.0 }
        - { name: Http__Port, value: {{ .port | quote }} }
        - { name: Pipeline__Prefix, value: {{ .root.Values.pipeline.prefix | quote }} }
        - { name: Pipeline__Partitions, value: {{ .root.Values.pipeline.partitions | quote }} }
        - { name: Pipeline__Clock, value: {{ .root.Values.pipeline.clock | quote }} }
        {{- range $index, $topic := .root.Values.pipeline.eventTopics }}
        - { name: Pipeline__EventTopics__{{ $index }}, value: {{ $topic | quote }} }
        {{- end }}
        {{- range $index, $topic := .root.Values.pipeline.identifyTopics }}
        - { name: Pipeline__IdentifyTopics__{{ $index }}, value: {{ $topic | quote }} }
        {{- end }}
        {{- range $key, $value := .root.Values.kafka.properties }}
        - { name: {{ printf "Kafka__%s" $key | quote }}, value: {{ $value | quote }} }
        {{- end }}
        {{- if .root.Values.telemetry.otlpEndpoint }}
        - { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .root.Values.telemetry.otlpEndpoint | quote }} }
        {{- end }}
        {{- if .stable }}
        - name: Pipeline__Instance
          valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } }
        {{- end }}
        {{- range $key, $value := .env }}
        - { name: {{ $key }}, value: {{ $value | quote }} }
        {{- end }}
        {{- range $key, $value := .values.env }}
        - { name: {{ $key }}, value: {{ $value | quote }} }
        {{- end }}
      {{- with .root.Values.kafka.existingSecret }}
      envFrom:
        - secretRef: { name: {{ . }} }
      {{- end }}
      startupProbe: { httpGet: { path: /alive, port: http }, periodSeconds: 2, failureThreshold: 60 }
      livenessProbe: { httpGet: { path: /alive, port: http }, periodSeconds: 10, failureThreshold: 6 }
      readinessProbe: { httpGet: { path: /health, port: http }, periodSeconds: 5 }
      resources: {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
  volumes:
    - { name: tmp, emptyDir: {} }
{{- end -}}

{{- define "cohort-pipeline.podDisruptionBudget" -}}
{{- if .values.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "cohort-pipeline.name" . }}
  labels: {{- include "cohort-pipeline.allLabels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .values.podDisruptionBudget.maxUnavailable }}
  selector:
    matchLabels: {{- include "cohort-pipeline.labels" . | nindent 6 }}
{{- end }}
{{- end -}}

{{/* A StatefulSet with its headless Service: for services whose ordinal is part of their transactional ids. */}}
{{- define "cohort-pipeline.statefulSet" -}}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "cohort-pipeline.name" . }}
  labels: {{- include "cohort-pipeline.allLabels" . | nindent 4 }}
spec:
  clusterIP: None
  selector: {{- include "cohort-pipeline.labels" . | nindent 4 }}
  ports:
    - { name: http, port: {{ .port }}, targetPort: http }
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "cohort-pipeline.name" . }}
  labels: {{- include "cohort-pipeline.allLabels" . | nindent 4 }}
spec:
  serviceName: {{ include "cohort-pipeline.name" . }}
  replicas: {{ .values.replicas }}
  podManagementPolicy: Parallel
  selector:
    matchLabels: {{- include "cohort-pipeline.labels" . | nindent 6 }}
  template: {{- include "cohort-pipeline.podTemplate" (merge (dict "stable" true) .) | nindent 4 }}
{{ include "cohort-pipeline.podDisruptionBudget" . }}
{{- end -}}
