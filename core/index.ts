/** The public face of the core: what sim/ and runtime/ may use. */
export * from './assert.ts';
export { carryOver } from './balancer/addresses/carry-over.ts';
export * from './balancer/addresses/service-allocator.ts';
export * from './balancer/eligibility/eligible.ts';
export * from './balancer/eligibility/health-check.ts';
export { healthCheckPort, isUnproxied, type ProxiedPort } from './balancer/eligibility/service-ports.ts';
export { type NodePlace, placeOf } from './balancer/eligibility/slice-endpoints.ts';
export type { BackendEndpoint } from './balancer/endpoint.ts';
export * from './balancer/endpoints/plan.ts';
export { CONTROLLER_NAME, isSliceOf, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from './balancer/endpoints/slice-labels.ts';
export * from './balancer/frontends.ts';
export { clientHash } from './balancer/hashing/text.ts';
export type { ServiceTable } from './balancer/pick/arrange.ts';
export * from './balancer/pick/explain.ts';
export * from './balancer/pick/outlier-ejection.ts';
export { NO_ENDPOINT, Picker } from './balancer/pick/picker.ts';
export { POLICIES } from './balancer/policies/registry.ts';
export { checkTables } from './balancer/tables/check.ts';
export { DEFAULT_LIMITS, type SharedTables, type TableLimits } from './balancer/tables/layout.ts';
export { BalancerTables, type TablesOptions } from './balancer/tables/tables.ts';
export { Tried } from './balancer/tables/tried.ts';
export * from './clock.ts';
export type { Cluster } from './cluster/cluster.ts';
export { CPU, MEMORY } from './cluster/columns.ts';
export * from './cluster/listers.ts';
export * from './cluster/node-tree.ts';
export type { PodRequest } from './cluster/pod-request.ts';
export * from './controllers/index.ts';
export * from './errors.ts';
export * from './library/create-scheduler.ts';
export * from './library/direct-scheduler.ts';
export { readObjects } from './library/intake.ts';
export * from './objects/defaults.ts';
export * from './objects/ip.ts';
export * from './objects/load.ts';
export { podRequests } from './objects/pod-requests.ts';
export { formatQuantity, INT64_MAX, NANO, nanoOf, parseQuantity } from './objects/quantity.ts';
export {
  compileLabelSelector,
  compileNodeSelector,
  isValidRequirement,
  nodeTermMatches,
  type Requirement,
  type Selector,
  selectorMatches,
} from './objects/selectors.ts';
export { isHardTaint, toleratedByAny } from './objects/tolerations.ts';
export * from './objects/types.ts';
export { formatPath, type Segment } from './objects/validate/context.ts';
export { lookUpKind } from './objects/validate/kinds.ts';
export { validate } from './objects/validate/validate.ts';
export * from './random.ts';
export * from './scheduler/attempts.ts';
export * from './scheduler/configuration.ts';
export * from './scheduler/create-queued-scheduler.ts';
export * from './scheduler/deciders.ts';
export * from './scheduler/decision.ts';
export { EngineDecider, type EngineOptions } from './scheduler/engine/decider.ts';
export * from './scheduler/explain.ts';
export * from './scheduler/framework.ts';
export * from './scheduler/inspect.ts';
export * from './scheduler/message.ts';
export * from './scheduler/plugins/scheduling-gates.ts';
export * from './scheduler/preemption/report.ts';
export * from './scheduler/profile.ts';
export * from './scheduler/queue/nominator.ts';
export type { PendingPod, QueueCounts } from './scheduler/queue/pending-pods.ts';
export { ScanDecider, type ScanOptions } from './scheduler/scan/decider.ts';
export * from './scheduler/schedule-one.ts';
export * from './scheduler/scheduler.ts';
export * from './scheduler/select-node.ts';
export * from './scheduler/with-plugin.ts';
