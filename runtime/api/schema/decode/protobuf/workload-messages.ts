/**
 * Field numbers of meta, of workloads and of what serves them; messages.ts says how a line is read.
 * Source: the types of k8s.io/apimachinery and k8s.io/api, v1.36; the numbers never change.
 */
export const WORKLOAD_MESSAGES: Readonly<Record<string, string>> = {
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
  Condition = 1:type:string 2:status:string 3:observedGeneration?:int 4:lastTransitionTime:Time 5:reason:string
      6:message:string
  DeleteOptions = 1:gracePeriodSeconds:int 2:preconditions:Preconditions 3:orphanDependents:bool
      4:propagationPolicy!:string 5:dryRun:[]string 6:ignoreStoreReadErrorWithClusterBreakingPotential:bool
  Preconditions = 1:uid!:string 2:resourceVersion!:string
  FieldSelectorRequirement = 1:key:string 2:operator:string 3:values:[]string
`,
  apps: `
  ControllerRevision = 1:metadata:meta.ObjectMeta 2:data:RawExtension 3:revision:int
  DaemonSet = 1:metadata:meta.ObjectMeta 2:spec:DaemonSetSpec 3:status:DaemonSetStatus
  DaemonSetSpec = 1:selector:meta.LabelSelector 2:template:core.PodTemplateSpec
      3:updateStrategy:DaemonSetUpdateStrategy 4:minReadySeconds?:int 6:revisionHistoryLimit:int
  DaemonSetUpdateStrategy = 1:type:string 2:rollingUpdate:RollingUpdateDaemonSet
  RollingUpdateDaemonSet = 1:maxUnavailable:IntOrString 2:maxSurge:IntOrString
  DaemonSetStatus = 1:currentNumberScheduled:int 2:numberMisscheduled:int 3:desiredNumberScheduled:int
      4:numberReady:int 5:observedGeneration?:int 6:updatedNumberScheduled?:int 7:numberAvailable?:int
      8:numberUnavailable?:int 9:collisionCount:int 10:conditions:[]DaemonSetCondition
  DaemonSetCondition = 1:type:string 2:status:string 3:lastTransitionTime:Time 4:reason:string 5:message:string
  Deployment = 1:metadata:meta.ObjectMeta 2:spec:DeploymentSpec 3:status:DeploymentStatus
  DeploymentSpec = 1:replicas:int 2:selector:meta.LabelSelector 3:template:core.PodTemplateSpec
      4:strategy:DeploymentStrategy 5:minReadySeconds?:int 6:revisionHistoryLimit:int 7:paused?:bool
      9:progressDeadlineSeconds:int
  DeploymentStrategy = 1:type:string 2:rollingUpdate:RollingUpdateDeployment
  RollingUpdateDeployment = 1:maxUnavailable:IntOrString 2:maxSurge:IntOrString
  DeploymentStatus = 1:observedGeneration?:int 2:replicas?:int 3:updatedReplicas?:int 7:readyReplicas?:int
      4:availableReplicas?:int 5:unavailableReplicas?:int 9:terminatingReplicas:int
      6:conditions:[]DeploymentCondition 8:collisionCount:int
  DeploymentCondition = 1:type:string 2:status:string 6:lastUpdateTime:Time 7:lastTransitionTime:Time 4:reason:string
      5:message:string
  ReplicaSet = 1:metadata:meta.ObjectMeta 2:spec:ReplicaSetSpec 3:status:ReplicaSetStatus
  ReplicaSetSpec = 1:replicas:int 4:minReadySeconds?:int 2:selector:meta.LabelSelector
      3:template:core.PodTemplateSpec
  ReplicaSetStatus = 1:replicas:int 2:fullyLabeledReplicas?:int 4:readyReplicas?:int 5:availableReplicas?:int
      7:terminatingReplicas:int 3:observedGeneration?:int 6:conditions:[]ReplicaSetCondition
  ReplicaSetCondition = 1:type:string 2:status:string 3:lastTransitionTime:Time 4:reason:string 5:message:string
  StatefulSet = 1:metadata:meta.ObjectMeta 2:spec:StatefulSetSpec 3:status:StatefulSetStatus
  StatefulSetSpec = 1:replicas:int 2:selector:meta.LabelSelector 3:template:core.PodTemplateSpec
      4:volumeClaimTemplates:[]core.PersistentVolumeClaim 5:serviceName:string 6:podManagementPolicy:string
      7:updateStrategy:StatefulSetUpdateStrategy 8:revisionHistoryLimit:int 9:minReadySeconds?:int
      10:persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy
      11:ordinals:StatefulSetOrdinals
  StatefulSetUpdateStrategy = 1:type:string 2:rollingUpdate:RollingUpdateStatefulSetStrategy
  RollingUpdateStatefulSetStrategy = 1:partition:int 2:maxUnavailable:IntOrString
  StatefulSetPersistentVolumeClaimRetentionPolicy = 1:whenDeleted:string 2:whenScaled:string
  StatefulSetOrdinals = 1:start:int
  StatefulSetStatus = 1:observedGeneration?:int 2:replicas:int 3:readyReplicas?:int 4:currentReplicas?:int
      5:updatedReplicas?:int 6:currentRevision:string 7:updateRevision:string 9:collisionCount:int
      10:conditions:[]StatefulSetCondition 11:availableReplicas:int
  StatefulSetCondition = 1:type:string 2:status:string 3:lastTransitionTime:Time 4:reason:string 5:message:string
`,
  batch: `
  CronJob = 1:metadata:meta.ObjectMeta 2:spec:CronJobSpec 3:status:CronJobStatus
  CronJobSpec = 1:schedule:string 8:timeZone!:string 2:startingDeadlineSeconds:int 3:concurrencyPolicy:string
      4:suspend:bool 5:jobTemplate:JobTemplateSpec 6:successfulJobsHistoryLimit:int 7:failedJobsHistoryLimit:int
  JobTemplateSpec = 1:metadata:meta.ObjectMeta 2:spec:JobSpec
  JobSpec = 1:parallelism:int 2:completions:int 3:activeDeadlineSeconds:int 11:podFailurePolicy:PodFailurePolicy
      16:successPolicy:SuccessPolicy 7:backoffLimit:int 12:backoffLimitPerIndex:int 13:maxFailedIndexes:int
      4:selector:meta.LabelSelector 5:manualSelector:bool 6:template:core.PodTemplateSpec
      8:ttlSecondsAfterFinished:int 9:completionMode!:string 10:suspend:bool 14:podReplacementPolicy!:string
      15:managedBy!:string
  PodFailurePolicy = 1:rules:[]PodFailurePolicyRule
  PodFailurePolicyRule = 1:action:string 2:onExitCodes:PodFailurePolicyOnExitCodesRequirement
      3:onPodConditions:[]PodFailurePolicyOnPodConditionsPattern
  PodFailurePolicyOnExitCodesRequirement = 1:containerName!:string 2:operator:string 3:values:[]int
  PodFailurePolicyOnPodConditionsPattern = 1:type:string 2:status:string
  SuccessPolicy = 1:rules:[]SuccessPolicyRule
  SuccessPolicyRule = 1:succeededIndexes!:string 2:succeededCount:int
  CronJobStatus = 1:active:[]core.ObjectReference 4:lastScheduleTime:Time 5:lastSuccessfulTime:Time
  Job = 1:metadata:meta.ObjectMeta 2:spec:JobSpec 3:status:JobStatus
  JobStatus = 1:conditions:[]JobCondition 2:startTime:Time 3:completionTime:Time 4:active?:int 5:succeeded?:int
      6:failed?:int 11:terminating:int 7:completedIndexes:string 10:failedIndexes!:string
      8:uncountedTerminatedPods:UncountedTerminatedPods 9:ready:int
  JobCondition = 1:type:string 2:status:string 3:lastProbeTime:Time 4:lastTransitionTime:Time 5:reason:string
      6:message:string
  UncountedTerminatedPods = 1:succeeded:[]string 2:failed:[]string
`,
  autoscaling: `
  HorizontalPodAutoscaler = 1:metadata:meta.ObjectMeta 2:spec:HorizontalPodAutoscalerSpec
      3:status:HorizontalPodAutoscalerStatus
  HorizontalPodAutoscalerSpec = 1:scaleTargetRef:CrossVersionObjectReference 2:minReplicas:int 3:maxReplicas:int
      4:targetCPUUtilizationPercentage:int
  CrossVersionObjectReference = 1:kind:string 2:name:string 3:apiVersion:string
  HorizontalPodAutoscalerStatus = 1:observedGeneration:int 2:lastScaleTime:Time 3:currentReplicas:int
      4:desiredReplicas:int 5:currentCPUUtilizationPercentage:int
  Scale = 1:metadata:meta.ObjectMeta 2:spec:ScaleSpec 3:status:ScaleStatus
  ScaleSpec = 1:replicas?:int
  ScaleStatus = 1:replicas:int 2:selector:string
`,
  'autoscaling.v2': `
  HorizontalPodAutoscaler = 1:metadata:meta.ObjectMeta 2:spec:HorizontalPodAutoscalerSpec
      3:status:HorizontalPodAutoscalerStatus
  HorizontalPodAutoscalerSpec = 1:scaleTargetRef:CrossVersionObjectReference 2:minReplicas:int 3:maxReplicas:int
      4:metrics:[]MetricSpec 5:behavior:HorizontalPodAutoscalerBehavior
  CrossVersionObjectReference = 1:kind:string 2:name:string 3:apiVersion:string
  MetricSpec = 1:type:string 2:object:ObjectMetricSource 3:pods:PodsMetricSource 4:resource:ResourceMetricSource
      7:containerResource:ContainerResourceMetricSource 5:external:ExternalMetricSource
  ObjectMetricSource = 1:describedObject:CrossVersionObjectReference 2:target:MetricTarget 3:metric:MetricIdentifier
  MetricTarget = 1:type:string 2:value:Quantity 3:averageValue:Quantity 4:averageUtilization:int
  MetricIdentifier = 1:name:string 2:selector:meta.LabelSelector
  PodsMetricSource = 1:metric:MetricIdentifier 2:target:MetricTarget
  ResourceMetricSource = 1:name:string 2:target:MetricTarget
  ContainerResourceMetricSource = 1:name:string 2:target:MetricTarget 3:container:string
  ExternalMetricSource = 1:metric:MetricIdentifier 2:target:MetricTarget
  HorizontalPodAutoscalerBehavior = 1:scaleUp:HPAScalingRules 2:scaleDown:HPAScalingRules
  HPAScalingRules = 3:stabilizationWindowSeconds:int 1:selectPolicy!:string 2:policies:[]HPAScalingPolicy
      4:tolerance:Quantity
  HPAScalingPolicy = 1:type:string 2:value:int 3:periodSeconds:int
  HorizontalPodAutoscalerStatus = 1:observedGeneration:int 2:lastScaleTime:Time 3:currentReplicas?:int
      4:desiredReplicas:int 5:currentMetrics:[]MetricStatus 6:conditions:[]HorizontalPodAutoscalerCondition
  MetricStatus = 1:type:string 2:object:ObjectMetricStatus 3:pods:PodsMetricStatus 4:resource:ResourceMetricStatus
      7:containerResource:ContainerResourceMetricStatus 5:external:ExternalMetricStatus
  ObjectMetricStatus = 1:metric:MetricIdentifier 2:current:MetricValueStatus
      3:describedObject:CrossVersionObjectReference
  MetricValueStatus = 1:value:Quantity 2:averageValue:Quantity 3:averageUtilization:int
  PodsMetricStatus = 1:metric:MetricIdentifier 2:current:MetricValueStatus
  ResourceMetricStatus = 1:name:string 2:current:MetricValueStatus
  ContainerResourceMetricStatus = 1:name:string 2:current:MetricValueStatus 3:container:string
  ExternalMetricStatus = 1:metric:MetricIdentifier 2:current:MetricValueStatus
  HorizontalPodAutoscalerCondition = 1:type:string 2:status:string 3:lastTransitionTime:Time 4:reason:string
      5:message:string
`,
  policy: `
  PodDisruptionBudget = 1:metadata:meta.ObjectMeta 2:spec:PodDisruptionBudgetSpec 3:status:PodDisruptionBudgetStatus
  PodDisruptionBudgetSpec = 1:minAvailable:IntOrString 2:selector:meta.LabelSelector 3:maxUnavailable:IntOrString
      4:unhealthyPodEvictionPolicy!:string
  PodDisruptionBudgetStatus = 1:observedGeneration?:int 2:disruptedPods:{}Time 3:disruptionsAllowed:int
      4:currentHealthy:int 5:desiredHealthy:int 6:expectedPods:int 7:conditions:[]meta.Condition
  Eviction = 1:metadata:meta.ObjectMeta 2:deleteOptions:meta.DeleteOptions
`,
  networking: `
  IngressClass = 1:metadata:meta.ObjectMeta 2:spec:IngressClassSpec
  IngressClassSpec = 1:controller:string 2:parameters:IngressClassParametersReference
  IngressClassParametersReference = 1:apiGroup!:string 2:kind:string 3:name:string 4:scope!:string
      5:namespace!:string
  Ingress = 1:metadata:meta.ObjectMeta 2:spec:IngressSpec 3:status:IngressStatus
  IngressSpec = 4:ingressClassName!:string 1:defaultBackend:IngressBackend 2:tls:[]IngressTLS 3:rules:[]IngressRule
  IngressBackend = 4:service:IngressServiceBackend 3:resource:core.TypedLocalObjectReference
  IngressServiceBackend = 1:name:string 2:port:ServiceBackendPort
  ServiceBackendPort = 1:name:string 2:number?:int
  IngressTLS = 1:hosts:[]string 2:secretName:string
  IngressRule = 1:host:string 2:ingressRuleValue<:IngressRuleValue
  IngressRuleValue = 1:http:HTTPIngressRuleValue
  HTTPIngressRuleValue = 1:paths:[]HTTPIngressPath
  HTTPIngressPath = 1:path:string 3:pathType!:string 2:backend:IngressBackend
  IngressStatus = 1:loadBalancer:IngressLoadBalancerStatus
  IngressLoadBalancerStatus = 1:ingress:[]IngressLoadBalancerIngress
  IngressLoadBalancerIngress = 1:ip:string 2:hostname:string 4:ports:[]IngressPortStatus
  IngressPortStatus = 1:port:int 2:protocol:string 3:error!:string
  NetworkPolicy = 1:metadata:meta.ObjectMeta 2:spec:NetworkPolicySpec
  NetworkPolicySpec = 1:podSelector:meta.LabelSelector 2:ingress:[]NetworkPolicyIngressRule
      3:egress:[]NetworkPolicyEgressRule 4:policyTypes:[]string
  NetworkPolicyIngressRule = 1:ports:[]NetworkPolicyPort 2:from:[]NetworkPolicyPeer
  NetworkPolicyPort = 1:protocol!:string 2:port:IntOrString 3:endPort:int
  NetworkPolicyPeer = 1:podSelector:meta.LabelSelector 2:namespaceSelector:meta.LabelSelector 3:ipBlock:IPBlock
  IPBlock = 1:cidr:string 2:except:[]string
  NetworkPolicyEgressRule = 1:ports:[]NetworkPolicyPort 2:to:[]NetworkPolicyPeer
`,
  discovery: `
  EndpointSlice = 1:metadata:meta.ObjectMeta 4:addressType:string 2:endpoints:[]Endpoint 3:ports:[]EndpointPort
  Endpoint = 1:addresses:[]string 2:conditions:EndpointConditions 3:hostname!:string 4:targetRef:core.ObjectReference
      5:deprecatedTopology:{}string 6:nodeName!:string 7:zone!:string 8:hints:EndpointHints
  EndpointConditions = 1:ready:bool 2:serving:bool 3:terminating:bool
  EndpointHints = 1:forZones:[]ForZone 2:forNodes:[]ForNode
  ForZone = 1:name:string
  ForNode = 1:name:string
  EndpointPort = 1:name!:string 2:protocol!:string 3:port:int 4:appProtocol!:string
`,
  coordination: `
  Lease = 1:metadata:meta.ObjectMeta 2:spec:LeaseSpec
  LeaseSpec = 1:holderIdentity!:string 2:leaseDurationSeconds:int 3:acquireTime:MicroTime 4:renewTime:MicroTime
      5:leaseTransitions:int 6:strategy!:string 7:preferredHolder!:string
`,
  events: `
  Event = 1:metadata:meta.ObjectMeta 2:eventTime:MicroTime 3:series:EventSeries 4:reportingController:string
      5:reportingInstance:string 6:action:string 7:reason:string 8:regarding:core.ObjectReference
      9:related:core.ObjectReference 10:note:string 11:type:string 12:deprecatedSource:core.EventSource
      13:deprecatedFirstTimestamp:Time 14:deprecatedLastTimestamp:Time 15:deprecatedCount?:int
  EventSeries = 1:count:int 2:lastObservedTime:MicroTime
`,
  scheduling: `
  PriorityClass = 1:metadata:meta.ObjectMeta 2:value:int 3:globalDefault?:bool 4:description:string
      5:preemptionPolicy!:string
`,
};
