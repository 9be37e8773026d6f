/** The kinds that the made-up API serves: those that controllers know, and those that objects of the input are of. */
import { type KubeObject, lookUpKind, type ServedKind } from '../../../core/index.ts';

/** apiVersion: kinds with their plural; a star marks what lives outside namespaces. */
const BUILT_IN: readonly (readonly [apiVersion: string, kinds: string])[] = [
  [
    'v1',
    'Namespace/namespaces* Node/nodes* Pod/pods Service/services Endpoints/endpoints ConfigMap/configmaps ' +
      'Secret/secrets ServiceAccount/serviceaccounts PersistentVolume/persistentvolumes* ' +
      'PersistentVolumeClaim/persistentvolumeclaims ReplicationController/replicationcontrollers',
  ],
  [
    'apps/v1',
    'Deployment/deployments ReplicaSet/replicasets StatefulSet/statefulsets DaemonSet/daemonsets ' +
      'ControllerRevision/controllerrevisions',
  ],
  ['batch/v1', 'Job/jobs CronJob/cronjobs'],
  ['discovery.k8s.io/v1', 'EndpointSlice/endpointslices'],
  ['coordination.k8s.io/v1', 'Lease/leases'],
  ['policy/v1', 'PodDisruptionBudget/poddisruptionbudgets'],
  ['scheduling.k8s.io/v1', 'PriorityClass/priorityclasses*'],
  ['node.k8s.io/v1', 'RuntimeClass/runtimeclasses*'],
  [
    'storage.k8s.io/v1',
    'StorageClass/storageclasses* CSINode/csinodes* CSIDriver/csidrivers* CSIStorageCapacity/csistoragecapacities',
  ],
];

export class KindTable {
  readonly #byType = new Map<string, ServedKind>();

  /** @param objects of which further kinds are served as well. */
  constructor(objects: Iterable<KubeObject> = []) {
    for (const [apiVersion, kinds] of BUILT_IN) {
      for (const word of kinds.split(' ')) {
        const [kind, resource] = word.replace('*', '').split('/');
        this.#add({ group: groupOf(apiVersion), resource, apiVersion, kind, namespaced: !word.endsWith('*') });
      }
    }
    for (const object of objects) if (!this.of(object)) this.#add(furtherKind(object));
  }

  /** undefined: not served. */
  of({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): ServedKind | undefined {
    return this.#byType.get(`${apiVersion} ${kind}`);
  }

  all(): ServedKind[] {
    return [...this.#byType.values()];
  }

  /** By what users write: 'deployment', 'deployments', 'Deployment'. */
  named(word: string): ServedKind | undefined {
    const lower = word.toLowerCase();
    return this.all().find(({ kind, resource }) => kind.toLowerCase() === lower || resource === lower);
  }

  #add(kind: ServedKind): void {
    this.#byType.set(`${kind.apiVersion} ${kind.kind}`, kind);
  }
}

function furtherKind({ apiVersion, kind, metadata }: KubeObject): ServedKind {
  const verdict = lookUpKind(apiVersion, kind);
  const known = 'known' in verdict ? verdict.known.namespaced : 'kept' in verdict ? verdict.namespaced : undefined;
  const lower = kind.toLowerCase();
  const resource = lower.endsWith('s') ? `${lower}es` : lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  return { group: groupOf(apiVersion), resource, apiVersion, kind, namespaced: known ?? Boolean(metadata.namespace) };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
