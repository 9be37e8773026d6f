/** The face of the objects for who checks and completes them, the API server: schemas, formats, defaults. */
export { withMergedLabelKeys } from './defaults/label-keys.ts';
export { defaultPodResources } from './defaults/resources.ts';
export { defaultEndpointSlice, defaultService } from './defaults/service.ts';
export { parseYamlBody } from './load/yaml-text.ts';
export { NANO, parseQuantity } from './quantity.ts';
export type * from './types.ts';
export { Context, type Finding, formatPath, type Segment } from './validate/context.ts';
export { isTooDeep, NESTING_LIMIT } from './validate/depth.ts';
export {
  dns1035Label,
  dnsSubdomain,
  pathSegment,
  portName,
  portNumber,
  qualifiedName,
  quantity,
} from './validate/formats.ts';
export { lookUpKind } from './validate/kinds.ts';
export { labelSelector, metadata } from './validate/metadata.ts';
export { podTemplate } from './validate/pod.ts';
export * from './validate/schema.ts';
