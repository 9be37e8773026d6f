/**
 * Subresources that take one part of an object and leave the rest: a namespace's finalizers, a pod's ephemeral
 * containers, the resources of its containers. Source: Kubernetes v1.36, pkg/registry/core/{namespace,pod}/strategy.go.
 */
import { isDeepStrictEqual } from 'node:util';
import { invalid } from '../../http/status.ts';
import { type ApiObject, isMap, valueAt } from '../../object.ts';

/** @param next the object as the client would have it. @returns what is taken of it. */
export type TakePart = (next: ApiObject, old: ApiObject) => ApiObject;

/** By '<plural>/<subresource>' of the core group. */
export const PARTS_OF_OBJECT: Readonly<Record<string, TakePart>> = {
  'namespaces/finalize': (next, old) => withSpec(next, old, { finalizers: valueAt(next, 'spec.finalizers') }),

  'pods/ephemeralcontainers': (next, old) => {
    const before = listAt(old, 'spec.ephemeralContainers');
    const after = listAt(next, 'spec.ephemeralContainers');
    for (const container of before) {
      if (after.some((other) => isDeepStrictEqual(other, container))) continue;
      const message = `Forbidden: existing ephemeral containers ${JSON.stringify(nameOf(container))} may not be changed`;
      const cause = { reason: 'FieldValueForbidden', field: 'spec.ephemeralContainers', message };
      throw invalid('', 'Pod', old.metadata.name, [cause]);
    }
    return withSpec(next, old, { ephemeralContainers: after });
  },

  'pods/resize': (next, old) =>
    withSpec(next, old, {
      containers: resized(old, next, 'spec.containers'),
      initContainers: resized(old, next, 'spec.initContainers'),
    }),
};

function withSpec(next: ApiObject, old: ApiObject, changed: Record<string, unknown>): ApiObject {
  const { resourceVersion, uid } = next.metadata;
  const spec: Record<string, unknown> = { ...(old.spec as object) };
  for (const [field, value] of Object.entries(changed)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) delete spec[field];
    else spec[field] = value;
  }
  return { ...old, metadata: { ...old.metadata, resourceVersion, uid }, spec };
}

/** The old containers with the new ones' resources and resize policies. */
function resized(old: ApiObject, next: ApiObject, path: string): unknown[] {
  const wanted = new Map(listAt(next, path).map((container) => [nameOf(container), container]));
  return listAt(old, path).map((container) => {
    const other = wanted.get(nameOf(container));
    if (!isMap(container) || !isMap(other)) return container;
    const { resources: _, resizePolicy: __, ...rest } = container;
    const { resources, resizePolicy } = other;
    return {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

function listAt(object: ApiObject, path: string): unknown[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value : [];
}

function nameOf(container: unknown): unknown {
  return isMap(container) ? container.name : undefined;
}
