/**
 * Field numbers of rights, storage, devices and the other groups; messages.ts says how a line is read.
 * Source: the types of k8s.io/api, v1.36; the numbers never change.
 */
export const CLUSTER_MESSAGES: Readonly<Record<string, string>> = {
  admissionregistration: `
  MutatingWebhookConfiguration = 1:metadata:meta.ObjectMeta 2:webhooks:[]MutatingWebhook
  MutatingWebhook = 1:name:string 2:clientConfig:WebhookClientConfig 3:rules:[]RuleWithOperations
      4:failurePolicy!:string 9:matchPolicy!:string 5:namespaceSelector:meta.LabelSelector
      11:objectSelector:meta.LabelSelector 6:sideEffects!:string 7:timeoutSeconds:int
      8:admissionReviewVersions:[]string 10:reinvocationPolicy!:string 12:matchConditions:[]MatchCondition
  WebhookClientConfig = 3:url!:string 1:service:ServiceReference 2:caBundle:bytes
  ServiceReference = 1:namespace:string 2:name:string 3:path!:string 4:port:int
  RuleWithOperations = 1:operations:[]string 2:rule<:Rule
  Rule = 1:apiGroups:[]string 2:apiVersions:[]string 3:resources:[]string 4:scope!:string
  MatchCondition = 1:name:string 2:expression:string
  ValidatingWebhookConfiguration = 1:metadata:meta.ObjectMeta 2:webhooks:[]ValidatingWebhook
  ValidatingWebhook = 1:name:string 2:clientConfig:WebhookClientConfig 3:rules:[]RuleWithOperations
      4:failurePolicy!:string 9:matchPolicy!:string 5:namespaceSelector:meta.LabelSelector
      10:objectSelector:meta.LabelSelector 6:sideEffects!:string 7:timeoutSeconds:int
      8:admissionReviewVersions:[]string 11:matchConditions:[]MatchCondition
`,
  authentication: `
  SelfSubjectReview = 1:metadata:meta.ObjectMeta 2:status:SelfSubjectReviewStatus
  SelfSubjectReviewStatus = 1:userInfo:UserInfo
  UserInfo = 1:username:string 2:uid:string 3:groups:[]string 4:extra:{}ExtraValue
  TokenReview = 1:metadata:meta.ObjectMeta 2:spec:TokenReviewSpec 3:status:TokenReviewStatus
  TokenReviewSpec = 1:token:string 2:audiences:[]string
  TokenReviewStatus = 1:authenticated?:bool 2:user:UserInfo 4:audiences:[]string 3:error:string
  TokenRequest = 1:metadata:meta.ObjectMeta 2:spec:TokenRequestSpec 3:status:TokenRequestStatus
  TokenRequestSpec = 1:audiences:[]string 4:expirationSeconds:int 3:boundObjectRef:BoundObjectReference
  BoundObjectReference = 1:kind:string 2:apiVersion:string 3:name:string 4:uid:string
  TokenRequestStatus = 1:token:string 2:expirationTimestamp:Time
`,
  'authentication.v1beta1': `
  SelfSubjectReview = 1:metadata:meta.ObjectMeta 2:status:SelfSubjectReviewStatus
  SelfSubjectReviewStatus = 1:userInfo:authentication.UserInfo
`,
  authorization: `
  LocalSubjectAccessReview = 1:metadata:meta.ObjectMeta 2:spec:SubjectAccessReviewSpec
      3:status:SubjectAccessReviewStatus
  SubjectAccessReviewSpec = 1:resourceAttributes:ResourceAttributes 2:nonResourceAttributes:NonResourceAttributes
      3:user:string 4:groups:[]string 5:extra:{}ExtraValue 6:uid:string
  ResourceAttributes = 1:namespace:string 2:verb:string 3:group:string 4:version:string 5:resource:string
      6:subresource:string 7:name:string 8:fieldSelector:FieldSelectorAttributes
      9:labelSelector:LabelSelectorAttributes
  FieldSelectorAttributes = 1:rawSelector:string 2:requirements:[]meta.FieldSelectorRequirement
  LabelSelectorAttributes = 1:rawSelector:string 2:requirements:[]meta.LabelSelectorRequirement
  NonResourceAttributes = 1:path:string 2:verb:string
  SubjectAccessReviewStatus = 1:allowed:bool 4:denied?:bool 2:reason:string 3:evaluationError:string
  SelfSubjectAccessReview = 1:metadata:meta.ObjectMeta 2:spec:SelfSubjectAccessReviewSpec
      3:status:SubjectAccessReviewStatus
  SelfSubjectAccessReviewSpec = 1:resourceAttributes:ResourceAttributes 2:nonResourceAttributes:NonResourceAttributes
  SelfSubjectRulesReview = 1:metadata:meta.ObjectMeta 2:spec:SelfSubjectRulesReviewSpec
      3:status:SubjectRulesReviewStatus
  SelfSubjectRulesReviewSpec = 1:namespace:string
  SubjectRulesReviewStatus = 1:resourceRules:[]ResourceRule 2:nonResourceRules:[]NonResourceRule 3:incomplete:bool
      4:evaluationError:string
  ResourceRule = 1:verbs:[]string 2:apiGroups:[]string 3:resources:[]string 4:resourceNames:[]string
  NonResourceRule = 1:verbs:[]string 2:nonResourceURLs:[]string
  SubjectAccessReview = 1:metadata:meta.ObjectMeta 2:spec:SubjectAccessReviewSpec 3:status:SubjectAccessReviewStatus
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
  node: `
  RuntimeClass = 1:metadata:meta.ObjectMeta 2:handler:string 3:overhead:Overhead 4:scheduling:Scheduling
  Overhead = 1:podFixed:{}Quantity
  Scheduling = 1:nodeSelector:{}string 2:tolerations:[]core.Toleration
`,
  rbac: `
  ClusterRoleBinding = 1:metadata:meta.ObjectMeta 2:subjects:[]Subject 3:roleRef:RoleRef
  Subject = 1:kind:string 2:apiGroup:string 3:name:string 4:namespace:string
  RoleRef = 1:apiGroup:string 2:kind:string 3:name:string
  ClusterRole = 1:metadata:meta.ObjectMeta 2:rules:[]PolicyRule 3:aggregationRule:AggregationRule
  PolicyRule = 1:verbs:[]string 2:apiGroups:[]string 3:resources:[]string 4:resourceNames:[]string
      5:nonResourceURLs:[]string
  AggregationRule = 1:clusterRoleSelectors:[]meta.LabelSelector
  RoleBinding = 1:metadata:meta.ObjectMeta 2:subjects:[]Subject 3:roleRef:RoleRef
  Role = 1:metadata:meta.ObjectMeta 2:rules:[]PolicyRule
`,
  resource: `
  DeviceClass = 1:metadata:meta.ObjectMeta 2:spec:DeviceClassSpec
  DeviceClassSpec = 1:selectors:[]DeviceSelector 2:config:[]DeviceClassConfiguration 4:extendedResourceName!:string
  DeviceSelector = 1:cel:CELDeviceSelector
  CELDeviceSelector = 1:expression:string
  DeviceClassConfiguration = 1:deviceConfiguration<:DeviceConfiguration
  DeviceConfiguration = 1:opaque:OpaqueDeviceConfiguration
  OpaqueDeviceConfiguration = 1:driver:string 2:parameters:RawExtension
  ResourceClaim = 1:metadata:meta.ObjectMeta 2:spec:ResourceClaimSpec 3:status:ResourceClaimStatus
  ResourceClaimSpec = 1:devices:DeviceClaim
  DeviceClaim = 1:requests:[]DeviceRequest 2:constraints:[]DeviceConstraint 3:config:[]DeviceClaimConfiguration
  DeviceRequest = 1:name:string 2:exactly:ExactDeviceRequest 3:firstAvailable:[]DeviceSubRequest
  ExactDeviceRequest = 1:deviceClassName:string 2:selectors:[]DeviceSelector 3:allocationMode:string 4:count?:int
      5:adminAccess:bool 6:tolerations:[]DeviceToleration 7:capacity:CapacityRequirements
  DeviceToleration = 1:key:string 2:operator:string 3:value:string 4:effect:string 5:tolerationSeconds:int
  CapacityRequirements = 1:requests:{}Quantity
  DeviceSubRequest = 1:name:string 2:deviceClassName:string 3:selectors:[]DeviceSelector 4:allocationMode:string
      5:count?:int 6:tolerations:[]DeviceToleration 7:capacity:CapacityRequirements
  DeviceConstraint = 1:requests:[]string 2:matchAttribute!:string 3:distinctAttribute!:string
  DeviceClaimConfiguration = 1:requests:[]string 2:deviceConfiguration<:DeviceConfiguration
  ResourceClaimStatus = 1:allocation:AllocationResult 2:reservedFor:[]ResourceClaimConsumerReference
      4:devices:[]AllocatedDeviceStatus
  AllocationResult = 1:devices:DeviceAllocationResult 3:nodeSelector:core.NodeSelector 5:allocationTimestamp:Time
  DeviceAllocationResult = 1:results:[]DeviceRequestAllocationResult 2:config:[]DeviceAllocationConfiguration
  DeviceRequestAllocationResult = 1:request:string 2:driver:string 3:pool:string 4:device:string 5:adminAccess:bool
      6:tolerations:[]DeviceToleration 7:bindingConditions:[]string 8:bindingFailureConditions:[]string
      9:shareID!:string 10:consumedCapacity:{}Quantity
  DeviceAllocationConfiguration = 1:source:string 2:requests:[]string 3:deviceConfiguration<:DeviceConfiguration
  ResourceClaimConsumerReference = 1:apiGroup:string 3:resource:string 4:name:string 5:uid:string
  AllocatedDeviceStatus = 1:driver:string 2:pool:string 3:device:string 7:shareID!:string
      4:conditions:[]meta.Condition 5:data:RawExtension 6:networkData:NetworkDeviceData
  NetworkDeviceData = 1:interfaceName:string 2:ips:[]string 3:hardwareAddress:string
  ResourceClaimTemplate = 1:metadata:meta.ObjectMeta 2:spec:ResourceClaimTemplateSpec
  ResourceClaimTemplateSpec = 1:metadata:meta.ObjectMeta 2:spec:ResourceClaimSpec
  ResourceSlice = 1:metadata:meta.ObjectMeta 2:spec:ResourceSliceSpec
  ResourceSliceSpec = 1:driver:string 2:pool:ResourcePool 3:nodeName!:string 4:nodeSelector:core.NodeSelector
      5:allNodes:bool 6:devices:[]Device 7:perDeviceNodeSelection:bool 8:sharedCounters:[]CounterSet
  ResourcePool = 1:name:string 2:generation:int 3:resourceSliceCount:int
  Device = 1:name:string 2:attributes:{}DeviceAttribute 3:capacity:{}DeviceCapacity
      4:consumesCounters:[]DeviceCounterConsumption 5:nodeName!:string 6:nodeSelector:core.NodeSelector
      7:allNodes:bool 8:taints:[]DeviceTaint 9:bindsToNode:bool 10:bindingConditions:[]string
      11:bindingFailureConditions:[]string 12:allowMultipleAllocations:bool
      13:nodeAllocatableResourceMappings:{}NodeAllocatableResourceMapping
  DeviceAttribute = 2:int:int 3:bool:bool 4:string!:string 5:version!:string 6:ints:[]int 7:bools:[]bool
      8:strings:[]string 9:versions:[]string
  DeviceCapacity = 1:value:Quantity 2:requestPolicy:CapacityRequestPolicy
  CapacityRequestPolicy = 1:default:Quantity 3:validValues:[]Quantity 4:validRange:CapacityRequestPolicyRange
  CapacityRequestPolicyRange = 1:min:Quantity 2:max:Quantity 3:step:Quantity
  DeviceCounterConsumption = 1:counterSet:string 2:counters:{}Counter
  Counter = 1:value:Quantity
  DeviceTaint = 1:key:string 2:value:string 3:effect:string 4:timeAdded:Time
  NodeAllocatableResourceMapping = 1:capacityKey!:string 2:allocationMultiplier:Quantity
  CounterSet = 1:name:string 2:counters:{}Counter
`,
  storage: `
  CSIDriver = 1:metadata:meta.ObjectMeta 2:spec:CSIDriverSpec
  CSIDriverSpec = 1:attachRequired:bool 2:podInfoOnMount:bool 3:volumeLifecycleModes:[]string 4:storageCapacity:bool
      5:fsGroupPolicy!:string 6:tokenRequests:[]TokenRequest 7:requiresRepublish:bool 8:seLinuxMount:bool
      9:nodeAllocatableUpdatePeriodSeconds:int 10:serviceAccountTokenInSecrets:bool
      11:preventPodSchedulingIfMissing:bool
  TokenRequest = 1:audience:string 2:expirationSeconds:int
  CSINode = 1:metadata:meta.ObjectMeta 2:spec:CSINodeSpec
  CSINodeSpec = 1:drivers:[]CSINodeDriver
  CSINodeDriver = 1:name:string 2:nodeID:string 3:topologyKeys:[]string 4:allocatable:VolumeNodeResources
  VolumeNodeResources = 1:count:int
  CSIStorageCapacity = 1:metadata:meta.ObjectMeta 2:nodeTopology:meta.LabelSelector 3:storageClassName:string
      4:capacity:Quantity 5:maximumVolumeSize:Quantity
  StorageClass = 1:metadata:meta.ObjectMeta 2:provisioner:string 3:parameters:{}string 4:reclaimPolicy!:string
      5:mountOptions:[]string 6:allowVolumeExpansion:bool 7:volumeBindingMode!:string
      8:allowedTopologies:[]core.TopologySelectorTerm
  VolumeAttachment = 1:metadata:meta.ObjectMeta 2:spec:VolumeAttachmentSpec 3:status:VolumeAttachmentStatus
  VolumeAttachmentSpec = 1:attacher:string 2:source:VolumeAttachmentSource 3:nodeName:string
  VolumeAttachmentSource = 1:persistentVolumeName!:string 2:inlineVolumeSpec:core.PersistentVolumeSpec
  VolumeAttachmentStatus = 1:attached:bool 2:attachmentMetadata:{}string 3:attachError:VolumeError
      4:detachError:VolumeError
  VolumeError = 1:time:Time 2:message:string 3:errorCode:int
`,
};
