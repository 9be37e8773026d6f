/** A cache over a plain list of objects: what auth and admission read, without a server. */
import type { KubeObject } from '../../../../core/index.ts';
import type { VersionedView } from '../../../../runtime/api/auth/faces.ts';

/** Plurals that are not the kind in lower case with an s. */
const PLURALS: Readonly<Record<string, string>> = {
  PriorityClass: 'priorityclasses',
  StorageClass: 'storageclasses',
  RuntimeClass: 'runtimeclasses',
  IngressClass: 'ingressclasses',
  Ingress: 'ingresses',
};

export class FakeView implements VersionedView {
  objects: KubeObject[];
  readonly #versions = new Map<string, number>();

  constructor(objects: readonly KubeObject[] = []) {
    this.objects = [...objects];
  }

  add(...objects: KubeObject[]): this {
    this.objects.push(...objects);
    for (const object of objects) this.#raise(object);
    return this;
  }

  /** The object of the same kind, namespace and name gives way. */
  put(object: KubeObject): this {
    this.objects = this.objects.filter((other) => !isSame(other, object));
    return this.add(object);
  }

  remove(object: KubeObject): void {
    this.objects = this.objects.filter((other) => !isSame(other, object));
    this.#raise(object);
  }

  get(group: string, resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.objects.find(
      (object) =>
        isOf(object, group, resource) &&
        (object.metadata.namespace ?? '') === namespace &&
        object.metadata.name === name,
    );
  }

  list(group: string, resource: string, namespace?: string): KubeObject[] {
    return this.objects.filter(
      (object) => isOf(object, group, resource) && (namespace === undefined || object.metadata.namespace === namespace),
    );
  }

  version(group: string, resource: string): number {
    return this.#versions.get(`${group}/${resource}`) ?? 0;
  }

  #raise({ apiVersion, kind }: KubeObject): void {
    const key = `${groupOf(apiVersion)}/${pluralOf(kind)}`;
    this.#versions.set(key, (this.#versions.get(key) ?? 0) + 1);
  }
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return (
    a.kind === b.kind &&
    a.apiVersion === b.apiVersion &&
    (a.metadata.namespace ?? '') === (b.metadata.namespace ?? '') &&
    a.metadata.name === b.metadata.name
  );
}

function isOf({ apiVersion, kind }: KubeObject, group: string, resource: string): boolean {
  return groupOf(apiVersion) === group && pluralOf(kind) === resource;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

export function pluralOf(kind: string): string {
  return PLURALS[kind] ?? `${kind.toLowerCase()}s`;
}
