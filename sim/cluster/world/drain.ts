/**
 * Nodes drained as `kubectl drain` does it: all are cordoned, then one after the other its pods are evicted, all at once;
 * what a disruption budget refuses is tried again every five seconds, and what was evicted is waited for.
 * Source: Kubernetes v1.36, k8s.io/kubectl/pkg/drain/{drain,filters}.go.
 */
import { controllerOf, isFinished, keyOf, NODES, type Node, PODS, type Pod } from '../../../core/index.ts';
import type { DrainOptions } from '../scenario/scenario.ts';
import type { Agenda } from './agenda.ts';
import type { MadeUpApi } from './api.ts';

const RETRY_MS = 5000;
const POLL_MS = 1000;
export const DRAIN = 'drain';

export interface Drained {
  evicted: number;
  /** Evictions that a budget refused; each is tried again. */
  refused: number;
  /** Why it ended before all pods were gone. */
  problem?: string;
}

export interface DrainParts {
  agenda: Agenda;
  api: MadeUpApi;
  evicted(pod: Pod): void;
  refused(pod: Pod, message: string): void;
}

export class Drain {
  readonly #parts: DrainParts;
  readonly #options: DrainOptions;
  readonly #result: Drained = { evicted: 0, refused: 0 };
  readonly #done: (result: Drained) => void;
  #isOver = false;
  #left = 0;

  /** @param done called once, when the nodes are empty or the drain has given up. */
  constructor(parts: DrainParts, options: DrainOptions, done: (result: Drained) => void) {
    this.#parts = parts;
    this.#options = options;
    this.#done = done;
  }

  start(nodes: readonly string[]): void {
    const { agenda } = this.#parts;
    const { timeoutMs } = this.#options;
    for (const node of nodes) setUnschedulable(this.#parts.api, node, true, DRAIN);
    if (timeoutMs !== undefined) agenda.after(timeoutMs, () => this.#end('it took longer than its timeout'));
    this.#next([...nodes]);
  }

  #next(nodes: string[]): void {
    const node = nodes.shift();
    if (node === undefined) {
      this.#end();
      return;
    }
    const pods = this.#podsToEvict(node);
    if (!pods) return;
    this.#left = pods.length;
    const gone = (): void => {
      if (--this.#left === 0) this.#next(nodes);
    };
    if (pods.length === 0) this.#next(nodes);
    for (const pod of pods) this.#evict(pod, gone);
  }

  /** undefined: one of them may not go, and the drain is over. */
  #podsToEvict(node: string): Pod[] | undefined {
    const pods = ([...this.#parts.api.objects.list(PODS)] as Pod[]).filter(({ spec }) => spec.nodeName === node);
    const chosen: Pod[] = [];
    for (const pod of pods) {
      const verdict = verdictOn(pod, this.#options);
      if (verdict === 'evict') chosen.push(pod);
      else if (verdict !== 'leave') {
        this.#end(`${keyOf(pod)} ${verdict}`);
        return undefined;
      }
    }
    return chosen;
  }

  #evict(pod: Pod, gone: () => void): void {
    if (this.#isOver) return;
    const { agenda, api, evicted, refused } = this.#parts;
    const { namespace = '', name, uid } = pod.metadata;
    const live = api.objects.get(PODS, namespace, name);
    if (live?.metadata.uid !== uid) {
      gone();
      return;
    }
    const { refusal } = api.evict(namespace, name, DRAIN);
    if (refusal?.code === 429) {
      this.#result.refused++;
      refused(pod, refusal.message);
      agenda.after(RETRY_MS, () => this.#evict(pod, gone));
    } else if (refusal) {
      this.#end(`${keyOf(pod)}: ${refusal.message}`);
    } else {
      this.#result.evicted++;
      evicted(pod);
      this.#awaitEnd(pod, gone);
    }
  }

  #awaitEnd(pod: Pod, gone: () => void): void {
    const { agenda, api } = this.#parts;
    agenda.after(POLL_MS, () => {
      if (this.#isOver) return;
      if (api.objects.of(PODS).get(keyOf(pod))?.metadata.uid === pod.metadata.uid) this.#awaitEnd(pod, gone);
      else gone();
    });
  }

  #end(problem?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done({ ...this.#result, ...(problem !== undefined && { problem }) });
  }
}

function verdictOn(pod: Pod, { force, ignoreDaemonSets, deleteEmptyDirData }: DrainOptions): string {
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'leave';
  const owner = controllerOf(pod);
  if (owner?.kind === 'DaemonSet') return ignoreDaemonSets ? 'leave' : "is a DaemonSet's (ignore-daemonsets)";
  if (isFinished(pod)) return 'evict';
  if (!owner && !force) return 'has no controller that makes it anew (force)';
  const hasEmptyDir = (pod.spec.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined);
  return hasEmptyDir && !deleteEmptyDirData ? 'has data in an emptyDir (delete-emptydir-data)' : 'evict';
}

export function setUnschedulable(api: MadeUpApi, node: string, unschedulable: boolean, by: string): void {
  api.change(
    NODES,
    node,
    (object) => {
      const { unschedulable: _, ...spec } = (object as Node).spec ?? {};
      return { ...object, spec: unschedulable ? { ...spec, unschedulable } : spec } as Node;
    },
    by,
  );
}
