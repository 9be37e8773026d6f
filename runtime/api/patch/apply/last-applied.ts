/**
 * From client-side to server-side apply: what kubectl once applied from the client is its own.
 * Source: Kubernetes v1.36, util/managedfields/internal (lastappliedmanager.go, lastappliedupdater.go).
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { isMap } from '../../object.ts';
import type { MergeType } from '../faces.ts';
import { compare, fieldSetOf } from './compare.ts';
import { difference, FieldSet } from './field-set.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** The only manager for whom the annotation counts. */
export const KUBECTL = 'kubectl';

/** Fields the annotation names and the object still holds unchanged: kubectl may take them from whoever owns them. */
export function lastAppliedSet(live: KubeObject, type: MergeType): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  const applied = text === undefined ? undefined : parse(text);
  if (!isMap(applied) || applied.apiVersion !== live.apiVersion) return new FieldSet();
  const { added, modified, removed } = compare(applied, live, type);
  return [added, modified, removed].reduce(difference, fieldSetOf(applied, type));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Written by someone else: it names nothing.
  }
}

/** The annotation, where there is one, says what has been applied now. */
export function syncLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const annotations = object.metadata.annotations;
  if (!annotations?.[LAST_APPLIED]) return object;
  const { [LAST_APPLIED]: _, ...own } = applied.metadata.annotations ?? {};
  const metadata = { ...applied.metadata, annotations: own };
  const text = `${JSON.stringify({ ...applied, metadata })}\n`;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}
