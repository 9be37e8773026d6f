/**
 * The types of Kubernetes as one plain table: what is read from client-node's model files and kept in the cache.
 * A type is written in a short text, so that the table stays small: 'string', 'int32', '[T' a list, '{T' a map,
 * '#Name' a definition.
 */
import type { Definition, FieldSchema, FieldType, ScalarType } from './schemas.ts';

export interface ModelTable {
  /** Of Kubernetes: '1.36'. */
  release: string;
  models: Record<string, Model>;
  /** 'apps/v1/Deployment' → 'V1Deployment'. */
  kinds: Record<string, string>;
}

export interface Model {
  description: string;
  /** JSON name → type, whether required, description. */
  fields: Record<string, [type: string, required: 0 | 1, description: string]>;
}

const DEFINITION = /^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/;

/** Go's name of the struct behind a model: 'CoreV1Event' → 'Event'. */
export function goNameOf(model: string): string {
  return model.replace(DEFINITION, '');
}

/** Go's package of a model, by its last element: 'V1beta1CronJob' → 'v1beta1'. */
export function goPackageOf(model: string): string {
  return /V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/.exec(model)?.[0].toLowerCase() ?? 'v1';
}

export function definitionsOf(table: ModelTable): Map<string, Definition> {
  const packages = packagesOf(table);
  const definitions = new Map<string, Definition>();
  for (const [name, { description, fields }] of Object.entries(table.models)) {
    const known = new Map<string, FieldSchema>();
    for (const [field, [type, required, words]] of Object.entries(fields)) {
      known.set(field, { type: parseType(type), required: required === 1, description: words });
    }
    const goName = goNameOf(name);
    const packageName = packages.get(name) ?? `io.k8s.api.core.${goPackageOf(name)}`;
    definitions.set(name, { name, goName, package: packageName, description, fields: known });
  }
  return definitions;
}

function parseType(text: string): FieldType {
  if (text[0] === '[') return { type: 'list', items: parseType(text.slice(1)) };
  if (text[0] === '{') return { type: 'map', values: parseType(text.slice(1)) };
  if (text[0] === '#') return { type: 'object', name: text.slice(1) };
  return { type: text as ScalarType };
}

// --- packages ------------------------------------------------------------------------------------------------------

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Structs of apimachinery; client-node does not tell them from those of an API group. */
const META_STRUCTS = [
  'ObjectMeta ListMeta OwnerReference ManagedFieldsEntry LabelSelector LabelSelectorRequirement Condition Status',
  'StatusDetails StatusCause DeleteOptions Preconditions FieldSelectorRequirement APIResource APIResourceList APIGroup',
  'APIGroupList APIVersions GroupVersionForDiscovery ServerAddressByClientCIDR WatchEvent',
]
  .join(' ')
  .split(' ');

/** Go package of each group whose name is not its first label. */
const GROUP_PACKAGES: Record<string, string> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  'flowcontrol.apiserver.k8s.io': 'io.k8s.api.flowcontrol',
  'internal.apiserver.k8s.io': 'io.k8s.api.apiserverinternal',
  'rbac.authorization.k8s.io': 'io.k8s.api.rbac',
};

/** A struct belongs to the first group whose kinds reach it: core's before all others', as those embed core's. */
function packagesOf(table: ModelTable): Map<string, string> {
  const found = new Map<string, string>(META_STRUCTS.map((name) => [`V1${name}`, META]));
  const kinds = Object.entries(table.kinds).sort(([a], [b]) => Number(isGrouped(a)) - Number(isGrouped(b)));
  for (const [kind, model] of kinds) {
    const [version, group] = kind.split('/').slice(0, -1).reverse();
    const prefix = GROUP_PACKAGES[group ?? ''] ?? `io.k8s.api.${(group ?? '').split('.')[0]}`;
    claim(table, model, `${prefix}.${version}`, found);
  }
  return found;
}

/** 'v1/Pod' is core's; 'apps/v1/Deployment' has a group. */
function isGrouped(kind: string): boolean {
  return kind.split('/').length === 3;
}

function claim(table: ModelTable, name: string, packageName: string, found: Map<string, string>): void {
  if (found.has(name) || !table.models[name]) return;
  found.set(name, packageName);
  for (const [type] of Object.values(table.models[name].fields)) {
    const inner = /#(.*)/.exec(type);
    if (inner) claim(table, inner[1], packageName, found);
  }
}
