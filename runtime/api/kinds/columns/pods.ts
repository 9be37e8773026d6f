/** Pods and nodes as `kubectl get` shows them. Source: Kubernetes v1.36, pkg/printers/internalversion/printers.go. */
import { isPlainObject, type KubeObject, type PlainObject } from '../../../../core/objects/index.ts';
import type { Column } from '../kind.ts';
import { AGE, age, at, column, listOf, NONE, numberOf, orNone, textOf, wide } from './cell.ts';

/** An init container that keeps running beside the others. */
function isSidecar(pod: KubeObject, name: string): boolean {
  return listOf(pod, 'spec.initContainers').some((one) => one.name === name && one.restartPolicy === 'Always');
}

/** The one word that says how a pod is. */
export function podStatus(pod: KubeObject): string {
  const phase = textOf(pod, 'status.phase');
  let reason = textOf(pod, 'status.reason') || phase;
  const gated = listOf(pod, 'status.conditions').find(({ type }) => type === 'PodScheduled');
  if (gated?.reason === 'SchedulingGated') reason = 'SchedulingGated';
  const starting = initStatus(pod);
  if (starting !== undefined) reason = starting;
  else reason = containersStatus(pod, reason);
  if (pod.metadata.deletionTimestamp) {
    if (textOf(pod, 'status.reason') === 'NodeLost') return 'Unknown';
    if (phase !== 'Failed' && phase !== 'Succeeded') return 'Terminating';
  }
  return reason;
}

/** 'Init:1/2' while init containers stand between the pod and its start. */
function initStatus(pod: KubeObject): string | undefined {
  const total = listOf(pod, 'spec.initContainers').length;
  for (const [i, status] of listOf(pod, 'status.initContainerStatuses').entries()) {
    const ended = at(status, 'state.terminated');
    if (isPlainObject(ended) && ended.exitCode === 0) continue;
    if (isSidecar(pod, String(status.name)) && status.started === true) continue;
    if (isPlainObject(ended)) return `Init:${endedBecause(ended)}`;
    const waiting = textOf(status, 'state.waiting.reason');
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${i}/${total}`;
  }
  return undefined;
}

function endedBecause(ended: PlainObject): string {
  if (ended.reason) return String(ended.reason);
  return ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`;
}

function containersStatus(pod: KubeObject, fallback: string): string {
  let reason = fallback;
  let running = false;
  for (const status of listOf(pod, 'status.containerStatuses').reverse()) {
    const ended = at(status, 'state.terminated');
    const waiting = textOf(status, 'state.waiting.reason');
    if (waiting) reason = waiting;
    else if (isPlainObject(ended)) reason = endedBecause(ended);
    else if (status.ready === true && isPlainObject(at(status, 'state.running'))) running = true;
  }
  // A pod with one container done and another at work is not complete.
  if (reason !== 'Completed' || !running) return reason;
  const ready = listOf(pod, 'status.conditions').some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready ? 'Running' : 'NotReady';
}

function readyCount(pod: KubeObject): string {
  const sidecars = listOf(pod, 'spec.initContainers').filter(({ restartPolicy }) => restartPolicy === 'Always');
  const total = listOf(pod, 'spec.containers').length + sidecars.length;
  const running = ({ ready, state }: PlainObject): boolean =>
    ready === true && isPlainObject(at({ state }, 'state.running'));
  const inits = listOf(pod, 'status.initContainerStatuses').filter((one) => isSidecar(pod, String(one.name)));
  const ready = [...listOf(pod, 'status.containerStatuses'), ...inits].filter(running).length;
  return `${ready}/${total}`;
}

function restarts(pod: KubeObject, nowMs: number): string {
  let count = 0;
  let last = '';
  const sidecars = listOf(pod, 'status.initContainerStatuses').filter((one) => isSidecar(pod, String(one.name)));
  const starting = initStatus(pod) !== undefined;
  const looked = starting
    ? listOf(pod, 'status.initContainerStatuses')
    : [...listOf(pod, 'status.containerStatuses'), ...sidecars];
  for (const status of looked) {
    count += numberOf(status, 'restartCount');
    const finished = textOf(status, 'lastState.terminated.finishedAt');
    if (finished > last) last = finished;
  }
  return count > 0 && last ? `${count} (${age(last, nowMs)} ago)` : String(count);
}

function readinessGates(pod: KubeObject): string {
  const gates = listOf(pod, 'spec.readinessGates');
  if (gates.length === 0) return NONE;
  const conditions = listOf(pod, 'status.conditions');
  const met = gates.filter(({ conditionType }) =>
    conditions.some(({ type, status }) => type === conditionType && status === 'True'),
  );
  return `${met.length}/${gates.length}`;
}

export const podColumns: readonly Column[] = [
  column('Ready', readyCount, 'Containers that are ready, of all.'),
  column('Status', podStatus, 'How the pod is, in one word.'),
  column('Restarts', restarts, 'How often containers were started again, and when last.'),
  AGE,
  wide('IP', (pod) => orNone(textOf(pod, 'status.podIP')), 'Address of the pod.'),
  wide('Node', (pod) => orNone(textOf(pod, 'spec.nodeName')), 'Node the pod is bound to.'),
  wide(
    'Nominated Node',
    (pod) => orNone(textOf(pod, 'status.nominatedNodeName')),
    'Node kept for the pod by preemption.',
  ),
  wide('Readiness Gates', readinessGates, 'Gates that are met, of all.'),
];

// --- nodes ---------------------------------------------------------------------------------------------------------

function nodeStatus(node: KubeObject): string {
  const ready = listOf(node, 'status.conditions').find(({ type }) => type === 'Ready');
  const word = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return at(node, 'spec.unschedulable') === true ? `${word},SchedulingDisabled` : word;
}

const ROLE = 'node-role.kubernetes.io/';

function roles(node: KubeObject): string {
  const found: string[] = [];
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE) && key.length > ROLE.length) found.push(key.slice(ROLE.length));
    else if (key === 'kubernetes.io/role' && value) found.push(value);
  }
  return orNone([...new Set(found)].sort().join(','));
}

const address = (node: KubeObject, type: string): string =>
  orNone(textOf(listOf(node, 'status.addresses').find((one) => one.type === type) ?? {}, 'address'));

const info = (field: string) => (node: KubeObject) => textOf(node, `status.nodeInfo.${field}`) || '<unknown>';

export const nodeColumns: readonly Column[] = [
  column('Status', nodeStatus, 'Whether the node is ready, and may be scheduled on.'),
  column('Roles', roles, 'Roles by the labels of the node.'),
  AGE,
  column('Version', (node) => textOf(node, 'status.nodeInfo.kubeletVersion'), 'Version of the node agent.'),
  wide('Internal-IP', (node) => address(node, 'InternalIP'), 'Address inside the cluster.'),
  wide('External-IP', (node) => address(node, 'ExternalIP'), 'Address outside the cluster.'),
  wide('OS-Image', info('osImage'), 'Operating system of the node.'),
  wide('Kernel-Version', info('kernelVersion'), 'Kernel of the node.'),
  wide('Container-Runtime', info('containerRuntimeVersion'), 'Container runtime of the node.'),
];
