/** The kinds that the garbage collector and the namespace controller look after: each place of objects once. */
import type { ServedKind } from '../../core/index.ts';
import { apiVersionOf, type KindTable, storageOf } from '../api/kinds/table.ts';

const NEEDED = ['list', 'watch', 'delete'];

export function servedKinds(kinds: KindTable): ServedKind[] {
  const served = new Map<string, ServedKind>();
  for (const row of kinds.rows()) {
    const { group, plural, kind, namespaced, verbs } = row;
    const key = `${group}/${plural}`;
    // Kept under another name, or found in another version already.
    if (storageOf(row).group !== group || storageOf(row).plural !== plural || served.has(key)) continue;
    if (!NEEDED.every((verb) => verbs.includes(verb))) continue;
    served.set(key, { group, resource: plural, apiVersion: apiVersionOf(row), kind, namespaced });
  }
  return [...served.values()];
}
