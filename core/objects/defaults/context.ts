/** The other objects that defaults and admission look at: priority, runtime and storage classes. */
import type { KubeObject, Labels, PriorityClass, ResourceList, StorageClass, Toleration } from '../types.ts';

export interface RuntimeClass extends KubeObject {
  handler: string;
  overhead?: { podFixed?: ResourceList };
  scheduling?: { nodeSelector?: Labels; tolerations?: Toleration[] };
}

export interface DefaultsContext {
  priorityClasses?: ReadonlyMap<string, PriorityClass>;
  /** For pods that name no priority class. */
  globalDefault?: PriorityClass;
  runtimeClasses?: ReadonlyMap<string, RuntimeClass>;
  /** For claims that name no storage class. */
  defaultStorageClass?: StorageClass;
}

function systemClass(name: string, value: number): PriorityClass {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value };
}

/** Every cluster has these two. */
export const SYSTEM_PRIORITY_CLASSES: readonly PriorityClass[] = [
  systemClass('system-cluster-critical', 2_000_000_000),
  systemClass('system-node-critical', 2_000_001_000),
];

/** The classes among `objects`, and those that every cluster has. */
export function defaultsContext(objects: Iterable<KubeObject> = []): DefaultsContext {
  const priorityClasses = new Map(SYSTEM_PRIORITY_CLASSES.map((known) => [known.metadata.name, known]));
  const runtimeClasses = new Map<string, RuntimeClass>();
  const storageClasses: StorageClass[] = [];
  for (const object of objects) {
    const { name } = object.metadata ?? {};
    if (object.kind === 'PriorityClass') priorityClasses.set(name, object as PriorityClass);
    else if (object.kind === 'RuntimeClass') runtimeClasses.set(name, object as RuntimeClass);
    else if (object.kind === 'StorageClass') storageClasses.push(object as StorageClass);
  }
  return {
    priorityClasses,
    runtimeClasses,
    // Of several global defaults, the smallest value counts.
    globalDefault: [...priorityClasses.values()]
      .filter(({ globalDefault }) => globalDefault)
      .reduce<PriorityClass | undefined>((least, one) => (least && least.value <= one.value ? least : one), undefined),
    defaultStorageClass: newestDefault(storageClasses),
  };
}

const IS_DEFAULT = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** Of several default classes the newest counts, then the first by name. */
function newestDefault(classes: readonly StorageClass[]): StorageClass | undefined {
  const created = ({ metadata }: StorageClass): string => metadata.creationTimestamp ?? '';
  const [newest] = classes
    .filter(({ metadata }) => IS_DEFAULT.some((key) => metadata.annotations?.[key] === 'true'))
    .sort((a, b) => order(created(b), created(a)) || order(a.metadata.name, b.metadata.name));
  return newest;
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
