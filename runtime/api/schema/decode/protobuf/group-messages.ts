/**
 * Field numbers of the messages of the API groups; messages.ts says how a line is read.
 * Source: the generated.proto files of k8s.io/api, v1.35; the numbers never change.
 */
export const GROUP_MESSAGES: Readonly<Record<string, string>> = {
  apps: `
  Deployment = 1:metadata:meta.ObjectMeta 2:spec:DeploymentSpec
  DeploymentSpec = 1:replicas:int 2:selector:meta.LabelSelector 3:template:core.PodTemplateSpec
      4:strategy:DeploymentStrategy 5:minReadySeconds?:int 6:revisionHistoryLimit:int 7:paused?:bool
      9:progressDeadlineSeconds:int
  DeploymentStrategy = 1:type:string 2:rollingUpdate:RollingUpdateDeployment
  RollingUpdateDeployment = 1:maxUnavailable:IntOrString 2:maxSurge:IntOrString
`,
  batch: `
  Job = 1:metadata:meta.ObjectMeta 2:spec:JobSpec
  CronJob = 1:metadata:meta.ObjectMeta 2:spec:CronJobSpec
  JobSpec = 1:parallelism:int 2:completions:int 3:activeDeadlineSeconds:int 11:podFailurePolicy:PodFailurePolicy
      16:successPolicy:SuccessPolicy 7:backoffLimit:int 12:backoffLimitPerIndex:int 13:maxFailedIndexes:int
      4:selector:meta.LabelSelector 5:manualSelector:bool 6:template:core.PodTemplateSpec
      8:ttlSecondsAfterFinished:int 9:completionMode:string 10:suspend:bool 14:podReplacementPolicy:string
      15:managedBy:string
  CronJobSpec = 1:schedule:string 8:timeZone:string 2:startingDeadlineSeconds:int 3:concurrencyPolicy:string
      4:suspend:bool 5:jobTemplate:JobTemplateSpec 6:successfulJobsHistoryLimit:int 7:failedJobsHistoryLimit:int
  PodFailurePolicy = 1:rules:[]PodFailurePolicyRule
  SuccessPolicy = 1:rules:[]SuccessPolicyRule
  JobTemplateSpec = 1:metadata:meta.ObjectMeta 2:spec:JobSpec
  PodFailurePolicyRule = 1:action:string 2:onExitCodes:PodFailurePolicyOnExitCodesRequirement
      3:onPodConditions:[]PodFailurePolicyOnPodConditionsPattern
  SuccessPolicyRule = 1:succeededIndexes:string 2:succeededCount:int
  PodFailurePolicyOnExitCodesRequirement = 1:containerName:string 2:operator:string 3:values:[]int
  PodFailurePolicyOnPodConditionsPattern = 1:type:string 2:status:string
`,
  rbac: `
  Role = 1:metadata:meta.ObjectMeta 2:rules:[]PolicyRule
  RoleBinding = 1:metadata:meta.ObjectMeta 2:subjects:[]Subject 3:roleRef:RoleRef
  ClusterRole = 1:metadata:meta.ObjectMeta 2:rules:[]PolicyRule 3:aggregationRule:AggregationRule
  ClusterRoleBinding = 1:metadata:meta.ObjectMeta 2:subjects:[]Subject 3:roleRef:RoleRef
  PolicyRule = 1:verbs:[]string 2:apiGroups:[]string 3:resources:[]string 4:resourceNames:[]string
      5:nonResourceURLs:[]string
  Subject = 1:kind:string 2:apiGroup:string 3:name:string 4:namespace:string
  RoleRef = 1:apiGroup:string 2:kind:string 3:name:string
  AggregationRule = 1:clusterRoleSelectors:[]meta.LabelSelector
`,
  certificates: `
  CertificateSigningRequest = 1:metadata:meta.ObjectMeta 2:spec:CertificateSigningRequestSpec
      3:status:CertificateSigningRequestStatus
  CertificateSigningRequestSpec = 1:request:bytes 7:signerName:string 8:expirationSeconds:int 5:usages:[]string
      2:username:string 3:uid:string 4:groups:[]string 6:extra:{}ExtraValue
  CertificateSigningRequestStatus = 1:conditions:[]CertificateSigningRequestCondition 2:certificate:bytes
  CertificateSigningRequestCondition = 1:type:string 6:status:string 2:reason:string 3:message:string
      4:lastUpdateTime:Time 5:lastTransitionTime:Time
`,
  'autoscaling.v2': `
  HorizontalPodAutoscaler = 1:metadata:meta.ObjectMeta 2:spec:HorizontalPodAutoscalerSpec
  HorizontalPodAutoscalerSpec = 1:scaleTargetRef:CrossVersionObjectReference 2:minReplicas:int 3:maxReplicas:int
      4:metrics:[]MetricSpec 5:behavior:HorizontalPodAutoscalerBehavior
  CrossVersionObjectReference = 1:kind:string 2:name:string 3:apiVersion:string
  MetricSpec = 1:type:string 2:object:ObjectMetricSource 3:pods:PodsMetricSource 4:resource:ResourceMetricSource
      7:containerResource:ContainerResourceMetricSource 5:external:ExternalMetricSource
  HorizontalPodAutoscalerBehavior = 1:scaleUp:HPAScalingRules 2:scaleDown:HPAScalingRules
  ObjectMetricSource = 1:describedObject:CrossVersionObjectReference 2:target:MetricTarget 3:metric:MetricIdentifier
  PodsMetricSource = 1:metric:MetricIdentifier 2:target:MetricTarget
  ResourceMetricSource = 1:name:string 2:target:MetricTarget
  ContainerResourceMetricSource = 1:name:string 2:target:MetricTarget 3:container:string
  ExternalMetricSource = 1:metric:MetricIdentifier 2:target:MetricTarget
  HPAScalingRules = 3:stabilizationWindowSeconds:int 1:selectPolicy:string 2:policies:[]HPAScalingPolicy
      4:tolerance:Quantity
  MetricTarget = 1:type:string 2:value:Quantity 3:averageValue:Quantity 4:averageUtilization:int
  MetricIdentifier = 1:name:string 2:selector:meta.LabelSelector
  HPAScalingPolicy = 1:type:string 2:value:int 3:periodSeconds:int
`,
  autoscaling: `
  HorizontalPodAutoscaler = 1:metadata:meta.ObjectMeta 2:spec:HorizontalPodAutoscalerSpec
  HorizontalPodAutoscalerSpec = 1:scaleTargetRef:CrossVersionObjectReference 2:minReplicas:int 3:maxReplicas:int
      4:targetCPUUtilizationPercentage:int
  CrossVersionObjectReference = 1:kind:string 2:name:string 3:apiVersion:string
`,
  policy: `
  PodDisruptionBudget = 1:metadata:meta.ObjectMeta 2:spec:PodDisruptionBudgetSpec
  PodDisruptionBudgetSpec = 1:minAvailable:IntOrString 2:selector:meta.LabelSelector 3:maxUnavailable:IntOrString
      4:unhealthyPodEvictionPolicy:string
`,
  scheduling: `
  PriorityClass = 1:metadata:meta.ObjectMeta 2:value:int 3:globalDefault?:bool 4:description:string
      5:preemptionPolicy:string
`,
  networking: `
  Ingress = 1:metadata:meta.ObjectMeta 2:spec:IngressSpec
  IngressSpec = 4:ingressClassName:string 1:defaultBackend:IngressBackend 2:tls:[]IngressTLS 3:rules:[]IngressRule
  IngressBackend = 4:service:IngressServiceBackend 3:resource:core.TypedLocalObjectReference
  IngressTLS = 1:hosts:[]string 2:secretName:string
  IngressRule = 1:host:string 2:ingressRuleValue<:IngressRuleValue
  IngressServiceBackend = 1:name:string 2:port:ServiceBackendPort
  IngressRuleValue = 1:http:HTTPIngressRuleValue
  ServiceBackendPort = 1:name:string 2:number?:int
  HTTPIngressRuleValue = 1:paths:[]HTTPIngressPath
  HTTPIngressPath = 1:path:string 3:pathType:string 2:backend:IngressBackend
`,
  authentication: `
  TokenRequest = 1:metadata:meta.ObjectMeta 2:spec:TokenRequestSpec
  SelfSubjectReview = 1:metadata:meta.ObjectMeta
  TokenRequestSpec = 1:audiences:[]string 4:expirationSeconds:int 3:boundObjectRef:BoundObjectReference
  BoundObjectReference = 1:kind:string 2:apiVersion:string 3:name:string 4:uid:string
  UserInfo = 1:username:string 2:uid:string 3:groups:[]string 4:extra:{}ExtraValue
`,
  authorization: `
  SelfSubjectAccessReview = 1:metadata:meta.ObjectMeta 2:spec:SelfSubjectAccessReviewSpec
  SelfSubjectRulesReview = 1:metadata:meta.ObjectMeta 2:spec:SelfSubjectRulesReviewSpec
  SelfSubjectAccessReviewSpec = 1:resourceAttributes:ResourceAttributes
      2:nonResourceAttributes:NonResourceAttributes
  SelfSubjectRulesReviewSpec = 1:namespace:string
  ResourceAttributes = 1:namespace:string 2:verb:string 3:group:string 4:version:string 5:resource:string
      6:subresource:string 7:name:string 8:fieldSelector:FieldSelectorAttributes
      9:labelSelector:LabelSelectorAttributes
  NonResourceAttributes = 1:path:string 2:verb:string
  FieldSelectorAttributes = 1:rawSelector:string 2:requirements:[]meta.FieldSelectorRequirement
  LabelSelectorAttributes = 1:rawSelector:string 2:requirements:[]meta.LabelSelectorRequirement
`,
};
