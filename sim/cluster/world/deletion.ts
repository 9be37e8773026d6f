/**
 * What a DELETE leaves: nothing, or an object that waits for a grace, a finalizer or a namespace's content.
 * Source: Kubernetes v1.36, apiserver/pkg/registry/rest/delete.go, generic/registry/store.go (Delete).
 */
import { isFinished, type KubeObject, type Pod, type ServedKind } from '../../../core/index.ts';
import { timeText } from './time-text.ts';

export interface DeletionRequest {
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  graceSeconds?: number;
}

const FINALIZERS: Readonly<Record<string, string>> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' };
const GRACE_SECONDS = 30;

/** undefined: nothing is left. The object itself where it waits already. */
export function marked(
  { kind }: ServedKind,
  old: KubeObject,
  { propagation, graceSeconds }: DeletionRequest,
  nowMs: number,
): KubeObject | undefined {
  const before = old.metadata.finalizers ?? [];
  const finalizers = propagation ? withPolicy(before, propagation) : before;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  const most = kind === 'Pod' ? graceOf(old as Pod) : 0;
  const asked = most === 0 ? 0 : (graceSeconds ?? most);
  const grace = deletionTimestamp ? Math.min(asked, deletionGracePeriodSeconds) : asked;
  if (finalizers.length === 0 && grace === 0 && !hasContent(kind, old)) return undefined;
  const isSame = finalizers.length === before.length && finalizers.every((one, i) => one === before[i]);
  if (deletionTimestamp && isSame && grace >= deletionGracePeriodSeconds) return old;
  const metadata = {
    ...old.metadata,
    deletionTimestamp: timeText(nowMs + grace * 1000),
    deletionGracePeriodSeconds: grace,
    finalizers,
    generation: (old.metadata.generation ?? 1) + (deletionTimestamp ? 0 : 1),
  };
  return withPhase(kind, { ...old, metadata });
}

/** The last finalizer went, and nobody's grace is waited for. */
export function isOver({ kind }: ServedKind, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  if (!deletionTimestamp || finalizers.length > 0 || deletionGracePeriodSeconds > 0) return false;
  return !hasContent(kind, object);
}

function withPolicy(finalizers: readonly string[], propagation: string): string[] {
  const others = finalizers.filter((one) => !Object.values(FINALIZERS).includes(one));
  const own = FINALIZERS[propagation];
  return own ? [...others, own] : others;
}

/** Seconds; 0 where nothing runs: not bound yet, or done. */
function graceOf(pod: Pod): number {
  if (!pod.spec.nodeName || isFinished(pod)) return 0;
  return pod.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS;
}

/** A namespace stays until the namespace controller has emptied it. */
function hasContent(kind: string, object: KubeObject): boolean {
  const { finalizers = [] } = (object as { spec?: { finalizers?: string[] } }).spec ?? {};
  return kind === 'Namespace' && finalizers.length > 0;
}

function withPhase(kind: string, object: KubeObject): KubeObject {
  const { status } = object as { status?: object };
  return kind === 'Namespace' ? ({ ...object, status: { ...status, phase: 'Terminating' } } as KubeObject) : object;
}
