/** All kinds that are served, found by where a request points. Built-in rows stay; custom ones come and go. */
import { CLUSTER_KINDS } from './cluster.ts';
import { CORE_KINDS } from './core.ts';
import type { ApiKind } from './kind.ts';
import { WORKLOAD_KINDS } from './workloads.ts';

/** Groups in the order of discovery, which is the order in which `kubectl` prefers them; custom groups follow. */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
];

export interface GroupVersions {
  group: string;
  /** The preferred one first. */
  versions: readonly string[];
}

export class KindTable {
  readonly #byResource = new Map<string, ApiKind>();
  readonly #byKind = new Map<string, ApiKind>();
  /** Raised by every change: documents made of the table are made anew then. */
  generation = 0;

  constructor(rows: readonly ApiKind[] = [...CORE_KINDS, ...WORKLOAD_KINDS, ...CLUSTER_KINDS]) {
    for (const kind of rows) this.add(kind);
  }

  /** Replaces a row of the same group, version and plural. */
  add(kind: ApiKind): void {
    this.#byResource.set(resourceKey(kind.group, kind.version, kind.plural), kind);
    this.#byKind.set(resourceKey(kind.group, kind.version, kind.kind), kind);
    this.generation++;
  }

  remove(kind: ApiKind): void {
    this.#byResource.delete(resourceKey(kind.group, kind.version, kind.plural));
    this.#byKind.delete(resourceKey(kind.group, kind.version, kind.kind));
    this.generation++;
  }

  find(group: string, version: string, plural: string): ApiKind | undefined {
    return this.#byResource.get(resourceKey(group, version, plural));
  }

  ofKind(group: string, version: string, kind: string): ApiKind | undefined {
    return this.#byKind.get(resourceKey(group, version, kind));
  }

  /** The row of the preferred version. */
  preferred(group: string, plural: string): ApiKind | undefined {
    for (const kind of this.#byResource.values()) if (kind.group === group && kind.plural === plural) return kind;
    return undefined;
  }

  /** In the order they were added. */
  rows(): Iterable<ApiKind> {
    return this.#byResource.values();
  }

  inVersion(group: string, version: string): ApiKind[] {
    return [...this.rows()].filter((kind) => kind.group === group && kind.version === version);
  }

  /** In the order of discovery. */
  groups(): GroupVersions[] {
    const versions = new Map<string, string[]>();
    for (const { group, version } of this.rows()) {
      const known = versions.get(group);
      if (!known) versions.set(group, [version]);
      else if (!known.includes(version)) known.push(version);
    }
    const rank = (group: string): number => (GROUP_ORDER.indexOf(group) + 1 || GROUP_ORDER.length + 1) - 1;
    return [...versions]
      .map(([group, list]) => ({ group, versions: list.sort(comparePriority) }))
      .sort((a, b) => rank(a.group) - rank(b.group) || (a.group < b.group ? -1 : 1));
  }
}

/** Where the objects of a kind are kept: 'core/pods', 'apps/deployments'. */
export function storageOf(kind: ApiKind): { group: string; version: string; kind: string; plural: string } {
  return kind.storage ?? kind;
}

export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group ? `${group}/${version}` : version;
}

function resourceKey(group: string, version: string, name: string): string {
  return `${group}/${version}/${name}`;
}

/** v10, v2, v1, v1beta2, v1beta1, v1alpha1, then anything else by name. Source: apimachinery/pkg/version/helpers.go. */
export function comparePriority(a: string, b: string): number {
  const left = priorityOf(a);
  const right = priorityOf(b);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return right[i] - left[i];
  return a < b ? -1 : a > b ? 1 : 0;
}

function priorityOf(version: string): [number, number, number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return [0, 0, 0];
  const stage = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}
