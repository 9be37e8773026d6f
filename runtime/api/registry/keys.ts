/** Where objects lie in the store: /registry/<group or core>/<plural>/[<namespace>/]<name>. */

export const ROOT = '/registry/';

/** '/registry/apps/deployments/'. */
export function prefixOf(group: string, plural: string): string {
  return `${ROOT}${group || 'core'}/${plural}/`;
}

/** Within the prefix of its kind: 'web/front', or 'node-1' without a namespace. */
export function objectKey(namespace: string, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** undefined for a key that is none of ours. `collection`: 'apps/deployments', 'core/pods'. */
export function splitKey(key: string): { collection: string; object: string } | undefined {
  if (!key.startsWith(ROOT)) return undefined;
  const plural = key.indexOf('/', ROOT.length);
  const object = plural < 0 ? -1 : key.indexOf('/', plural + 1);
  if (object < 0) return undefined;
  return { collection: key.slice(ROOT.length, object), object: key.slice(object + 1) };
}

/** As in splitKey. */
export function collectionKey(group: string, plural: string): string {
  return `${group || 'core'}/${plural}`;
}
