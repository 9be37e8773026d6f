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
  if (last === undefined || !key.startsWith(last.prefix)) {
    if (!key.startsWith(ROOT)) return undefined;
    const plural = key.indexOf('/', ROOT.length);
    const object = plural < 0 ? -1 : key.indexOf('/', plural + 1);
    if (object < 0) return undefined;
    last = { prefix: key.slice(0, object + 1), collection: key.slice(ROOT.length, object) };
  }
  return { collection: last.collection, object: key.slice(last.prefix.length) };
}

/** Keys of one kind come in a row. */
let last: { prefix: string; collection: string } | undefined;

/** As in splitKey. Kinds are few, and a text made once is hashed once. */
export function collectionKey(group: string, plural: string): string {
  let ofGroup = collectionKeys.get(group);
  if (!ofGroup) collectionKeys.set(group, (ofGroup = new Map()));
  let key = ofGroup.get(plural);
  if (key === undefined) ofGroup.set(plural, (key = `${group || 'core'}/${plural}`));
  return key;
}

/** By group, then by plural. */
const collectionKeys = new Map<string, Map<string, string>>();
