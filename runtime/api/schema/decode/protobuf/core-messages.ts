/**
 * Field numbers of the messages of core and meta; messages.ts says how a line is read.
 * Source: the generated.proto files of k8s.io/api/core/v1 and apimachinery, v1.35; the numbers never change.
 */
export const CORE_MESSAGES: Readonly<Record<string, string>> = {
  meta: `
  ObjectMeta = 1:name:string 2:generateName:string 3:namespace:string 4:selfLink:string 5:uid:string
      6:resourceVersion:string 7:generation?:int 8:creationTimestamp:Time 9:deletionTimestamp:Time
      10:deletionGracePeriodSeconds:int 11:labels:{}string 12:annotations:{}string
      13:ownerReferences:[]OwnerReference 14:finalizers:[]string 17:managedFields:[]ManagedFieldsEntry
  OwnerReference = 5:apiVersion:string 1:kind:string 3:name:string 4:uid:string 6:controller:bool
      7:blockOwnerDeletion:bool
  ManagedFieldsEntry = 1:manager:string 2:operation:string 3:apiVersion:string 4:time:Time 6:fieldsType:string
      7:fieldsV1:FieldsV1 8:subresource:string
  LabelSelector = 1:matchLabels:{}string 2:matchExpressions:[]LabelSelectorRequirement
  LabelSelectorRequirement = 1:key:string 2:operator:string 3:values:[]string
  FieldSelectorRequirement = 1:key:string 2:operator:string 3:values:[]string
  DeleteOptions = 1:gracePeriodSeconds:int 2:preconditions:Preconditions 3:orphanDependents:bool
      4:propagationPolicy:string 5:dryRun:[]string
  Preconditions = 1:uid:string 2:resourceVersion:string
`,
  core: `
  Pod = 1:metadata:meta.ObjectMeta 2:spec:PodSpec
  Namespace = 1:metadata:meta.ObjectMeta 2:spec:NamespaceSpec
  ConfigMap = 1:metadata:meta.ObjectMeta 4:immutable:bool 2:data:{}string 3:binaryData:{}bytes
  Secret = 1:metadata:meta.ObjectMeta 5:immutable:bool 2:data:{}bytes 4:stringData:{}string 3:type:string
  Service = 1:metadata:meta.ObjectMeta 2:spec:ServiceSpec
  ServiceAccount = 1:metadata:meta.ObjectMeta 2:secrets:[]ObjectReference 3:imagePullSecrets:[]LocalObjectReference
      4:automountServiceAccountToken:bool
  ResourceQuota = 1:metadata:meta.ObjectMeta 2:spec:ResourceQuotaSpec
  PodSpec = 1:volumes:[]Volume 20:initContainers:[]Container 2:containers:[]Container
      34:ephemeralContainers:[]EphemeralContainer 3:restartPolicy:string 4:terminationGracePeriodSeconds:int
      5:activeDeadlineSeconds:int 6:dnsPolicy:string 7:nodeSelector:{}string 8:serviceAccountName:string
      9:serviceAccount:string 21:automountServiceAccountToken:bool 10:nodeName:string 11:hostNetwork?:bool
      12:hostPID?:bool 13:hostIPC?:bool 27:shareProcessNamespace:bool 14:securityContext:PodSecurityContext
      15:imagePullSecrets:[]LocalObjectReference 16:hostname:string 17:subdomain:string 18:affinity:Affinity
      19:schedulerName:string 22:tolerations:[]Toleration 23:hostAliases:[]HostAlias 24:priorityClassName:string
      25:priority:int 26:dnsConfig:PodDNSConfig 28:readinessGates:[]PodReadinessGate 29:runtimeClassName:string
      30:enableServiceLinks:bool 31:preemptionPolicy:string 32:overhead:{}Quantity
      33:topologySpreadConstraints:[]TopologySpreadConstraint 35:setHostnameAsFQDN:bool 36:os:PodOS
      37:hostUsers:bool 38:schedulingGates:[]PodSchedulingGate 40:resources:ResourceRequirements
      41:hostnameOverride:string
  NamespaceSpec = 1:finalizers:[]string
  ServiceSpec = 1:ports:[]ServicePort 2:selector:{}string 3:clusterIP:string 18:clusterIPs:[]string 4:type:string
      5:externalIPs:[]string 7:sessionAffinity:string 8:loadBalancerIP:string 9:loadBalancerSourceRanges:[]string
      10:externalName:string 11:externalTrafficPolicy:string 12:healthCheckNodePort?:int
      13:publishNotReadyAddresses?:bool 14:sessionAffinityConfig:SessionAffinityConfig 19:ipFamilies:[]string
      17:ipFamilyPolicy:string 20:allocateLoadBalancerNodePorts:bool 21:loadBalancerClass:string
      22:internalTrafficPolicy:string 23:trafficDistribution:string
  ObjectReference = 1:kind:string 2:namespace:string 3:name:string 4:uid:string 5:apiVersion:string
      6:resourceVersion:string 7:fieldPath:string
  LocalObjectReference = 1:name:string
  ResourceQuotaSpec = 1:hard:{}Quantity 2:scopes:[]string 3:scopeSelector:ScopeSelector
  Volume = 1:name:string 2:volumeSource<:VolumeSource
  Container = 1:name:string 2:image:string 3:command:[]string 4:args:[]string 5:workingDir:string
      6:ports:[]ContainerPort 19:envFrom:[]EnvFromSource 7:env:[]EnvVar 8:resources:ResourceRequirements
      23:resizePolicy:[]ContainerResizePolicy 24:restartPolicy:string 9:volumeMounts:[]VolumeMount
      21:volumeDevices:[]VolumeDevice 10:livenessProbe:Probe 11:readinessProbe:Probe 22:startupProbe:Probe
      12:lifecycle:Lifecycle 13:terminationMessagePath:string 20:terminationMessagePolicy:string
      14:imagePullPolicy:string 15:securityContext:SecurityContext 16:stdin?:bool 17:stdinOnce?:bool 18:tty?:bool
  EphemeralContainer = 1:ephemeralContainerCommon<:EphemeralContainerCommon 2:targetContainerName:string
  PodSecurityContext = 1:seLinuxOptions:SELinuxOptions 2:runAsUser:int 6:runAsGroup:int 3:runAsNonRoot:bool
      4:supplementalGroups:[]int 12:supplementalGroupsPolicy:string 5:fsGroup:int 7:sysctls:[]Sysctl
      9:fsGroupChangePolicy:string 10:seccompProfile:SeccompProfile 11:appArmorProfile:AppArmorProfile
      13:seLinuxChangePolicy:string
  Affinity = 1:nodeAffinity:NodeAffinity 2:podAffinity:PodAffinity 3:podAntiAffinity:PodAntiAffinity
  Toleration = 1:key:string 2:operator:string 3:value:string 4:effect:string 5:tolerationSeconds:int
  HostAlias = 1:ip:string 2:hostnames:[]string
  PodDNSConfig = 1:nameservers:[]string 2:searches:[]string 3:options:[]PodDNSConfigOption
  PodReadinessGate = 1:conditionType:string
  TopologySpreadConstraint = 1:maxSkew:int 2:topologyKey:string 3:whenUnsatisfiable:string
      4:labelSelector:meta.LabelSelector 5:minDomains:int 6:nodeAffinityPolicy:string 7:nodeTaintsPolicy:string
      8:matchLabelKeys:[]string
  PodOS = 1:name:string
  PodSchedulingGate = 1:name:string
  ResourceRequirements = 1:limits:{}Quantity 2:requests:{}Quantity
  ServicePort = 1:name:string 2:protocol:string 6:appProtocol:string 3:port:int 4:targetPort?:IntOrString
      5:nodePort?:int
  SessionAffinityConfig = 1:clientIP:ClientIPConfig
  ScopeSelector = 1:matchExpressions:[]ScopedResourceSelectorRequirement
  PodTemplateSpec = 1:metadata:meta.ObjectMeta 2:spec:PodSpec
  VolumeSource = 1:hostPath:HostPathVolumeSource 2:emptyDir:EmptyDirVolumeSource 6:secret:SecretVolumeSource
      10:persistentVolumeClaim:PersistentVolumeClaimVolumeSource 16:downwardAPI:DownwardAPIVolumeSource
      19:configMap:ConfigMapVolumeSource 26:projected:ProjectedVolumeSource 29:ephemeral:EphemeralVolumeSource
  ContainerPort = 1:name:string 2:hostPort?:int 3:containerPort:int 4:protocol:string 5:hostIP:string
  EnvFromSource = 1:prefix:string 2:configMapRef:ConfigMapEnvSource 3:secretRef:SecretEnvSource
  EnvVar = 1:name:string 2:value:string 3:valueFrom:EnvVarSource
  ContainerResizePolicy = 1:resourceName:string 2:restartPolicy:string
  VolumeMount = 1:name:string 2:readOnly?:bool 7:recursiveReadOnly:string 3:mountPath:string 4:subPath:string
      5:mountPropagation:string 6:subPathExpr:string
  VolumeDevice = 1:name:string 2:devicePath:string
  Probe = 1:handler<:ProbeHandler 2:initialDelaySeconds?:int 3:timeoutSeconds?:int 4:periodSeconds?:int
      5:successThreshold?:int 6:failureThreshold?:int 7:terminationGracePeriodSeconds:int
  Lifecycle = 1:postStart:LifecycleHandler 2:preStop:LifecycleHandler 3:stopSignal:string
  SecurityContext = 1:capabilities:Capabilities 2:privileged:bool 3:seLinuxOptions:SELinuxOptions 4:runAsUser:int
      8:runAsGroup:int 5:runAsNonRoot:bool 6:readOnlyRootFilesystem:bool 7:allowPrivilegeEscalation:bool
      9:procMount:string 11:seccompProfile:SeccompProfile 12:appArmorProfile:AppArmorProfile
  EphemeralContainerCommon = 1:name:string 2:image:string 3:command:[]string 4:args:[]string 5:workingDir:string
      6:ports:[]ContainerPort 19:envFrom:[]EnvFromSource 7:env:[]EnvVar 8:resources:ResourceRequirements
      23:resizePolicy:[]ContainerResizePolicy 24:restartPolicy:string 9:volumeMounts:[]VolumeMount
      21:volumeDevices:[]VolumeDevice 10:livenessProbe:Probe 11:readinessProbe:Probe 22:startupProbe:Probe
      12:lifecycle:Lifecycle 13:terminationMessagePath:string 20:terminationMessagePolicy:string
      14:imagePullPolicy:string 15:securityContext:SecurityContext 16:stdin?:bool 17:stdinOnce?:bool 18:tty?:bool
  SELinuxOptions = 1:user:string 2:role:string 3:type:string 4:level:string
  Sysctl = 1:name:string 2:value:string
  SeccompProfile = 1:type:string 2:localhostProfile:string
  AppArmorProfile = 1:type:string 2:localhostProfile:string
  NodeAffinity = 1:requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
      2:preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm
  PodAffinity = 1:requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
      2:preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
  PodAntiAffinity = 1:requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
      2:preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
  PodDNSConfigOption = 1:name:string 2:value:string
  ClientIPConfig = 1:timeoutSeconds:int
  ScopedResourceSelectorRequirement = 1:scopeName:string 2:operator:string 3:values:[]string
  TypedLocalObjectReference = 1:apiGroup:string 2:kind:string 3:name:string
  HostPathVolumeSource = 1:path:string 2:type:string
  EmptyDirVolumeSource = 1:medium:string 2:sizeLimit:Quantity 3:mode:int
  SecretVolumeSource = 1:secretName:string 2:items:[]KeyToPath 3:defaultMode:int 4:optional:bool
  PersistentVolumeClaimVolumeSource = 1:claimName:string 2:readOnly?:bool
  DownwardAPIVolumeSource = 1:items:[]DownwardAPIVolumeFile 2:defaultMode:int
  ConfigMapVolumeSource = 1:localObjectReference<:LocalObjectReference 2:items:[]KeyToPath 3:defaultMode:int
      4:optional:bool
  ProjectedVolumeSource = 1:sources:[]VolumeProjection 2:defaultMode:int
  EphemeralVolumeSource = 1:volumeClaimTemplate:PersistentVolumeClaimTemplate
  ConfigMapEnvSource = 1:localObjectReference<:LocalObjectReference 2:optional:bool
  SecretEnvSource = 1:localObjectReference<:LocalObjectReference 2:optional:bool
  EnvVarSource = 1:fieldRef:ObjectFieldSelector 2:resourceFieldRef:ResourceFieldSelector
      3:configMapKeyRef:ConfigMapKeySelector 4:secretKeyRef:SecretKeySelector
  ProbeHandler = 1:exec:ExecAction 2:httpGet:HTTPGetAction 3:tcpSocket:TCPSocketAction 4:grpc:GRPCAction
  LifecycleHandler = 1:exec:ExecAction 2:httpGet:HTTPGetAction 3:tcpSocket:TCPSocketAction 4:sleep:SleepAction
  Capabilities = 1:add:[]string 2:drop:[]string
  NodeSelector = 1:nodeSelectorTerms:[]NodeSelectorTerm
  PreferredSchedulingTerm = 1:weight:int 2:preference:NodeSelectorTerm
  PodAffinityTerm = 1:labelSelector:meta.LabelSelector 2:namespaces:[]string 3:topologyKey:string
      4:namespaceSelector:meta.LabelSelector 5:matchLabelKeys:[]string 6:mismatchLabelKeys:[]string
  WeightedPodAffinityTerm = 1:weight:int 2:podAffinityTerm:PodAffinityTerm
  KeyToPath = 1:key:string 2:path:string 3:mode:int 4:user:int
  DownwardAPIVolumeFile = 1:path:string 2:fieldRef:ObjectFieldSelector 3:resourceFieldRef:ResourceFieldSelector
      4:mode:int 5:user:int
  VolumeProjection = 1:secret:SecretProjection 2:downwardAPI:DownwardAPIProjection 3:configMap:ConfigMapProjection
      4:serviceAccountToken:ServiceAccountTokenProjection
  PersistentVolumeClaimTemplate = 1:metadata:meta.ObjectMeta 2:spec:PersistentVolumeClaimSpec
  ObjectFieldSelector = 1:apiVersion:string 2:fieldPath:string
  ResourceFieldSelector = 1:containerName:string 2:resource:string 3:divisor:Quantity
  ConfigMapKeySelector = 1:localObjectReference<:LocalObjectReference 2:key:string 3:optional:bool
  SecretKeySelector = 1:localObjectReference<:LocalObjectReference 2:key:string 3:optional:bool
  ExecAction = 1:command:[]string
  HTTPGetAction = 1:path:string 2:port:IntOrString 3:host:string 4:scheme:string 5:httpHeaders:[]HTTPHeader
      6:protocol:string
  TCPSocketAction = 1:port:IntOrString 2:host:string
  GRPCAction = 1:port:int 2:service:string 3:mode:string
  SleepAction = 1:seconds:int
  NodeSelectorTerm = 1:matchExpressions:[]NodeSelectorRequirement 2:matchFields:[]NodeSelectorRequirement
  SecretProjection = 1:localObjectReference<:LocalObjectReference 2:items:[]KeyToPath 4:optional:bool
  DownwardAPIProjection = 1:items:[]DownwardAPIVolumeFile
  ConfigMapProjection = 1:localObjectReference<:LocalObjectReference 2:items:[]KeyToPath 4:optional:bool
  ServiceAccountTokenProjection = 1:audience:string 2:expirationSeconds:int 3:path:string 4:user:int
  PersistentVolumeClaimSpec = 1:accessModes:[]string 4:selector:meta.LabelSelector
      2:resources:VolumeResourceRequirements 3:volumeName:string 5:storageClassName!:string 6:volumeMode:string
      7:dataSource:TypedLocalObjectReference 9:volumeAttributesClassName:string
  HTTPHeader = 1:name:string 2:value:string
  NodeSelectorRequirement = 1:key:string 2:operator:string 3:values:[]string
  VolumeResourceRequirements = 1:limits:{}Quantity 2:requests:{}Quantity
`,
};
